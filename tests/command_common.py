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

    @classmethod
    def action(cls, state, model="sale.order", **values):
        return cls.env["ir.actions.server"].create(
            {
                "name": state,
                "model_id": cls.env["ir.model"]._get_id(model),
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

    def recorded(self):
        """A call between Anna and the customer that is recorded."""
        call = self.connect()
        with self.own_cursors():
            call.with_user(self.anna).action_start_recording()
        self.env.invalidate_all()
        return call

    def hang_up(self, call):
        with self.own_cursors():
            call.with_user(self.anna).action_hang_up()
        self.listen_until(lambda: call.state == "ended")

    def done(self, state, **values):
        """A command of an action that is run now, carried out."""
        command = self.run_action(self.action(state, **values))
        self.run_commands()
        return command

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
