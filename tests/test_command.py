import socket
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .call_common import CallCommon
from .command_common import CommandCommon
from .common import API_KEY

STRANGE_TAG = "A&B?C#D 50% +1"


@tagged("post_install", "-at_install", "noojee")
class TestCommandCall(CommandCommon):
    """Automation that dials."""

    def wish_call(self, user=None, records=None):
        return self.run_action(self.action("call"), records, user)

    def test_dials_as_the_users_click_would(self):
        command = self.wish_call()
        self.assertEqual(command.state, "queued")
        self.assertFalse(self.simulator.requests("dial"))
        self.run_commands()
        self.assertEqual(command.state, "done")
        [sent] = self.simulator.requests("dial")
        self.assertEqual(sent["params"]["extenOrUniqueId"], "SIP/101")
        call = command.call_id
        self.assertEqual((call.user_id, call.record_ref), (self.anna, self.order))
        self.assertIn("Anna Berg's desk was rung to call", self.notes()[-1])

    def test_number_that_must_not_be_called(self):
        self.env["phone.blacklist"].create({"number": "+61370109876"})
        command = self.wish_call()
        self.run_commands()
        self.assertEqual(command.state, "failed")
        self.assertIn("Priya Raman is on the phone blacklist", command.reason)
        self.assertIn("Not called: Priya Raman is on the", self.notes()[-1])
        self.assertFalse(self.simulator.requests("dial"))

    def test_wish_of_a_minute_ago_is_not_dialled(self):
        command = self.wish_call()
        command.expires_at -= timedelta(seconds=60)
        self.run_commands()
        self.assertEqual(command.state, "expired")
        self.assertIn("not be placed within a minute", self.notes()[-1])
        self.assertFalse(self.simulator.requests("dial"))

    def test_lost_answer_is_not_repeated(self):
        self.simulator.faults({"kind": "http500", "method": "dial"})
        command = self.wish_call()
        self.run_commands()
        self.assertEqual((command.state, command.is_maybe_done), ("failed", True))
        self.assertIn("nobody is rung twice", command.reason)
        self.pbx_comes_back()
        self.run_later(command)
        self.assertEqual(len(self.simulator.requests("dial")), 1)

    def test_pbx_that_was_not_reached_is_tried_again(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        self.pbx.write({"base_url": f"http://127.0.0.1:{port}", "new_api_key": API_KEY})
        command = self.wish_call()
        self.run_commands()
        self.assertEqual((command.state, command.attempts), ("queued", 1))
        self.assertIn("connection was refused", command.reason)
        self.assertIn("It is tried again.", self.notes()[-1])
        # while it is known to be away, no call is noted that cannot be placed
        calls = self.env["noojee.call"].search_count([])
        self.run_later(command)
        self.assertEqual(self.env["noojee.call"].search_count([]), calls)
        self.pbx.write({"base_url": self.simulator.url, "new_api_key": API_KEY})
        self.pbx_comes_back()
        self.run_later(command)
        self.assertEqual((command.state, command.reason), ("done", False))
        self.assertEqual(len(self.simulator.requests("dial")), 1)

    def test_process_that_died_while_dialling(self):
        command = self.wish_call()
        with self.own_cursors(), self.registry.cursor() as cr:
            self.assertTrue(command.with_env(self.env(cr=cr))._take())
        self.env.invalidate_all()
        self.run_later(command)
        self.assertEqual(command.state, "failed")
        self.assertIn("Whether the desk rang is not known", command.reason)
        self.assertFalse(self.simulator.requests("dial"))

    def test_what_cannot_be_called(self):
        groups = "sales_team.group_sale_salesman_all_leads,base.group_partner_manager"
        nobody = new_test_user(self.env, "noojee_no_line", groups)
        for words, state, records, user in (
            ("has no line", "skipped", None, nobody),
            (
                "no number",
                "failed",
                self.env["res.partner"].create({"name": "X"}),
                None,
            ),
        ):
            with self.subTest(words):
                model = records._name if records else "sale.order"
                action = self.action("call", model)
                command = self.run_action(action, records, user)
                self.run_commands()
                self.assertEqual(command.state, state)
                self.assertIn(words, command.reason)

    def test_archived_pbx(self):
        command = self.wish_call()
        self.pbx.active = False
        self.run_commands()
        self.assertEqual(command.state, "failed")
        self.assertIn("is archived", command.reason)

    def test_line_of_somebody_without_the_right_to_call(self):
        self.anna.group_ids -= self.env.ref("noojee.group_user")
        command = self.wish_call()
        self.run_commands()
        self.assertEqual(command.state, "failed")
        self.assertFalse(self.simulator.requests("dial"))

    def test_record_that_is_deleted_meanwhile(self):
        command = self.wish_call()
        self.order.unlink()
        self.run_commands()
        self.assertEqual(command.state, "skipped")
        self.assertEqual(command.reason, "The record has been deleted.")
        self.assertFalse(self.simulator.requests("dial"))


@tagged("post_install", "-at_install", "noojee")
class TestCommandRunningCall(CommandCommon, CallCommon):
    """Automation that acts on the call that runs."""

    def test_hangs_up_the_channel_that_was_meant(self):
        call = self.connect()
        command = self.run_action(self.action("hang_up"))
        unique_id = call.channel_ids.unique_call_id
        self.run_commands()
        self.assertEqual(command.state, "done")
        [sent] = self.simulator.requests("hangup")
        self.assertEqual(sent["params"]["extenOrUniqueId"], unique_id)
        self.assertEqual(self.notes()[-1], "Anna Berg's call was hung up.")

    def test_next_call_is_not_hung_up(self):
        first = self.connect()
        command = self.run_action(self.action("hang_up"))
        self.hang_up(first)
        self.connect()
        self.run_commands()
        self.assertEqual(command.state, "expired")
        self.assertEqual(len(self.simulator.requests("hangup")), 1)
        self.assertIn("not hung up: The call had ended.", self.notes()[-1])

    def test_call_that_went_on_to_another_desk_is_not_hung_up(self):
        call = self.inbound("Ringing", "Connected")
        command = self.run_action(self.action("hang_up"))
        caller = call.channel_ids.secondary_unique_call_id
        fields_ = {"inbound": True, "secondaryUniqueCallId": caller}
        self.events(
            caller.partition(".")[0],
            ("101", "Hungup", fields_),
            ("102", "Ringing", fields_),
            ("102", "Connected", fields_),
        )
        self.run_commands()
        self.assertEqual(call.state, "connected")
        self.assertEqual(command.state, "expired")
        self.assertEqual(command.reason, "The call had left Anna Berg's desk.")
        self.assertFalse(self.simulator.requests("hangup"))

    def test_stops(self):
        call = self.recorded()
        command = self.done("stop_recording")
        self.assertEqual(command.state, "done")
        self.assertEqual(call.recording_state, "stopped")
        [sent] = self.simulator.requests("stop")
        self.assertEqual(sent["params"]["agentLoginName"], "anna")
        self.assertEqual(self.notes()[-1], "Recording stopped.")

    def test_stop_while_it_is_stopped_for_card_data(self):
        call = self.recorded()
        with self.own_cursors():
            call.with_user(self.anna).action_pause_recording()
        self.env.invalidate_all()
        command = self.done("stop_recording")
        self.assertEqual(command.state, "done")
        self.assertEqual(call.recording_state, "stopped")

    def test_stop_is_asked_for_while_the_pbx_is_thought_to_be_away(self):
        self.recorded()
        now = fields.Datetime.now()
        self.pbx.circuit_ids.write(
            {"failing_since": now, "retry_at": now + timedelta(seconds=20)}
        )
        self.assertEqual(self.done("stop_recording").state, "done")

    def test_stop_without_start(self):
        self.connect()
        command = self.done("stop_recording")
        self.assertEqual(command.state, "failed")
        self.assertEqual(command.reason, "Nothing is being recorded in this call.")
        self.assertIn("Recording was not stopped: Nothing is being", self.notes()[-1])

    def test_start_twice_does_no_harm(self):
        call = self.connect()
        first = self.done("start_recording", noojee_tag="One")
        started_at = call.recorded_at
        second = self.done("start_recording", noojee_tag="Two")
        self.assertEqual((first + second).mapped("state"), ["done", "done"])
        self.assertEqual(call.recorded_at, started_at)
        self.assertEqual((call.recording_state, call.tag), ("on", "Two"))
        self.assertEqual(len(call.recording_ids), 1)
        self.assertEqual(call.recording_ids.record_ref, self.order)

    def test_leg_belongs_to_the_desk_of_the_call(self):
        """Wherever its user sits by then."""
        self.connect()
        self.run_action(self.action("start_recording"))
        self.desk_101.user_id = False
        self.desk_103.user_id = self.anna
        self.run_commands()
        [sent] = self.simulator.requests("start")
        self.assertEqual(sent["params"]["agentLoginName"], "anna")

    def test_card_data_is_not_recorded(self):
        call = self.recorded()
        with self.own_cursors():
            call.with_user(self.anna).action_pause_recording()
        self.env.invalidate_all()
        command = self.done("start_recording")
        self.assertEqual(command.state, "failed")
        self.assertIn("stopped for card data", command.reason)
        self.assertEqual(len(self.simulator.requests("start")), 1)

    def test_customer_who_does_not_want_to_be_recorded(self):
        self.connect()
        self.customer.noojee_do_not_record = True
        command = self.done("start_recording")
        self.assertEqual(command.state, "failed")
        self.assertIn("does not want to be recorded", self.notes()[-1])
        self.assertFalse(self.simulator.requests("start"))

    def test_tags_with_what_an_address_must_escape(self):
        call = self.recorded()
        command = self.done("tag_recording", noojee_tag=STRANGE_TAG)
        self.assertEqual(command.state, "done")
        [sent] = self.simulator.requests("tag")
        self.assertEqual(sent["params"]["tag"], STRANGE_TAG)
        self.assertEqual(call.tag, STRANGE_TAG)

    def test_tag_that_the_pbx_refuses_is_kept_here(self):
        call = self.connect()
        # the PBX knows of no recording
        call._recording_started(False)
        command = self.done("tag_recording", noojee_tag="S1")
        self.assertEqual(command.state, "failed")
        self.assertIn("not being recorded", command.reason)
        [tag] = call.recording_ids.tag_ids
        self.assertEqual((tag.tag, tag.is_on_pbx), ("S1", False))

    def test_tag_without_a_recording(self):
        self.connect()
        command = self.done("tag_recording", noojee_tag="S1")
        self.assertEqual(command.state, "failed")
        self.assertEqual(command.reason, "Nothing is being recorded in this call.")

    def test_tag_of_five_thousand_characters(self):
        self.connect()
        self.order.name = "S" * 5000
        command = self.done("start_recording", noojee_tag="{{ object.name }}")
        self.assertEqual(command.state, "failed")
        self.assertIn("This tag has 5000 characters", command.reason)
        self.assertIn("This tag has 5000 characters", self.notes()[-1])
        self.assertFalse(self.simulator.requests("start"))

    def test_empty_tag(self):
        self.recorded()
        self.order.client_order_ref = False
        tag = "{{ object.client_order_ref or '' }}"
        command = self.done("tag_recording", noojee_tag=tag)
        self.assertEqual(command.state, "failed")
        self.assertEqual(command.reason, "The tag is empty.")

    def test_stop_waits_for_the_start_before_it(self):
        call = self.connect()
        self.simulator.faults({"kind": "http500", "method": "start"})
        start = self.run_action(self.action("start_recording"))
        stop = self.run_action(self.action("stop_recording"))
        self.run_commands()
        self.assertEqual((start.state, stop.state), ("queued", "queued"))
        self.assertFalse(self.simulator.requests("stop"))
        self.pbx_comes_back()
        self.run_later(start)
        self.run_commands()
        self.assertEqual((start.state, stop.state), ("done", "done"))
        self.assertEqual(call.recording_state, "stopped")

    def test_record_that_is_deleted_meanwhile(self):
        """Nothing is recorded for it any more, but what runs can still be stopped."""
        call = self.connect()
        start = self.run_action(self.action("start_recording"))
        with self.own_cursors():
            call.with_user(self.anna).action_start_recording()
        stop = self.run_action(self.action("stop_recording"))
        name = self.order.name
        self.order.unlink()
        self.run_commands()
        self.assertEqual((start.state, stop.state), ("skipped", "done"))
        self.assertEqual(start.record_name, name)

    def test_model_without_calls(self):
        call = self.recorded()
        action = self.action("stop_recording", "res.company")
        command = self.run_action(
            action, self.env.company, self.env.ref("base.user_admin")
        )
        self.assertEqual(command.state, "skipped")
        action.write({"noojee_line": "fixed", "noojee_line_user_id": self.anna.id})
        command = self.run_action(
            action, self.env.company, self.env.ref("base.user_admin")
        )
        self.run_commands()
        self.assertEqual(command.state, "done")
        self.assertEqual(call.recording_state, "stopped")

    def test_two_hundred_records_cost_no_more_queries_than_two(self):
        self.connect()
        action = self.action("tag_recording", noojee_tag="{{ object.name }}")
        orders = self.env["sale.order"].create(
            [{"partner_id": self.customer.id, "user_id": self.anna.id}] * 202
        )
        self.run_action(action, orders[:1])

        def queries(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            commands = self.run_action(action, records)
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
            self.assertEqual(commands.mapped("res_id"), records.ids)
            self.assertEqual(set(commands.mapped("state")), {"queued"})
            return count

        self.assertLessEqual(queries(orders[2:]), queries(orders[:2]) + 10)

    def test_two_hundred_notes_cost_no_more_queries_than_two(self):
        action = self.action("stop_recording")
        orders = self.env["sale.order"].create(
            [{"partner_id": self.customer.id, "user_id": self.anna.id}] * 202
        )
        self.run_action(action, orders[:1])

        def queries(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            commands = self.run_action(action, records)
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
            self.assertEqual(set(commands.mapped("state")), {"skipped"})
            return count

        self.assertLessEqual(queries(orders[2:]), queries(orders[:2]) + 10)
