from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models import noojee_command_run

from .command_common import CommandCommon
from .common import API_KEY


@tagged("post_install", "-at_install", "noojee")
class TestServerAction(CommandCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rule = cls.env["base.automation"].create(
            {
                "name": "Record on confirmation",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "trigger": "on_state_set",
                "trg_selection_field_id": cls.env.ref(
                    "sale.selection__sale_order__state__sale"
                ).id,
            }
        )
        cls.recording_action = cls.action(
            "start_recording",
            base_automation_id=rule.id,
            noojee_tag="{{ object.name }}",
            usage="base_automation",
        )

    def command(self):
        return self.env["noojee.command"].search(
            [("res_model", "=", "sale.order"), ("res_id", "=", self.order.id)]
        )

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
        self.hang_up(call)
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

    def test_tag_that_does_not_fit_is_refused_when_saved(self):
        with self.assertRaisesRegex(ValidationError, "does not fit"):
            self.recording_action.noojee_tag = "{{ object.nam.upper() }}"

    def test_tag_that_does_not_fit_stops_no_order(self):
        self.connect()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_act_server SET noojee_tag = '{{ object.nam.upper() }}'"
            " WHERE id = %s",
            [self.recording_action.id],
        )
        self.env.invalidate_all()
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.command().state, "failed")
        self.assertIn("does not fit", self.command().reason)
        self.assertIn("does not fit", self.order.message_ids[0].body)


