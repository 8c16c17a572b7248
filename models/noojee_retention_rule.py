from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import escape_psql


class NoojeeRetentionRule(models.Model):
    """How long recordings are kept. Without a rule they are kept until somebody
    decides."""

    _name = "noojee.retention.rule"
    _description = "Retention of recordings"
    _order = "sequence, id"
    _rec_name = "tag_prefix"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    pbx_id = fields.Many2one(
        "noojee.pbx", string="PBX", ondelete="cascade", check_company=True
    )
    tag_prefix = fields.Char(
        string="Tags that begin with",
        help="For example S for orders. Empty: every recording.",
    )
    days = fields.Integer(
        string="Days kept",
        required=True,
        help="Then the audio is deleted here. 0: kept until somebody decides.",
    )

    @api.constrains("days")
    def _check_days(self):
        for rule in self:
            if rule.days < 0:
                raise ValidationError(
                    self.env._("Recordings cannot be kept for less than no day.")
                )

    @api.depends("tag_prefix", "pbx_id.name")
    def _compute_display_name(self):
        for rule in self:
            parts = [rule.pbx_id.name, rule.tag_prefix and f"{rule.tag_prefix}…"]
            rule.display_name = " · ".join(filter(None, parts)) or self.env._(
                "Every recording"
            )

    def _over_domain(self):
        """The recordings whose time is over by these rules, in their order: the first
        that fits counts, and without an end of its own it keeps for good."""
        now = fields.Datetime.now()
        over, earlier = Domain.FALSE, Domain.FALSE
        for rule in self:
            fits = rule._fits_domain()
            if rule.days:
                end = Domain("started_at", "<", now - timedelta(days=rule.days))
                over |= end & fits & ~earlier
            earlier |= fits
        return over

    def _fits_domain(self):
        fits = Domain("company_id", "=", self.company_id.id)
        if self.pbx_id:
            fits &= Domain("pbx_id", "=", self.pbx_id.id)
        if self.tag_prefix:
            begins = f"{escape_psql(self.tag_prefix)}%"
            fits &= Domain("tag", "=like", begins) | Domain(
                "tag_ids", "any", [("tag", "=like", begins)]
            )
        return fits
