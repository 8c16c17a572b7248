from odoo import Command, api, fields, models


class NoojeeErase(models.TransientModel):
    """Asks before people are erased from telephony."""

    _name = "noojee.erase"
    _description = "Erase people from telephony"

    partner_ids = fields.Many2many("res.partner", string="People")

    @api.model
    def _action_for(self, partners):
        wizard = self.create({"partner_ids": [Command.set(partners.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase from telephony"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_erase(self):
        return self.partner_ids.action_noojee_erase()
