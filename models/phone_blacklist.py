from odoo import api, models


class PhoneBlacklist(models.Model):
    """Campaigns stop calling what is put on the list."""

    _inherit = "phone.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._noojee_withdraw()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") or "number" in vals:
            self._noojee_withdraw()
        return result

    def _noojee_withdraw(self):
        numbers = self.filtered("active").mapped("number")
        if not numbers:
            return
        # sudo: campaigns follow the list, whoever keeps it
        self.env["noojee.lead.push"].sudo()._note_changed(
            [
                "|",
                ("lead_id.phone_sanitized", "in", numbers),
                ("lead_id.partner_id.phone_sanitized", "in", numbers),
            ]
        )
