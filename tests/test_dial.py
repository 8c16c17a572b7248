import socket
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.noojee.client import CallEvent
from odoo.addons.noojee.models import noojee_call_dial

from .common import API_KEY, NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestDial(NoojeeCommon):
    def test_dial_from_a_contact(self):
        action = self.action_call(self.customer)
        self.assertEqual(action["tag"], "noojee.show_call")
        call = self.call()
        self.assertEqual(call.partner_id, self.customer)
        self.assertEqual(call.record_ref, self.customer)
        self.assertEqual(call.user_id, self.anna)
        self.assertEqual(call.number_e164, "+61370109876")
        [dialled] = self.simulator.requests("dial")
        self.assertEqual(dialled["verb"], "POST")
        self.assertEqual(dialled["params"]["number"], "0370109876")
        self.assertEqual(dialled["params"]["extenOrUniqueId"], "SIP/101")
        self.assertEqual(dialled["params"]["monitored"], "yes")
        self.assertEqual(
            dialled["params"]["autoAnswer"], "Call-Info:\\; answer-after=0"
        )

    def test_dialled_call_is_followed_to_its_end(self):
        self.action_call(self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        self.assertEqual(call.channel_ids.user_id, self.anna)
        with self.own_cursors():
            call.with_user(self.anna).action_hang_up()
        self.listen_until(lambda: call.state == "ended")
        self.assertEqual(call.outcome, "answered")
        self.assertEqual(len(self.env["noojee.call"].search([])), 1)

    def test_order_dials_its_customer(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.action_call(order)
        self.assertEqual(self.call().record_ref, order)
        self.assertEqual(self.call().partner_id, self.customer)

    def test_second_dial_waits_for_the_first(self):
        # nobody listens: the first stays without its channel
        self.action_call(self.customer)
        with self.assertRaisesRegex(UserError, "being dialled"):
            self.action_call(self.customer)
        self.assertEqual(len(self.simulator.requests("dial")), 1)

    def test_dial_that_never_rang_is_given_up(self):
        self.action_call(self.customer)
        first = self.call()
        first.started_at -= 2 * noojee_call_dial.DIAL_PENDING
        self.env.flush_all()
        self.action_call(self.customer)
        self.assertEqual((first.state, first.outcome), ("ended", "unknown"))
        self.assertEqual(len(self.simulator.requests("dial")), 2)

    def test_pbx_that_is_not_reached_leaves_an_ended_call_with_the_reason(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        self.pbx.write({"base_url": f"http://127.0.0.1:{port}", "new_api_key": API_KEY})
        with self.assertRaisesRegex(UserError, "connection was refused"):
            self.action_call(self.customer)
        call = self.call()
        self.assertEqual((call.state, call.outcome), ("ended", "cancelled"))
        self.assertIn("connection was refused", call.failure_reason)

    def test_phone_system_that_does_not_answer_in_time(self):
        """Who dials first is told, others at once, until it is tried again."""
        self.assertLessEqual(self.pbx.connect_timeout + self.pbx.read_timeout, 5)
        dora = new_test_user(self.env, "noojee_dora", "noojee.group_user")
        self.desk_103.user_id = dora
        # an answer after a minute is not waited for
        late = {"kind": "latency", "method": "dial", "when": "after", "seconds": 60}
        self.simulator.faults(late)
        for user, words, requests in (
            (self.anna, "did not answer in time", 1),
            (self.ben, "has not answered since", 1),
        ):
            self.assertIn(words, self.refusal(user))
            self.assertEqual(len(self.simulator.requests("dial")), requests)
        self.half_a_minute_later()
        self.assertIn("did not answer in time", self.refusal(self.ben))
        self.assertEqual(len(self.simulator.requests("dial")), 2)
        self.assertIn("has not answered since", self.refusal(dora))
        self.simulator.clear_faults()
        self.half_a_minute_later()
        self.assertFalse(self.refusal(dora))
        self.assertEqual(len(self.simulator.requests("dial")), 3)
        self.assertFalse(self.pbx.circuit_ids.failing_since)

    def refusal(self, user):
        """What a user who dials is told, if it fails."""
        try:
            self.action_call(self.customer, user)
        except UserError as error:
            return str(error)
        finally:
            self.env.invalidate_all()
        return ""

    def half_a_minute_later(self):
        circuit = self.pbx.circuit_ids
        circuit.retry_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()

    @freeze_time("2026-01-13 23:12:00")
    def test_away_since_when_by_the_users_clock(self):
        now = fields.Datetime.now()
        self.pbx.circuit_ids.write(
            {"failing_since": now, "retry_at": now + timedelta(seconds=20)}
        )
        self.anna.tz = "Australia/Perth"
        self.assertIn("since 07:12", self.refusal(self.anna))
        # who has set no time zone reads the PBX's
        self.assertIn("since 10:12", self.refusal(self.ben))

    def test_error_page_before_the_desk_rang_is_given_up_in_time(self):
        self.simulator.faults({"kind": "http500", "method": "dial"})
        with self.assertRaisesRegex(UserError, "internal error"):
            self.action_call(self.customer)
        call = self.call()
        # nobody can tell that the desk does not ring
        self.assertEqual(call.state, "dialing")
        self.assertIn("internal error", call.failure_reason)
        call.started_at -= 2 * noojee_call_dial.DIAL_PENDING
        call._give_up_dials()
        self.assertEqual((call.state, call.outcome), ("ended", "unknown"))

    def test_lost_answer_does_not_ring_twice(self):
        self.check_rings_once({"kind": "drop"}, "broke off")

    def test_error_page_after_the_desk_rang_does_not_ring_twice(self):
        self.check_rings_once({"kind": "http500"}, "internal error")

    def check_rings_once(self, fault, words):
        self.simulator.faults({**fault, "when": "after", "method": "dial"})
        # assertRaises would roll back what the dial has committed
        with self.assertRaisesRegex(UserError, words):
            self.action_call(self.customer)
        self.simulator.clear_faults()
        call = self.call()
        self.assertEqual(call.state, "dialing")
        with self.assertRaisesRegex(UserError, "being dialled"):
            self.action_call(self.customer)
        self.assertEqual(len(self.simulator.requests("dial")), 1)
        self.listen_until(lambda: call.state == "connected")
        self.assertFalse(call.failure_reason)

    def test_dial_that_a_restart_of_the_pbx_swallowed(self):
        """Nothing of its former life rings any more: the next dial need not wait."""
        self.simulator.control("ring", desks=["102"], caller="0370109876")
        self.listen_until(lambda: self.call().state == "ringing")
        self.simulator.faults({"kind": "drop", "when": "after", "method": "dial"})
        with self.assertRaisesRegex(UserError, "broke off"):
            self.action_call(self.customer)
        self.simulator.clear_faults()
        call = self.call()
        self.assertEqual(call.state, "dialing")
        self.simulator.control("restart", down_seconds=0)
        self.listen_until(lambda: call.state == "ended")
        self.assertEqual(call.outcome, "cancelled")
        self.action_call(self.customer)
        self.assertEqual(self.call().state, "dialing")

    def test_dial_that_may_have_reached_the_pbx_after_its_restart(self):
        self.simulator.faults({"kind": "drop", "when": "after", "method": "dial"})
        with self.assertRaisesRegex(UserError, "broke off"):
            self.action_call(self.customer)
        call = self.call()
        # as long as its request is under way
        call.failure_reason = False
        later = fields.Datetime.now() + timedelta(seconds=5)
        call._give_up_swallowed(self.desk_101, later)
        self.assertEqual(call.state, "dialing")

    def test_number_of_a_dial_that_was_swallowed(self):
        """It is another call's in the PBX's new life."""
        self.action_call(self.customer)
        call = self.call()
        later = fields.Datetime.now() + timedelta(seconds=5)
        call._give_up_swallowed(self.desk_101, later)
        self.assertEqual(call.state, "ended")
        data = {"status": "Dialing Out", "uniqueCallId": "1764300000.1"}
        data |= {"callerId": "101", "outboundDestination": "0491570156"}
        row = {"CallData": {**data, "inbound": False}, "CallID": call.session_id or "1"}
        self.env["noojee.call"]._ingest(
            self.pbx, [CallEvent.from_wire("101", row, self.pbx.tz)]
        )
        self.assertEqual(call.state, "ended")
        self.assertEqual(self.call().number, "0491570156")

    def test_user_without_a_line(self):
        user = new_test_user(self.env, "noojee_lineless", "noojee.group_user")
        with self.assertRaisesRegex(UserError, "no line"):
            self.action_call(self.customer, user)

    def test_contact_without_a_number(self):
        nobody = self.env["res.partner"].create({"name": "No number"})
        with self.assertRaisesRegex(UserError, "no number"):
            self.action_call(nobody)
        self.assertFalse(self.simulator.requests("dial"))

    def test_desk_that_does_not_exist_on_the_pbx(self):
        self.desk_101.number = "999"
        with self.assertRaisesRegex(UserError, "Unknown extension 999"):
            self.action_call(self.customer)

    def dial(self, number, user=None):
        with self.own_cursors():
            return self.env["noojee.call"].with_user(user or self.anna).dial(number)

    def test_number_alone_finds_the_customer(self):
        self.dial("03 7010 9876")
        self.assertEqual(self.call().partner_id, self.customer)
        self.assertEqual(self.call().record_ref, self.customer)

    def test_user_without_rights_on_leads_dials(self):
        reception = new_test_user(self.env, "noojee_reception", "noojee.group_user")
        self.desk_103.user_id = reception
        self.assertEqual(self.dial("0370109876", reception)["name"], "Priya Raman")

    def test_pbx_without_a_key_leaves_no_call(self):
        self.pbx.api_key = False
        with self.assertRaisesRegex(UserError, "no API key"):
            self.action_call(self.customer)
        self.assertFalse(self.call())

    def test_archived_pbx_does_not_dial(self):
        self.pbx.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            self.action_call(self.customer)
        self.assertFalse(self.call())
        self.assertFalse(self.simulator.requests("dial"))

    def test_dial_that_never_rang_is_given_up_without_a_listener(self):
        self.action_call(self.customer)
        self.call().started_at -= 2 * noojee_call_dial.DIAL_PENDING
        self.env["noojee.pbx"].search([]).active = False
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.call().state, "ended")

    # === WHICH CHANNEL IS THE DIAL === #

    def event(self, status="Ringing", **data):
        row = {"status": status, "callerId": "101", "inbound": False, **data}
        wire = {"CallData": row, "CallID": row.pop("CallID", 999)}
        return CallEvent.from_wire(row.pop("desk", "101"), wire, self.pbx.tz)

    def ingest(self, *events):
        self.env["noojee.call"]._ingest(self.pbx, events)
        self.env.invalidate_all()

    def test_session_tells_the_channel_without_the_flag(self):
        self.action_call(self.customer)
        call = self.call()
        self.ingest(self.event(uniqueCallId="1.1", CallID=call.session_id))
        self.assertEqual(call.channel_ids.unique_call_id, "1.1")

    def test_session_goes_before_another_click(self):
        self.action_call(self.customer)
        call = self.call()
        self.ingest(
            self.event(uniqueCallId="1.1", isClickToDialCall=True),
            self.event(uniqueCallId="1.2", CallID=call.session_id),
        )
        self.assertEqual(call.channel_ids.unique_call_id, "1.2")

    def test_click_alone_tells_the_channel(self):
        self.action_call(self.customer)
        call = self.call()
        self.ingest(self.event(uniqueCallId="1.1"))
        self.assertFalse(call.channel_ids)
        self.ingest(self.event(uniqueCallId="1.2", isClickToDialCall=True))
        self.assertEqual(call.channel_ids.unique_call_id, "1.2")

    def test_colleague_who_rings_before_the_callers_own_desk_is_told_of(self):
        self.dial("102")
        call = self.call()
        self.ingest(
            self.event(
                desk="102",
                inbound=True,
                uniqueCallId="1.2",
                secondaryUniqueCallId="1.1",
            )
        )
        self.ingest(
            self.event(
                "Dialing Out",
                uniqueCallId="1.1",
                isClickToDialCall=True,
                CallID=call.session_id,
                outboundDestination="102",
            )
        )
        self.assertEqual(self.env["noojee.call"].search([]), call)
        self.assertEqual(len(call.channel_ids), 2)
        self.ingest(
            self.event("Hungup", uniqueCallId="1.1", isClickToDialCall=True),
            self.event("Hungup", desk="102", uniqueCallId="1.2"),
        )
        self.assertEqual((call.state, call.outcome), ("ended", "missed"))

    # === HANGING UP === #

    def test_hang_up_before_any_event(self):
        # nobody may answer before it is hung up
        self.simulator.control(
            "number", number="0370109876", behaviour="no-answer", after=600
        )
        self.action_call(self.customer)
        with self.own_cursors():
            self.call().with_user(self.anna).action_hang_up()
        [hung_up] = self.simulator.requests("hangup")
        self.assertIn(".", hung_up["params"]["extenOrUniqueId"])

    def test_hang_up_of_a_dial_never_ends_another_call(self):
        self.simulator.control("ring", desks=["101"], caller="0491570156")
        self.simulator.control("answer", desk="101")
        self.action_call(self.customer)
        with self.own_cursors(), self.assertRaisesRegex(UserError, "Use the handset"):
            self.call().with_user(self.anna).action_hang_up()
        self.assertFalse(self.simulator.requests("hangup"))

    def test_ids_of_our_own_never_go_to_the_pbx(self):
        self.simulator.control("ring", desks=["101"], caller="0491570156")
        self.ingest(self.event(inbound=True, callerId="0491570156", canAnswer=True))
        with self.own_cursors():
            self.call().with_user(self.anna).action_hang_up()
        [hung_up] = self.simulator.requests("hangup")
        self.assertNotIn("call-", hung_up["params"]["extenOrUniqueId"])

    def test_phone_of_a_second_company(self):
        second = self.env["res.company"].create({"name": "Second company"})
        self.anna.company_ids |= second
        anna = self.env(user=self.anna, context={"allowed_company_ids": second.ids})
        calls = anna["noojee.call"]
        self.assertEqual(calls.get_phone_state()["line"]["number"], "101")
        # it still rings, however slow this machine is
        self.simulator.control(
            "number", number="0370109876", behaviour="no-answer", after=600
        )
        with self.own_cursors():
            calls.dial("0370109876")
        [shown] = calls.get_phone_state()["calls"]
        with self.own_cursors():
            calls.browse(shown["id"]).action_hang_up()
        self.assertTrue(self.simulator.requests("hangup"))
