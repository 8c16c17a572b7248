from odoo import fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "noojee.call.mixin"]

    # looked up at each call: without it a million partners are read one by one
    phone_sanitized = fields.Char(index="btree_not_null")
    noojee_do_not_record = fields.Boolean(
        string="Do not record",
        tracking=True,
        help="Calls with this customer, and with all people of a company, are never "
        "recorded.",
    )

    def _noojee_about(self):
        # whoever belongs to a contact counts for it, at any depth: the ORM would ask
        # once a level. UNION, not UNION ALL, ends in a circle too
        return SQL(
            """
            WITH RECURSIVE family(record_id, partner_id) AS (
                SELECT id, id
                  FROM res_partner
                 WHERE id IN %s
                 UNION
                SELECT family.record_id, res_partner.id
                  FROM family
                  JOIN res_partner ON res_partner.parent_id = family.partner_id
            )
            SELECT family.record_id, noojee_call.id AS call_id
              FROM family
              JOIN noojee_call ON noojee_call.partner_id = family.partner_id
            """,
            tuple(self._origin.ids),
        )

    def _noojee_calls_domain(self):
        return [("partner_id", "child_of", self.ids)]

    def _noojee_partners(self):
        # other contacts have forms of their own
        return []
