from odoo import fields
from odoo.tools import html2plaintext

from .common import NoojeeCommon


class CommandCommon(NoojeeCommon):
    """An order of Anna's customer, and server actions upon it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the demo rule would wish for the same
        cls.env["base.automation"].search([]).active = False
        cls.order = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "user_id": cls.anna.id}
        )

    def action(self, state, model="sale.order", **values):
        return self.env["ir.actions.server"].create(
            {
                "name": state,
                "model_id": self.env["ir.model"]._get_id(model),
                "state": f"noojee_{state}",
                **values,
            }
        )

    def run_action(self, action, records=None, user=None):
        """Have a user run an action on records, by the menu of their list.

        :return: the commands that it wished for, in the order of the records
        """
        before = self.env["noojee.command"].search([])
        records = self.order if records is None else records
        action.with_user(user or self.anna).with_context(
            active_model=records._name, active_ids=records.ids, active_id=records.ids[0]
        ).run()
        return (self.env["noojee.command"].search([]) - before).sorted("id")

    def connect(self, user=None):
        """A call between a user and the customer."""
        self.action_call(self.customer, user)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        return call

    def recorded(self):
        """The same, and recorded."""
        call = self.connect()
        with self.own_cursors():
            call.with_user(self.anna).action_start_recording()
        self.env.invalidate_all()
        return call

    def hang_up(self, call):
        with self.own_cursors():
            call.with_user(self.anna).action_hang_up()
        self.listen_until(lambda: call.state == "ended")

    def run_commands(self):
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_run_commands").method_direct_trigger()
        self.env.invalidate_all()

    def run_later(self, commands):
        """As if what they wait for had passed."""
        commands.due_at = fields.Datetime.now()
        self.run_commands()

    def notes(self, record=None):
        """What was noted on a record, oldest first."""
        messages = (record or self.order).message_ids.sorted("id")
        return [html2plaintext(message.body) for message in messages if message.body]

    def pbx_comes_back(self):
        self.simulator.clear_faults()
        self.pbx.circuit_ids.write({"failing_since": False, "retry_at": False})