@tagged("post_install", "-at_install", "noojee")
class TestServerActionSettings(CommandCommon):
    """What is set on a server action, and told of it in its form."""

    # === WHOSE LINE === #

    def line_of(self, user=None, records=None, **values):
        """Whose line an action uses, or why nobody's."""
        records = self.order if records is None else records
        action = self.action("stop_recording", records._name, **values)
        command = self.run_action(action, records, user)
        return command.user_id or command.reason

    def test_current_user(self):
        self.order.user_id = self.ben
        self.assertEqual(self.line_of(), self.anna)

    def test_system_and_portal_use_the_salespersons_line(self):
        self.order.user_id = self.ben
        self.assertEqual(self.line_of(self.env.ref("base.user_root")), self.ben)

    def test_salesperson(self):
        self.order.user_id = self.ben
        self.assertEqual(self.line_of(noojee_line="salesperson"), self.ben)
        self.order.user_id = False
        reason = self.line_of(noojee_line="salesperson")
        self.assertEqual(reason, "The record has no salesperson.")
        company = self.env.company
        admin = self.env.ref("base.user_admin")
        reason = self.line_of(admin, company, noojee_line="salesperson")
        self.assertEqual(reason, "The record has no salesperson.")

    def test_field(self):
        values = {"noojee_line": "field", "noojee_line_path": "partner_id.user_id"}
        reason = self.line_of(**values)
        self.assertEqual(reason, "partner_id.user_id names nobody for this record.")
        self.customer.user_id = self.ben
        self.assertEqual(self.line_of(**values), self.ben)

    def test_field_that_leads_to_no_user(self):
        for path in (
            False,
            "partner_id",
            "partner_id.nothing",
            "name",
            "order_line.salesman_id",
        ):
            with self.subTest(path), self.assertRaises(ValidationError):
                self.action(
                    "hang_up", noojee_line="field", noojee_line_path=path
                ).flush_recordset()

    def test_fixed_user(self):
        values = {"noojee_line": "fixed", "noojee_line_user_id": self.ben.id}
        self.assertEqual(self.line_of(**values), self.ben)
        with self.assertRaisesRegex(ValidationError, "Choose the user"):
            self.action("hang_up", noojee_line="fixed")

    def test_each_record_has_its_own_line(self):
        orders = self.order + self.order.copy({"user_id": self.ben.id})
        action = self.action("stop_recording", noojee_line="salesperson")
        commands = self.run_action(action, orders)
        self.assertEqual(commands.user_id, self.anna + self.ben)
        self.assertEqual(commands.mapped("res_id"), orders.ids)

    # === MODELS === #

    def test_only_what_can_be_called_is_called(self):
        offered = self.action("call").available_model_ids.mapped("model")
        self.assertIn("sale.order", offered)
        self.assertNotIn("res.company", offered)
        with self.assertRaisesRegex(ValidationError, "cannot be called"):
            self.action("call", "res.company")

    def test_other_kinds_are_for_any_model(self):
        action = self.action("start_recording")
        self.assertIn("res.company", action.available_model_ids.mapped("model"))

    # === WHERE NO CALL RUNS === #

    def test_what_cannot_wait_for_the_next_call(self):
        for state in ("hang_up", "stop_recording"):
            with (
                self.subTest(state),
                self.assertRaisesRegex(ValidationError, "Only recording and tagging"),
            ):
                self.action(state, noojee_if_no_call="arm")

    def test_how_long_it_waits(self):
        action = self.action("start_recording", noojee_if_no_call="arm")
        self.assertEqual(action.noojee_armed_minutes, 60)
        for minutes in (-1, 100000):
            with self.subTest(minutes), self.assertRaises(ValidationError):
                action.noojee_armed_minutes = minutes
        action.noojee_armed_minutes = 5
        command = self.run_action(action)
        self.assertLess(
            command.expires_at, fields.Datetime.now() + timedelta(minutes=6)
        )

    # === TAG === #

    def test_preview_on_the_newest_or_a_chosen_record(self):
        newest = self.order.copy()
        form = Form(self.action("start_recording", noojee_tag="{{ object.name }}"))
        self.assertEqual(form.noojee_preview_ref, f"sale.order,{newest.id}")
        self.assertEqual(form.noojee_preview, newest.name)
        form.noojee_preview_ref = f"sale.order,{self.order.id}"
        self.assertEqual(form.noojee_preview, self.order.name)
        form.noojee_tag = "{{ object.name }} of {{ object.partner_id.name }}"
        self.assertEqual(form.noojee_preview, f"{self.order.name} of Priya Raman")

    def test_preview_tells_what_is_wrong(self):
        form = Form(self.action("start_recording"))
        form.noojee_tag = "{{ object.nam.upper() }}"
        self.assertIn("does not fit", form.noojee_preview_fault)
        form.noojee_tag = "S" * 5000
        self.assertIn("This tag has 5000 characters", form.noojee_preview_fault)
        self.assertFalse(form.noojee_preview)

    def test_preview_shows_no_record_that_may_not_be_read(self):
        own = self.order
        other = self.order.copy({"user_id": self.ben.id})
        self.assertGreater(other.id, own.id)
        groups = "base.group_system,sales_team.group_sale_salesman"
        admin = new_test_user(self.env, "noojee_action_admin", groups)
        own.user_id = admin
        action = self.action("tag_recording", noojee_tag="{{ object.name }}")
        self.assertEqual(action.with_user(admin).noojee_preview_ref, own)

    def test_tag_of_five_thousand_characters_is_refused_when_saved(self):
        with self.assertRaisesRegex(ValidationError, "5000 characters"):
            self.action("tag_recording", noojee_tag="S" * 5000)

    def test_tag_of_some_records_that_does_not_fit_spoils_no_others(self):
        """A template may fit one record and not another."""
        self.connect()
        orders = self.order + self.order.copy()
        orders[0].client_order_ref = "web"
        action = self.action("start_recording")
        # refused on the newest record when it is saved, but data changes
        orders[1].client_order_ref = "shop"
        action.noojee_tag = "{{ object.client_order_ref.upper() }}"
        orders[1].client_order_ref = False
        commands = self.run_action(action, orders)
        self.assertEqual(commands.mapped("state"), ["queued", "failed"])
        self.assertEqual(commands[0].tag, "WEB")

    def test_salesperson_runs_what_an_administrator_wrote(self):
        self.connect()
        tag = "{{ object.partner_id.name.upper() }}"
        command = self.run_action(self.action("start_recording", noojee_tag=tag))
        self.assertEqual(command.tag, "PRIYA RAMAN")


