from odoo import fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "noojee.call.mixin"]

    # looked up at each call: without it a million partners are read one by one
    phone_sanitized = fields.Char(index="btree_not_null")

    def _compute_noojee_call_count(self):
        counts = dict(
            self.env["noojee.call"]._read_group(
                [("partner_id", "child_of", self._origin.ids)],
                ["partner_id"],
                ["__count"],
            )
        )
        self.noojee_call_count = 0
        for partner, count in counts.items():
            # a company shows its contacts' calls too
            while partner:
                if partner in self._origin:
                    self.filtered(
                        lambda p, own=partner: p._origin == own
                    ).noojee_call_count += count
                partner = partner.parent_id

    def _noojee_calls_domain(self):
        return [("partner_id", "child_of", self.id)]

    def _noojee_partners(self):
        # other contacts have forms of their own
        return []
