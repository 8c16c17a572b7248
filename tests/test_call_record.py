from datetime import timedelta
from unittest.mock import patch

from lxml import etree
from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.noojee.models.noojee_call_wrap_up import MAX_NOTE
from odoo.addons.noojee.models.transaction import repeat

from .call_common import NUMBER, CallCommon

NASTY = "<script>alert(1)</script> '; DROP TABLE res_partner; -- 😀"


class Collision(SerializationFailure):
    pgcode = "40001"


@tagged("post_install", "-at_install", "noojee")
class TestCallRecord(CallCommon):
    def test_from_and_to(self):
        outbound = self.outbound("Dialing Out")
        self.assertEqual(outbound.from_number, "101")
        self.assertEqual(outbound.to_number, "(03) 7010 9876")
        self.assertEqual(outbound.caller_id_shown, "101")
        inbound = self.inbound("Ringing", desks=("101", "102"))
        self.assertEqual(inbound.from_number, "(03) 7010 9876")
        self.assertEqual(inbound.to_number, "101")
        self.assertEqual(inbound.caller_id_shown, NUMBER)

    def test_from_and_to_of_an_internal_call(self):
        # whichever end is heard of first
        for unique_id, order in ((7, (0, 1)), (8, (1, 0))):
            ends = [
                (
                    "101",
                    "Dialing Out",
                    {
                        "inbound": False,
                        "callerId": "101",
                        "outboundDestination": "102",
                        "secondaryUniqueCallId": f"{unique_id}.102",
                    },
                ),
                (
                    "102",
                    "Ringing",
                    {
                        "inbound": True,
                        "callerId": "101",
                        "secondaryUniqueCallId": f"{unique_id}.101",
                    },
                ),
            ]
            call = self.events(unique_id, *[ends[index] for index in order])
            self.assertEqual((call.from_number, call.to_number), ("101", "102"))
            self.assertTrue(call.is_internal)

    def test_team_is_the_records_else_the_users(self):
        annas, leads = self.env["crm.team"].create(
            [{"name": "Anna's", "member_ids": [(4, self.anna.id)]}, {"name": "Leads"}]
        )
        call = self.talked()
        self.assertEqual(call.team_id, annas)
        lead = self.env["crm.lead"].create({"name": "Roof", "team_id": leads.id})
        call.with_user(self.anna).this_is_the_caller("crm.lead", lead.id)
        self.assertEqual(call.team_id, leads)

    # === CHATTER === #

    def test_one_line_when_the_call_ends(self):
        self.inbound("Ringing", "Connected", unique_id=5)
        self.assertFalse(self.lines(self.customer))
        call = self.inbound("Hungup", unique_id=5)
        line = self.lines(self.customer)
        self.assertEqual(len(line), 1)
        self.assertEqual(line.author_id, self.anna.partner_id)
        self.assertEqual(line.subtype_id, self.env.ref("mail.mt_note"))
        self.assertIn("Priya Raman", line.body)
        self.assertIn(f'data-oe-id="{call.id}"', line.body)
        # what comes twice or late writes no other one
        self.inbound("Hungup", "Connected", unique_id=5)
        call._update_chatter()
        self.assertEqual(self.lines(self.customer), line)

    def test_line_tells_who_how_long_and_what_came_of_it(self):
        with freeze_time("2026-11-23 01:00:00"):
            self.inbound("Ringing", "Connected", unique_id=5)
        with freeze_time("2026-11-23 01:04:12"):
            self.inbound("Hungup", unique_id=5)
        self.assertIn(
            "Call from Priya Raman, (03) 7010 9876: Anna Berg talked 4 min 12 s.",
            self.lines(self.customer).body,
        )

    def test_words_of_the_others(self):
        self.missed()
        self.assertIn("Missed call from Priya Raman", self.lines(self.customer).body)
        self.lines(self.customer).unlink()
        with freeze_time("2026-11-23 01:00:00"):
            self.outbound("Dialing Out", unique_id=6)
        with freeze_time("2026-11-23 01:00:17"):
            self.outbound("Hungup", unique_id=6)
        self.assertIn("not answered, rang 17 s.", self.lines(self.customer).body)

    def test_colleague_who_did_not_answer_about_a_record(self):
        ends = {
            "101": {"outboundDestination": "102", "secondaryUniqueCallId": "7.102"},
            "102": {"inbound": True, "secondaryUniqueCallId": "7.101"},
        }
        started = [("101", "Dialing Out", ends["101"]), ("102", "Ringing", ends["102"])]
        with freeze_time("2026-11-23 01:00:00"):
            call = self.events(7, *started)
        call.with_user(self.anna).this_is_the_caller("res.partner", self.customer.id)
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        call.with_user(self.anna).this_is_the_caller("sale.order", order.id)
        with freeze_time("2026-11-23 01:00:09"):
            self.events(7, *((desk, "Hungup", ends[desk]) for desk in ends))
        line = self.lines(order)
        self.assertIn("Anna Berg called ", line.body)
        self.assertIn("not answered, rang 9 s.", line.body)
        self.assertEqual(line.author_id, self.anna.partner_id)

    def test_missed_queue_call_is_one_line_of_nobody(self):
        self.missed(desks=("101", "102", "103"))
        line = self.lines(self.customer)
        self.assertEqual(len(line), 1)
        self.assertEqual(line.author_id, self.env.ref("base.partner_root"))

    def test_desk_without_a_user(self):
        self.inbound("Ringing", "Connected", "Hungup", desks=("103",))
        self.assertIn("Desk 103", self.lines(self.customer).body)

    def test_line_is_of_the_linked_record(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        call = self.talked()
        self.assertTrue(self.lines(self.customer))
        call.with_user(self.anna).this_is_the_caller("sale.order", order.id)
        self.assertEqual(call.partner_id, self.customer)
        self.assertEqual(len(self.lines(order)), 1)
        self.assertFalse(self.lines(self.customer))

    def test_line_is_taken_back_while_the_call_goes_on(self):
        # transferred: between the two desks it had ended for a moment
        self.inbound("Ringing", "Connected", "Hungup", unique_id=5)
        self.assertTrue(self.lines(self.customer))
        self.inbound("Ringing", desks=("102",), unique_id=5)
        self.assertFalse(self.lines(self.customer))
        call = self.inbound("Connected", "Hungup", desks=("102",), unique_id=5)
        self.assertEqual(len(call), 1)
        self.assertEqual(len(self.lines(self.customer)), 1)

    def test_calls_among_colleagues_leave_no_line(self):
        self.outbound("Dialing Out", "Connected", "Hungup", number="102")
        self.assertFalse(self.lines(self.ben.partner_id))

    def test_desk_that_was_never_lifted_leaves_no_line(self):
        self.events(
            9,
            ("101", "Ringing", {"isClickToDialCall": True, "inbound": False}),
            ("101", "Hungup", {"isClickToDialCall": True, "inbound": False}),
        )
        self.assertFalse(self.call().has_rung)
        self.assertFalse(self.lines(self.customer))

    def test_line_that_fails_loses_no_event(self):
        def fail(*args, **kwargs):
            raise ValueError("no chatter today")

        self.patch(type(self.env["mail.message"]), "create", fail)
        with mute_logger("odoo.addons.noojee.models.noojee_call_chatter"):
            call = self.talked()
        self.assertEqual((call.state, call.outcome), ("ended", "answered"))
        self.assertFalse(call.message_id)

    def test_words_from_outside_are_escaped(self):
        self.customer.name = NASTY
        call = self.talked()
        call.with_user(self.anna).set_note(NASTY)
        self.assertEqual(call.note, NASTY)
        body = self.lines(self.customer).body
        self.assertNotIn("<script", body)
        self.assertEqual(body.count("&lt;script&gt;"), 2)
        self.assertIn("😀", body)

    # === NOTE AND LINK === #

    def test_note_is_in_the_line(self):
        call = self.outbound("Dialing Out", "Connected", unique_id=5)
        call.with_user(self.anna).set_note("Wants 12 kW\nbefore Easter")
        self.outbound("Hungup", unique_id=5)
        line = self.lines(self.customer)
        self.assertIn("Note: Wants 12 kW<br>before Easter", line.body)
        call.with_user(self.anna).set_note("Wants 10 kW")
        self.assertEqual(self.lines(self.customer), line)
        self.assertIn("Wants 10 kW", line.body)
        self.assertNotIn("12 kW", line.body)

    def test_note_that_is_too_long_or_odd(self):
        call = self.talked().with_user(self.anna)
        with self.assertRaisesRegex(UserError, "too long"):
            call.set_note("x" * (MAX_NOTE + 1))
        call.set_note("a\x00b ")
        self.assertEqual(call.note, "ab")
        call.set_note(None)
        self.assertFalse(call.note)

    def test_link_follows_the_record(self):
        call = self.missed(caller="0491570999")
        self.assertFalse(call.partner_id)
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "partner_id": self.customer.id}
        )
        call.with_user(self.anna).this_is_the_caller("crm.lead", lead.id)
        self.assertEqual((call.record_ref, call.partner_id), (lead, self.customer))
        self.assertEqual(self.payload(call)["record"]["model"], "crm.lead")
        self.assertEqual(len(self.lines(lead)), 1)

    def test_link_only_to_what_can_be_called_and_read(self):
        call = self.talked().with_user(self.anna)
        with self.assertRaises(UserError):
            call.this_is_the_caller("res.users", self.anna.id)
        with self.assertRaisesRegex(UserError, "deleted"):
            call.this_is_the_caller("res.partner", 0)
        hidden = self.customer.copy({"name": "Secret", "company_id": False})
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", hidden.id)],
            }
        )
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            call.this_is_the_caller("res.partner", hidden.id)

    # === WHOSE IT IS === #

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_nobody_touches_a_colleagues_call(self):
        call = self.talked(desk="102")
        supervisor = new_test_user(
            self.env, "noojee_supervisor", "noojee.group_supervisor"
        )
        self.env["crm.team"].create(
            {
                "name": "Desk 102",
                "user_id": supervisor.id,
                "member_ids": [(4, self.ben.id)],
            }
        )
        self.assertEqual(call.with_user(supervisor).state, "ended")
        admin = new_test_user(self.env, "noojee_admin", "noojee.group_admin")
        for user in (self.anna, supervisor, admin):
            own = call.with_user(user)
            attempts = {
                "note": lambda own=own: own.set_note("mine"),
                "result": lambda own=own: own.wrap_up(self.result("reached").id),
                "skip": lambda own=own: own.skip_wrap_up(),
                "start": lambda own=own: own.action_start_recording(),
                "stop": lambda own=own: own.action_stop_recording(),
            }
            for name, attempt in attempts.items():
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaises(UserError),
                ):
                    attempt()
        self.assertFalse(call.note or call.result_id or call.is_wrap_up_skipped)
        self.assertFalse(self.simulator.requests("start"))

    def test_call_answered_by_a_colleague_is_his(self):
        self.inbound("Ringing", desks=("101", "102"), unique_id=5)
        call = self.inbound("Connected", "Hungup", desks=("102",), unique_id=5)
        self.inbound("Hungup", desks=("101",), unique_id=5)
        with self.assertRaises(AccessError):
            call.with_user(self.anna).set_note("mine")
        call.with_user(self.ben).set_note("his")
        self.assertEqual(call.note, "his")

    def test_unfinished_call_of_the_desk_can_be_linked_but_not_wrapped_up(self):
        call = self.missed(caller="0491570999").with_user(self.anna)
        call.this_is_the_caller("res.partner", self.customer.id)
        with self.assertRaises(AccessError):
            call.wrap_up(self.result("reached").id)

    # === RECORDING === #

    def test_recording_by_hand(self):
        self.action_call(self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        own = call.with_user(self.anna)
        with self.own_cursors():
            own.action_start_recording()
            own.action_start_recording()
        [started] = self.simulator.requests("start")
        self.assertEqual(
            started["params"],
            started["params"]
            | {
                "extenOrUniqueId": call.channel_ids.unique_call_id,
                "agentLoginName": "anna",
                "tag": "Priya Raman",
            },
        )
        payload = self.payload(call)
        self.assertEqual((payload["recording"], payload["tag"]), ("on", "Priya Raman"))
        self.assertTrue(payload["recorded_at"].endswith("Z"))
        with self.own_cursors():
            own.action_stop_recording()
        self.assertEqual(len(self.simulator.requests("stop")), 1)
        payload = self.payload(call)
        self.assertEqual(
            (payload["recording"], payload["recorded_at"]), ("stopped", False)
        )

    def test_collision_while_storing_does_not_ask_the_pbx_twice(self):
        self.action_call(self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        own = call.with_user(self.anna)
        notify = type(call)._notify
        for action, method, state in (
            (own.action_start_recording, "start", "on"),
            (own.action_stop_recording, "stop", "stopped"),
        ):
            collisions = [Collision()]

            def collide(calls, collisions=collisions):
                if collisions:
                    raise collisions.pop()
                return notify(calls)

            with (
                self.subTest(method),
                self.own_cursors(),
                patch.object(type(call), "_notify", collide),
            ):
                repeat(lambda action=action: self.request(action))
            self.env.invalidate_all()
            self.assertFalse(collisions)
            self.assertEqual(call.recording_state, state)
            self.assertEqual(len(self.simulator.requests(method)), 1)

    def request(self, action):
        """As Odoo runs a request: what collides is undone as a whole."""
        with self.env.cr.savepoint():
            action()

    def test_recording_that_the_pbx_refuses(self):
        call = self.outbound("Dialing Out", "Connected")
        with self.own_cursors(), self.assertRaisesRegex(UserError, "refused"):
            call.with_user(self.anna).action_start_recording()
        self.assertEqual(call.recording_state, "off")

    def test_recording_ends_with_the_call(self):
        call = self.outbound("Dialing Out", "Connected", unique_id=5)
        call._recording_started("S00042")
        self.outbound("Hungup", unique_id=5)
        self.assertEqual(call.recording_state, "stopped")

    def test_recording_that_is_noted_after_the_hang_up(self):
        """The PBX answers the start, and the event comes before that is stored."""
        call = self.talked()
        call._recording_started("S00042")
        self.assertEqual(call.recording_state, "stopped")
        self.assertTrue(call.recording_ids.fetch_due_at)

    def test_gap_that_is_noted_after_the_hang_up(self):
        call = self.outbound("Dialing Out", "Connected", unique_id=5)
        call._recording_started("S00042")
        self.outbound("Hungup", unique_id=5)
        call._recording_paused()
        self.assertEqual(call.recording_state, "stopped")
        self.assertTrue(call.recording_ids.fetch_due_at)

    # === SEARCH === #

    def test_filters(self):
        calls = {
            "missed": self.missed(caller="0491570999"),
            "talked": self.talked(),
            "recorded": self.talked(),
            "recorded long ago": self.talked(),
            "wrapped up": self.talked(),
            "of a colleague": self.talked(desk="102"),
            "running": self.inbound("Ringing"),
            "internal": self.outbound(
                "Dialing Out", "Connected", "Hungup", number="102"
            ),
        }
        for name in ("recorded", "recorded long ago"):
            calls[name]._recording_started("S00042")
            calls[name].recording_ids._stop()
        calls["recorded long ago"].started_at -= timedelta(days=2)
        calls["wrapped up"].with_user(self.anna).wrap_up(self.result("reached").id)
        expected = {
            "mine": calls.keys() - {"of a colleague"},
            "today": calls.keys() - {"recorded long ago"},
            "missed": {"missed"},
            "unknown": {"missed"},
            "recorded": {"recorded", "recorded long ago"},
            "without_result": {
                *("talked", "recorded", "recorded long ago", "of a colleague")
            },
        }
        for name, found in expected.items():
            with self.subTest(name):
                self.assertEqual(self.found_by(name, calls), found)

    def found_by(self, name, calls):
        """Names of the calls that a filter of the list finds."""
        records = self.env["noojee.call"].with_user(self.anna)
        view = records.get_views([(False, "search")])["views"]["search"]["arch"]
        [node] = etree.fromstring(view).xpath(f"//filter[@name='{name}']")
        domain = safe_eval(node.get("domain"), {"uid": self.anna.id})
        # everybody's: which are whose is the filter's to say
        found = records.sudo().search(domain)
        return {label for label, call in calls.items() if call in found}

    def test_buttons_of_the_form_are_for_ones_own_desk(self):
        admin = new_test_user(self.env, "noojee_adam", "noojee.group_admin")
        call = self.inbound("Ringing", desks=("101", "102"), unique_id=5)
        call.channel_ids.can_answer = True
        self.assertButtons(call, {self.anna: (True, True), admin: (False, False)})
        self.inbound("Connected", desks=("102",), unique_id=5)
        self.inbound("Hungup", desks=("101",), unique_id=5)
        self.assertButtons(call, {self.anna: (False, False), self.ben: (False, True)})
        self.inbound("Hungup", desks=("102",), unique_id=5)
        self.assertButtons(call, {self.ben: (False, False)})

    def test_dialled_call_can_be_hung_up_before_it_is_reported(self):
        self.action_call(self.customer)
        self.assertButtons(self.call(), {self.anna: (False, True)})

    def assertButtons(self, call, expected):
        """Which users see *Answer* and *Hang up* on the call's form."""
        for user, shown in expected.items():
            own = call.with_user(user)
            arch = etree.fromstring(own.get_view(view_type="form")["arch"])
            found = []
            for name in ("action_answer", "action_hang_up"):
                [button] = arch.xpath(f"//button[@name='{name}']")
                names = {"can_answer": own.can_answer, "can_hang_up": own.can_hang_up}
                found.append(not safe_eval(button.get("invisible"), names))
            with self.subTest(user.name):
                self.assertEqual(tuple(found), shown)
