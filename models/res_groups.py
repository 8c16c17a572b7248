from odoo import models


class ResGroups(models.Model):
    """Who sees numbers whole is a group that another one implies: however that was
    changed, what is written for everybody follows."""

    _inherit = "res.groups"

    def write(self, vals):
        if not {"implied_ids", "implied_by_ids"} & vals.keys():
            return super().write(vals)
        users = self.env["res.users"]
        before = users._noojee_all_see_numbers()
        result = super().write(vals)
        if users._noojee_all_see_numbers() != before:
            self.env["noojee.call"]._write_lines_again()
        return result
