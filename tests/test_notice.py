import json
from contextlib import closing
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models import noojee_call_turn, noojee_notice_count

from .common import TOO_LONG_FOR_AN_INDEX, NoojeeCommon

ENDED_ANSWERED = ("ended", "answered")


@tagged("post_install", "-at_install", "noojee")
class TestNotice(HttpCase, NoojeeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        action = cls.pbx.action_new_notice_token()
        cls.token = action["context"]["default_token"]

    def notice(self, body, token=None, pbx_id=None, **headers):
        if not isinstance(body, (str, dict)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if token != "":
            headers["X-Noojee-Token"] = token or self.token
        return self.url_open(
            f"/noojee/notice/{pbx_id or self.pbx.id}", data=body, headers=headers
        )

    def ringing(self, **data):
        return {
            "exten": "101",
            "CallID": 10,
            "CallData": {
                "status": "Ringing",
                "callerId": "0370109876",
                "uniqueCallId": "1412750652.496",
                "inbound": True,
                "canAnswer": True,
                **data,
            },
        }

    def calls(self):
        return self.env["noojee.call"].search([("pbx_id", "=", self.pbx.id)])

    def test_notice_in_json(self):
        reply = self.notice([self.ringing()])
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(self.calls().partner_id, self.customer)
        self.assertNotIn("Priya", reply.text)

    def test_repeated_notice_makes_no_second_call(self):
        self.notice([self.ringing()])
        self.notice([self.ringing()])
        self.assertEqual(len(self.calls()), 1)

    def test_id_that_is_written_as_a_number(self):
        body = json.dumps([self.ringing(uniqueCallId="1412750652.490")])
        self.notice(
            body.replace('"1412750652.490"', "1412750652.490"),
            **{"Content-Type": "application/json"},
        )
        self.assertEqual(self.calls().channel_ids.unique_call_id, "1412750652.490")

    def test_notice_in_form_fields(self):
        form = {"exten": "101", **self.ringing()["CallData"]}
        reply = self.notice({name: str(value) for name, value in form.items()})
        self.assertEqual(reply.status_code, 200)
        self.assertEqual(self.calls().state, "ringing")

    def test_status_that_is_none_is_named(self):
        """Whoever writes the dial plan sees it; nobody else does, until it is known
        what the call does."""
        reply = self.notice([self.ringing(status="Hangup")])
        self.assertEqual(reply.status_code, 200)
        self.assertIn("Hangup", reply.text)
        self.assertIn("Hungup", reply.text)
        self.assertEqual(self.shown(), [])
        self.assertNotIn("Hangup", self.notice([self.ringing()]).text)
        self.assertEqual([call["state"] for call in self.shown()], ["ringing"])

    def shown(self):
        """What stands on the user's screen."""
        return self.env["noojee.call"].with_user(self.anna).get_phone_state()["calls"]

    def test_desk_as_dial_plans_name_it(self):
        self.notice([{**self.ringing(), "exten": "SIP/101"}])
        self.assertEqual(self.calls().channel_ids.extension_number, "101")

    def test_refusals(self):
        ringing = [self.ringing()]
        unset = self.pbx.copy({"name": "No token"})
        cases = [
            ({"token": ""}, 403),
            ({"token": "wrong"}, 403),
            ({"pbx_id": unset.id}, 403),
            ({"pbx_id": 0x7FFFFFFF}, 403),
        ]
        for how, status in cases:
            with self.subTest(how):
                self.assertEqual(self.notice(ringing, **how).status_code, status)
        self.assertFalse(self.calls())

    def test_bodies_that_are_no_notice(self):
        for body in [[{}], ["text"], [{"exten": "101", "CallData": "x"}], [[]]]:
            with self.subTest(body):
                self.assertEqual(self.notice(body).status_code, 400)
        broken = self.notice("{", **{"Content-Type": "application/json"})
        self.assertEqual(broken.status_code, 400)
        deep = self.notice("[" * 60_000, **{"Content-Type": "application/json"})
        self.assertEqual(deep.status_code, 400)
        self.assertFalse(self.calls())

    @mute_logger("odoo.addons.noojee.models.noojee_call_ingest", "odoo.sql_db")
    def test_notice_that_cannot_be_taken_in_is_wanted_again(self):
        broken = self.ringing(uniqueCallId=TOO_LONG_FOR_AN_INDEX)
        reply = self.notice([broken, self.ringing()])
        self.assertEqual(reply.status_code, 503)
        self.assertEqual(reply.headers["Retry-After"], "1")
        self.assertNotIn(TOO_LONG_FOR_AN_INDEX, reply.text)
        self.assertEqual(self.calls().partner_id, self.customer)
        # what fails again is not asked for for ever
        self.assertEqual(self.notice([broken]).status_code, 200)

    def test_notice_while_another_takes_long(self):
        with (
            closing(db_connect(self.env.cr.dbname).cursor()) as other,
            patch.object(noojee_call_turn, "LOCK_SECONDS", 0.1),
            mute_logger("odoo.sql_db"),
        ):
            other.execute(
                "SELECT pg_advisory_lock(%s, %s)",
                [noojee_call_turn.INGEST_LOCK_CLASS, self.pbx.id],
            )
            try:
                reply = self.notice([self.ringing()])
            finally:
                # its connection goes back to the pool, with whatever it holds
                other.execute("SELECT pg_advisory_unlock_all()")
        self.assertEqual(reply.status_code, 503)
        self.assertEqual(self.notice([self.ringing()]).status_code, 200)

    def test_body_that_is_too_large(self):
        reply = self.notice([self.ringing(callerId="0" * 100_000)])
        self.assertEqual(reply.status_code, 413)

    def test_new_token_ends_the_old_one(self):
        self.pbx.action_new_notice_token()
        self.assertEqual(self.notice([self.ringing()]).status_code, 403)

    def test_token_is_kept_nowhere(self):
        wizard = self.env["noojee.notice.token"].create({"pbx_id": self.pbx.id})
        self.assertFalse(wizard.token)
        stored = self.pbx.sudo().notice_token_digest
        self.assertNotIn(self.token, stored)

    def test_notices_only_from_some_addresses(self):
        for addresses, status in [
            ("192.0.2.7", 403),
            ("192.0.2.0/24, 2001:db8::/32", 403),
            ("192.0.2.7, 127.0.0.1", 200),
            ("127.0.0.0/8 ::1", 200),
            ("::ffff:127.0.0.1", 403),
            (False, 200),
        ]:
            with self.subTest(addresses):
                self.pbx.notice_addresses = addresses
                self.assertEqual(self.notice([self.ringing()]).status_code, status)

    def test_sender_behind_a_server_on_ipv6(self):
        self.pbx.notice_addresses = "192.0.2.0/24"
        self.assertTrue(self.pbx._accepts_address("::ffff:192.0.2.7"))
        self.assertFalse(self.pbx._accepts_address("::ffff:198.51.100.7"))
        self.assertFalse(self.pbx._accepts_address(""))

    def test_addresses_that_are_none(self):
        for addresses in ("pbx.example.com", "192.0.2.300", "10.0.0.0/40"):
            with self.subTest(addresses), self.assertRaises(ValidationError):
                self.pbx.notice_addresses = addresses

    def test_too_many_notices(self):
        with patch.object(noojee_notice_count, "NOTICES", 2):
            # who has no token uses up nothing
            self.notice([self.ringing()], token="wrong")
            replies = [self.notice([self.ringing()]) for _ in range(3)]
        self.assertEqual([reply.status_code for reply in replies], [200, 200, 429])
        self.assertGreaterEqual(int(replies[-1].headers["Retry-After"]), 1)
        self.assertEqual(len(self.calls()), 1)

    def test_limit_is_a_system_parameter(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("noojee.notice_limit", "1")
        replies = [self.notice([self.ringing()]) for _ in range(2)]
        self.assertEqual([reply.status_code for reply in replies], [200, 429])

    def test_answer_does_not_tell_whether_a_number_is_known(self):
        known = self.notice([self.ringing()])
        unknown = self.notice(
            [self.ringing(callerId="0491570156", uniqueCallId="1412750652.497")]
        )
        self.assertEqual(known.text, unknown.text)
        self.assertEqual(len(self.calls()), 2)

    # === WHAT COMES BY THIS DOOR === #

    def report(self, *rows):
        """Rows: desk, status, and what differs; each a notice of its own."""
        for desk, status, *more in rows:
            row = self.ringing(
                status=status,
                uniqueCallId=f"1412750652.{desk}",
                **(more[0] if more else {}),
            )
            self.assertEqual(self.notice([row | {"exten": desk}]).status_code, 200)

    def ten_desks(self):
        desks = [str(number) for number in range(201, 211)]
        self.env["noojee.extension"].create(
            [{"pbx_id": self.pbx.id, "number": desk} for desk in desks]
        )
        return desks

    def test_queue_of_ten_desks_answered_at_one(self):
        desks = self.ten_desks()
        queue = {"isQueueCall": True, "secondaryUniqueCallId": "1412750600.1"}
        self.report(*[(desk, "Ringing", queue) for desk in desks])
        self.report(("205", "Connected", queue))
        self.report(*[(desk, "Hungup", queue) for desk in desks])
        call = self.calls()
        self.assertEqual((len(call), len(call.channel_ids)), (1, 10))
        self.assertEqual(call.outcome, "answered")
        outcomes = call.channel_ids.mapped("outcome")
        self.assertEqual(outcomes.count("elsewhere"), 9)
        self.assertNotIn("missed", outcomes)

    def test_queue_of_ten_desks_that_nobody_answers(self):
        desks = self.ten_desks()
        queue = {"isQueueCall": True}
        self.report(*[(desk, "Ringing", queue) for desk in desks])
        self.report(*[(desk, "Hungup", queue) for desk in desks])
        self.assertEqual(len(self.calls()), 1)
        self.assertEqual(self.calls().outcome, "missed")

    def test_notices_without_a_call_id(self):
        row = self.ringing(uniqueCallId="")
        self.notice([row])
        row["CallData"]["status"] = "Hungup"
        self.notice([row])
        self.assertEqual(len(self.calls()), 1)
        self.assertEqual(self.calls().outcome, "missed")
        nameless = self.ringing(uniqueCallId="") | {"CallID": ""}
        for _repeat in range(2):
            self.assertEqual(self.notice([nameless]).status_code, 200)
        self.assertEqual(self.calls().mapped("state"), ["ringing", "ended"])

    def test_notices_that_overtake_each_other(self):
        self.report(("101", "Connected"), ("101", "Ringing"), ("101", "Hungup"))
        self.report(("101", "Connected"), ("101", "Parked"))
        self.assertEqual(len(self.calls()), 1)
        self.assertEqual((self.calls().state, self.calls().outcome), ENDED_ANSWERED)

    def test_answer_that_is_told_after_the_end(self):
        self.report(("101", "Ringing"), ("101", "Hungup"))
        call = self.calls()
        entry = call.missed_call_id
        self.assertEqual((call.outcome, entry.state), ("missed", "open"))
        self.report(("101", "Connected"))
        self.assertEqual((call.state, call.outcome), ENDED_ANSWERED)
        self.assertEqual(call.answered_at, call.ended_at)
        self.assertFalse(call.channel_ids.is_missed_unseen)
        self.assertNotEqual(entry.exists().state, "open")
        self.assertIn("talked", call.message_id.body)

    def test_answer_that_is_told_when_only_the_end_was(self):
        self.report(("101", "Hungup"))
        self.assertEqual(self.calls().outcome, "unknown")
        self.report(("101", "Connected"))
        self.assertEqual((self.calls().state, self.calls().outcome), ENDED_ANSWERED)
        self.assertTrue(self.calls().has_rung)

    def test_one_notice_in_disorder(self):
        rows = [self.ringing(status=s) for s in ("Hungup", "Connected", "Ringing")]
        self.notice(rows)
        self.assertEqual((self.calls().state, self.calls().outcome), ENDED_ANSWERED)

    def test_call_placed_by_the_dialler(self):
        dialled = {"inbound": False, "outboundDestination": "0370109876"}
        self.report(("101", "Dialing Out", dialled), ("101", "Connected", dialled))
        call = self.calls()
        self.assertEqual((call.direction, call.state), ("outbound", "connected"))
        self.assertEqual((call.user_id, call.partner_id), (self.anna, self.customer))

    # === BESIDE THE LISTENER === #

    def told_twice(self, *who):
        """A call that rings at a desk, told by a dial plan and by the PBX itself."""
        caller = {"secondaryUniqueCallId": "1412750600.1", "isQueueCall": True}
        told = {
            "dial plan": self.ringing(
                uniqueCallId="1412750600.1-101", canAnswer=False, **caller
            ),
            "PBX": self.ringing(**caller),
        }
        # who makes ids up knows no number of the PBX's
        del told["dial plan"]["CallID"]
        for teller in who:
            self.notice([told[teller]])
        call = self.calls()
        self.assertEqual(len(call.channel_ids), len(who))
        return call.with_user(self.anna)

    def test_desk_that_is_told_of_twice_rings_once(self):
        for who in (("PBX", "dial plan"), ("dial plan", "PBX")):
            with self.subTest(who):
                call = self.told_twice(*who)
                payload = call._payload(self.anna)
                self.assertEqual(payload["other_desks"], 0)
                self.assertTrue(payload["can_answer"])
                # who ignored it is not shown it again
                first = call.channel_ids.sorted("id")[0]
                self.assertEqual(payload["channel_id"], first.id)
                self.calls().unlink()

    def test_pbx_is_asked_by_its_own_id(self):
        call = self.told_twice("dial plan", "PBX")
        self.simulator.faults({"method": "answer", "kind": "http500"})
        with self.assertRaises(UserError):
            call.action_answer()
        [asked] = self.simulator.requests("answer")
        self.assertEqual(asked["params"]["uniqueId"], "1412750652.496")

    def test_other_desks_are_counted_once(self):
        call = self.told_twice("dial plan", "PBX")
        self.assertEqual(call._payload(self.ben)["other_desks"], 1)