@tagged("post_install", "-at_install", "noojee")
class TestAutomationRules(CommandCommon):
    """The triggers that rules have."""

    def rule(self, action, trigger, **values):
        rule = self.env["base.automation"].create(
            {
                "name": trigger,
                "model_id": action.model_id.id,
                "trigger": trigger,
                **values,
            }
        )
        action.write({"base_automation_id": rule.id, "usage": "base_automation"})
        return rule

    def commands(self):
        return self.env["noojee.command"].search([], order="id")

    def test_ready_rule_is_there_and_off(self):
        rule = self.env.ref("noojee.automation_record_and_tag")
        self.assertFalse(rule.active)
        action = rule.action_server_ids
        self.assertEqual(action.noojee_tag, "{{ object.name }}")
        self.assertFalse(action.warning)

    def test_when_it_is_written(self):
        self.connect()
        action = self.action("start_recording", noojee_tag="{{ object.name }}")
        self.rule(action, "on_create_or_write", filter_domain="[('note', '!=', False)]")
        self.order.with_user(self.anna).note = "By phone"
        [command] = self.commands()
        self.assertEqual((command.state, command.tag), ("queued", self.order.name))

    def test_when_its_stage_changes(self):
        stages = self.env["crm.stage"].create([{"name": "Talk"}, {"name": "Card"}])
        lead = self.env["crm.lead"].create(
            {
                "name": "Solar",
                "partner_id": self.customer.id,
                "user_id": self.anna.id,
                "stage_id": stages[0].id,
            }
        )
        self.recorded()
        field = self.env["ir.model.fields"]._get("crm.lead", "stage_id")
        self.rule(
            self.action("stop_recording", "crm.lead"),
            "on_stage_set",
            trg_field_ref=stages[1].id,
            trigger_field_ids=[(6, 0, field.ids)],
        )
        lead.with_user(self.anna).stage_id = stages[1]
        self.run_commands()
        self.assertEqual(self.commands().state, "done")
        self.assertIn("Recording stopped.", self.notes(lead)[-1])

    def test_when_its_time_has_come(self):
        field = self.env["ir.model.fields"]._get("sale.order", "validity_date")
        self.rule(
            self.action("call"),
            "on_time",
            trg_date_id=field.id,
            trg_date_range=0,
            trg_date_range_type="minutes",
            last_run=fields.Datetime.now() - timedelta(days=2),
        )
        self.order.validity_date = self.today() - timedelta(days=1)
        with self.own_cursors():
            self.env.ref(
                "base_automation.ir_cron_data_base_automation_check"
            ).method_direct_trigger()
        [command] = self.commands().filtered(lambda c: c.res_id == self.order.id)
        # nobody is there: it is the salesperson's call
        self.assertEqual(command.user_id, self.anna)
        self.run_commands()
        self.assertEqual(command.state, "done")
        self.assertEqual(self.call().record_ref, self.order)

    def test_fault_of_ours_stops_no_order(self):
        self.env.ref("noojee.automation_record_and_tag").active = True
        with (
            patch.object(
                type(self.env["noojee.command"]), "_wish", side_effect=ValueError
            ),
            mute_logger("odoo.addons.noojee.models.ir_actions_server"),
        ):
            self.order.with_user(self.anna).action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_order_confirmed_by_a_portal_user(self):
        portal = new_test_user(self.env, "noojee_portal", "base.group_portal")
        self.env.ref("noojee.automation_record_and_tag").active = True
        call = self.connect()
        self.order.with_user(portal).sudo().action_confirm()
        self.run_commands()
        self.assertEqual(self.commands().user_id, self.anna)
        self.assertEqual(call.tag, self.order.name)
