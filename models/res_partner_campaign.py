from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if self.ids:
            # sudo: campaigns follow the contacts of their leads, whoever changes them
            self.env["noojee.lead.push"].sudo()._note_changed(
                [("lead_id.partner_id", "in", self.ids)]
            )
        return result
