from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .call_common import CallCommon
from .command_common import CommandCommon


@tagged("post_install", "-at_install", "noojee")
class TestCommandArmed(CommandCommon, CallCommon, CronMixinCase):
    """A wish that waits for the next call with the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arming = cls.action(
            "start_recording", noojee_tag="S1", noojee_if_no_call="arm"
        )

    def arm(self, records=None):
        return self.run_action(self.arming, records)

    def test_next_call_with_the_customer_is_recorded(self):
        command = self.arm()
        self.assertEqual(command.state, "armed")
        self.assertEqual(
            self.notes()[-1],
            "The next call of Anna Berg with Priya Raman will be recorded.",
        )
        self.run_commands()
        self.assertEqual(command.state, "armed")
        call = self.connect()
        self.run_commands()
        self.assertEqual((command.state, command.call_id), ("done", call))
        self.assertEqual((call.recording_state, call.tag), ("on", "S1"))
        self.assertEqual(call.recording_ids.record_ref, self.order)
        self.assertEqual(self.notes()[-1], "Recording started, tagged S1.")

    def test_who_connects_wakes_what_waits(self):
        self.arm()
        with self.capture_triggers("noojee.ir_cron_run_commands") as woken:
            call = self.outbound("Dialing Out")
            self.assertFalse(woken.records)
            self.outbound("Connected", unique_id=self.unique_id_of(call))
        self.assertTrue(woken.records)

    def unique_id_of(self, call):
        return call.channel_ids.unique_call_id.partition(".")[0]

    def test_call_with_somebody_else(self):
        command = self.arm()
        self.inbound("Ringing", "Connected", caller="0370101111")
        self.run_commands()
        self.assertEqual(command.state, "armed")

    def test_call_at_another_line(self):
        command = self.arm()
        self.inbound("Ringing", "Connected", desks=("102",))
        self.run_commands()
        self.assertEqual(command.state, "armed")

    def test_colleague_of_the_customer(self):
        company = self.env["res.partner"].create({"name": "Solar", "is_company": True})
        self.customer.parent_id = company
        colleague = self.env["res.partner"].create(
            {"name": "Omar", "parent_id": company.id, "phone": "03 7010 2222"}
        )
        command = self.arm()
        call = self.inbound("Ringing", "Connected", caller="0370102222")
        self.assertEqual(call.partner_id, colleague)
        self.run_commands()
        self.assertEqual(command.call_id, call)

    def test_caller_who_is_named_while_he_talks(self):
        command = self.arm()
        call = self.inbound("Ringing", "Connected", caller="0370103333")
        with (
            self.capture_triggers("noojee.ir_cron_run_commands") as woken,
            self.own_cursors(),
        ):
            call.with_user(self.anna).this_is_the_caller(
                "res.partner", self.customer.id
            )
        self.assertTrue(woken.records)
        self.env.invalidate_all()
        self.run_commands()
        self.assertEqual(command.call_id, call)

    def test_call_that_did_not_come(self):
        command = self.arm()
        with self.subTest("the time is the action's"):
            minutes = (command.expires_at - command.create_date).total_seconds() / 60
            self.assertAlmostEqual(minutes, 60, delta=1)
        command.expires_at -= timedelta(minutes=61)
        self.run_commands()
        self.assertEqual(command.state, "expired")
        self.assertIn("The next call did not come.", self.notes()[-1])
        self.connect()
        self.run_commands()
        self.assertFalse(self.simulator.requests("start"))

    def test_call_that_runs_is_not_waited_for(self):
        call = self.connect()
        command = self.arm()
        self.assertEqual((command.state, command.call_id), ("queued", call))

    def test_salesperson_who_talks_to_somebody_else(self):
        """What a customer does in the portal says nothing about that call."""
        self.connect()
        other = self.customer.copy({"phone": "03 7010 9875"})
        order = self.order.copy({"partner_id": other.id, "user_id": self.anna.id})
        system = self.env.ref("base.user_root")
        command = self.run_action(self.arming, order, system)
        self.assertEqual((command.user_id, command.state), (self.anna, "armed"))
        # at his own desk everybody knows whom he talks to
        command = self.run_action(self.arming, order)
        self.assertEqual(command.state, "queued")

    def test_who_has_no_line_waits_for_nothing(self):
        self.desk_101.user_id = False
        command = self.arm()
        self.assertEqual(command.state, "skipped")
        self.assertEqual(command.reason, "Anna Berg has no line.")

    def test_record_that_nobody_calls_about(self):
        action = self.action("start_recording", "crm.stage", noojee_if_no_call="arm")
        stage = self.env["crm.stage"].search([], limit=1)
        action.write({"noojee_line": "fixed", "noojee_line_user_id": self.anna.id})
        command = self.run_action(action, stage, self.env.ref("base.user_admin"))
        self.assertEqual(command.state, "skipped")
        self.assertIn("No customer is known", command.reason)

    def test_a_person_gives_it_up(self):
        command = self.arm()
        command.with_user(self.anna).action_cancel()
        self.assertEqual(command.state, "skipped")
        self.assertEqual(command.reason, "Anna Berg cancelled it.")
        self.connect()
        self.run_commands()
        self.assertFalse(self.simulator.requests("start"))

    def test_what_it_costs_to_look(self):
        self.arming.write({"noojee_line": "fixed", "noojee_line_user_id": self.ben.id})
        self.assertEqual(self.arm().state, "armed")
        commands = self.env["noojee.command"]
        call = self.outbound("Dialing Out")
        self.assertEqual(call.state, call.channel_ids.state)
        with self.assertQueryCount(0):
            commands._wake_armed(call)
        self.outbound("Connected", unique_id=self.unique_id_of(call))
        self.assertEqual(call.state, call.channel_ids.state)
        with self.assertQueryCount(1):
            commands._wake_armed(call)
