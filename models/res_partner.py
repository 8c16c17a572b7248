from odoo import fields, models
from odoo.fields import Domain

from .noojee_call_mixin_stats import STATS_AGGREGATES, STATS_GROUPBY


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "noojee.call.mixin"]

    # looked up at each call: without it a million partners are read one by one
    phone_sanitized = fields.Char(index="btree_not_null")

    def _noojee_call_groups(self):
        partners = self._origin
        # a company shows its contacts' calls too
        groups = self.env["noojee.call"]._read_group(
            Domain("partner_id", "in", partners.ids)
            | Domain("commercial_partner_id", "in", partners.ids),
            ["partner_id", "commercial_partner_id", *STATS_GROUPBY],
            STATS_AGGREGATES,
            # whoever sums up need not wait for an order by names
            order="direction",
        )
        return [
            ({partner.id, company.id}, *values) for partner, company, *values in groups
        ]

    def _noojee_calls_domain(self):
        return [
            "|",
            ("partner_id", "=", self.id),
            ("commercial_partner_id", "=", self.id),
        ]

    def _noojee_partners(self):
        # other contacts have forms of their own
        return []
