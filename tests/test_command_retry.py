from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .command_common import CommandCommon


@tagged("post_install", "-at_install", "noojee")
class TestCommandRetry(CommandCommon):
    """What has failed is listed, and tried again by a click."""

    def failed(self, state="start_recording", **values):
        values.setdefault("noojee_if_no_call", "fail")
        command = self.run_action(self.action(state, **values))
        self.assertEqual(command.state, "failed")
        return command

    def retry(self, commands, user=None):
        return commands.with_user(user or self.anna).action_retry()

    def refusal(self, commands):
        with self.assertRaises(UserError) as caught:
            self.retry(commands)
        return str(caught.exception)

    def test_dead_pbx_holds_up_no_order_and_is_asked_again(self):
        rule = self.env.ref("noojee.automation_record_and_tag")
        rule.active = True
        call = self.connect()
        self.simulator.faults({"kind": "http500"})
        self.order.with_user(self.anna).action_confirm()
        self.assertEqual(self.order.state, "sale")
        command = self.env["noojee.command"].search([])
        self.run_commands()
        self.assertEqual((command.state, command.attempts), ("queued", 1))
        self.assertRegex(
            self.notes()[-1], "was not recorded: .*internal error.* It is tried again."
        )
        noted = len(self.notes())
        for _attempt in range(4):
            self.run_later(command)
        self.assertEqual(command.state, "failed")
        self.assertEqual(len(self.notes()), noted + 1)
        self.pbx_comes_back()
        self.assertIsNone(self.retry(command))
        self.run_commands()
        self.assertEqual(command.state, "done")
        self.assertEqual(
            self.notes()[-1], f"Recording started, tagged {self.order.name}."
        )
        self.assertEqual((call.recording_state, call.tag), ("on", self.order.name))

    def test_dead_pbx_that_comes_back_by_itself(self):
        self.connect()
        self.simulator.faults({"kind": "http500"})
        command = self.run_action(self.action("start_recording"))
        self.run_commands()
        self.pbx_comes_back()
        self.run_later(command)
        self.assertEqual((command.state, command.attempts), ("done", 2))

    def test_no_call_ran(self):
        command = self.failed()
        self.assertEqual(command.reason, "Anna Berg was not in a call.")
        self.assertIn("was not in a call", self.notes()[-1])
        self.assertIn("is in no call with this customer", self.refusal(command))
        call = self.connect()
        self.retry(command)
        self.run_commands()
        self.assertEqual((command.state, command.call_id), ("done", call))

    def test_record_that_had_no_salesperson(self):
        self.order.user_id = False
        command = self.failed(noojee_line="salesperson")
        self.connect()
        admin = self.env.ref("base.user_admin")
        with self.assertRaisesRegex(UserError, "has no salesperson"):
            self.retry(command, admin)
        self.order.user_id = self.anna
        self.retry(command, admin)
        self.run_commands()
        self.assertEqual((command.state, command.user_id), ("done", self.anna))

    def test_another_customer_is_not_recorded_by_a_retry(self):
        command = self.failed()
        self.customer = self.customer.copy({"phone": "03 7010 9875"})
        self.connect()
        self.assertIn("is in no call with this customer", self.refusal(command))

    def test_call_that_has_ended(self):
        call = self.connect()
        command = self.run_action(self.action("stop_recording"))
        self.run_commands()
        self.assertEqual(command.state, "failed")
        self.hang_up(call)
        self.assertIn("The call had ended.", self.refusal(command))

    def test_dial_of_long_ago_or_without_an_answer(self):
        self.simulator.faults({"kind": "http500", "method": "dial"})
        command = self.run_action(self.action("call"))
        self.run_commands()
        self.assertIn("nobody is rung twice", self.refusal(command))
        command.write({"is_maybe_done": False, "expires_at": command.create_date})
        self.assertIn("within a minute of the wish", self.refusal(command))

    def test_record_that_was_deleted(self):
        command = self.failed()
        self.order.unlink()
        self.assertIn("The record has been deleted.", self.refusal(command))

    def test_tag_that_was_mended(self):
        self.connect()
        self.order.client_order_ref = "S" * 5000
        action = self.action("start_recording")
        action.noojee_tag = "{{ object.client_order_ref }}"
        command = self.run_action(action)
        self.assertIn("5000 characters", self.refusal(command))
        action.noojee_tag = "{{ object.name }}"
        self.retry(command)
        self.run_commands()
        self.assertEqual((command.state, command.tag), ("done", self.order.name))

    def test_some_of_several(self):
        first = self.failed()
        self.connect()
        other = self.customer.copy({"phone": "03 7010 9875"})
        order = self.order.copy({"partner_id": other.id})
        action = self.action("start_recording", noojee_if_no_call="fail")
        self.desk_101.user_id = False
        second = self.run_action(action, order)
        self.desk_101.user_id = self.anna
        notice = self.retry(first + second)
        self.assertEqual((first.state, second.state), ("queued", "failed"))
        self.assertIn(order.name, notice["params"]["message"])
        self.assertNotIn(first.record_name, notice["params"]["message"])

    def test_found_in_the_list(self):
        command = self.failed()
        view = self.env.ref("noojee.noojee_command_view_search").arch
        filters = {
            node.get("name"): node.get("domain")
            for node in etree.fromstring(view).iterfind("filter")
        }
        commands = self.env["noojee.command"].with_user(self.anna)
        for name, found in (
            ("failed", command),
            ("mine", command),
            ("today", command),
            ("armed", commands),
            ("queued", commands),
        ):
            with self.subTest(name):
                domain = safe_eval(filters[name], {"uid": self.anna.id})
                self.assertEqual(commands.search(domain), found)

    def test_only_what_has_failed(self):
        self.connect()
        command = self.run_action(self.action("start_recording"))
        self.assertIn("Only what has failed", self.refusal(command))

    def test_others_failures(self):
        command = self.failed()
        commands = self.env["noojee.command"].with_user(self.ben)
        self.assertNotIn(command, commands.search([]))
        with self.assertRaisesRegex(UserError, "noojee.command"):
            self.retry(command, self.ben)
