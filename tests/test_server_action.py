from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.noojee.models import noojee_command_run

from .common import API_KEY, NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestServerAction(NoojeeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the demo rule would wish for the same
        cls.env["base.automation"].search([]).active = False
        orders = cls.env.ref("sale.model_sale_order")
        rule = cls.env["base.automation"].create(
            {
                "name": "Record on confirmation",
                "model_id": orders.id,
                "trigger": "on_state_set",
                "trg_selection_field_id": cls.env.ref(
                    "sale.selection__sale_order__state__sale"
                ).id,
            }
        )
        cls.env["ir.actions.server"].create(
            {
                "name": "Record",
                "model_id": orders.id,
                "base_automation_id": rule.id,
                "state": "noojee_start_recording",
                "noojee_tag": "{{ object.name }}",
                "usage": "base_automation",
            }
        )
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "user_id": cls.anna.id}
        )

    def connect(self):
        self.action_call(self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        return call

    def command(self):
        return self.env["noojee.command"].search(
            [("res_model", "=", "sale.order"), ("res_id", "=", self.order.id)]
        )

    def run_commands(self):
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_run_commands").method_direct_trigger()
        self.env.invalidate_all()

    def test_confirmation_records_the_running_call(self):
        call = self.connect()
        self.order.action_confirm()
        self.assertEqual(self.command().state, "queued")
        self.assertFalse(self.simulator.requests("start"))
        self.run_commands()
        self.assertEqual(self.command().state, "done")
        [sent] = self.simulator.requests("start")
        self.assertEqual(sent["params"]["tag"], self.order.name)
        self.assertEqual(
            sent["params"]["extenOrUniqueId"], call.channel_ids.unique_call_id
        )
        self.assertEqual(sent["params"]["agentLoginName"], "anna")
        self.assertEqual(call.record_ref, self.order)

    def test_nothing_to_record(self):
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.command().state, "skipped")
        self.assertIn("was not in a call", self.command().reason)
        self.assertIn("was not in a call", self.order.message_ids[0].body)

    def test_order_without_a_salesperson(self):
        self.order.user_id = False
        self.order.action_confirm()
        self.assertIn("no salesperson", self.command().reason)

    def test_pbx_that_is_away_stops_no_order(self):
        self.connect()
        self.simulator.faults({"kind": "http500"})
        self.order.action_confirm()
        self.run_commands()
        self.assertEqual(self.order.state, "sale")
        command = self.command()
        self.assertEqual((command.state, command.attempts), ("queued", 1))
        self.assertIn("internal error", command.reason)

    def test_key_that_is_refused_may_be_mended_meanwhile(self):
        self.connect()
        self.order.action_confirm()
        self.pbx.new_api_key = "wr0ng"
        self.run_commands()
        command = self.command()
        self.assertEqual((command.state, command.attempts), ("queued", 1))
        self.assertIn("refused the API key", command.reason)
        self.pbx.new_api_key = API_KEY
        command.due_at = fields.Datetime.now()
        self.run_commands()
        self.assertEqual(command.state, "done")

    def test_call_that_ended_meanwhile(self):
        call = self.connect()
        self.order.action_confirm()
        with self.own_cursors():
            call.with_user(self.anna).action_hang_up()
        self.listen_until(lambda: call.state == "ended")
        self.run_commands()
        self.assertEqual(self.command().state, "expired")
        self.assertFalse(self.simulator.requests("start"))

    def test_command_that_cannot_be_carried_out_holds_up_no_other(self):
        call = self.connect()
        for record in (self.order, self.customer, self.env.company):
            lines, tags = {record.id: (self.anna, False)}, {record.id: ("S1", False)}
            self.env["noojee.command"]._wish("start_recording", record, lines, tags)
        commands = self.env["noojee.command"].search([], order="id")
        # such a model knows nothing of calls
        self.assertEqual(commands[2].res_model, "res.company")
        commands[0].res_model = "no.such.model"
        self.run_commands()
        self.assertEqual(commands.mapped("state"), ["skipped", "done", "done"])
        self.assertEqual(commands[0].reason, "The record has been deleted.")
        self.assertEqual(call.record_ref, self.customer)
        self.run_commands()
        self.assertEqual(len(self.simulator.requests("start")), 2)

    def test_taken_command_comes_back_where_its_process_died(self):
        self.connect()
        self.order.action_confirm()
        command = self.command()
        with self.own_cursors(), self.registry.cursor() as cr:
            self.assertTrue(command.with_env(self.env(cr=cr))._take())
        self.env.invalidate_all()
        self.run_commands()
        self.assertEqual(command.state, "queued")
        self.assertFalse(self.simulator.requests("start"))
        command.due_at -= 2 * noojee_command_run.LEASE
        self.run_commands()
        self.assertEqual(command.state, "done")

    def action(self):
        return self.env["ir.actions.server"].search([("name", "=", "Record")])

    def test_tag_that_does_not_fit_is_refused_when_saved(self):
        with self.assertRaisesRegex(ValidationError, "does not fit"):
            self.action().noojee_tag = "{{ object.nam.upper() }}"

    def test_tag_that_does_not_fit_stops_no_order(self):
        self.connect()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_act_server SET noojee_tag = '{{ object.nam.upper() }}'"
            " WHERE id = %s",
            [self.action().id],
        )
        self.env.invalidate_all()
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.command().state, "failed")
        self.assertIn("does not fit", self.command().reason)
        self.assertIn("does not fit", self.order.message_ids[0].body)
