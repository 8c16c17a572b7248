from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_noojee_erase(self):
        result = super().action_noojee_erase()
        numbers = [*filter(None, self.sudo().mapped("phone_sanitized"))]
        # sudo: nobody writes results; every company's are meant
        results_sudo = self.env["noojee.campaign.result"].sudo()
        results_sudo.search(
            Domain("lead_id.partner_id", "in", self.ids)
            | Domain("lead_id", "=", False) & Domain("number_e164", "in", numbers)
        )._erase()
        return result

    def write(self, vals):
        result = super().write(vals)
        if self.ids:
            # sudo: campaigns follow the contacts of their leads, whoever changes them
            self.env["noojee.lead.push"].sudo()._note_changed(
                [("lead_id.partner_id", "in", self.ids)]
            )
        return result
