from odoo import api, fields, models
from odoo.exceptions import ValidationError


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

    @api.model
    def _days_of(self, recording):
        """Days that a recording is kept by the first rule that fits; 0: no end."""
        tags = {recording.tag, *recording.tag_ids.mapped("tag")} - {False}
        for rule in self.search([("company_id", "=", recording.company_id.id)]):
            fits_pbx = not rule.pbx_id or rule.pbx_id == recording.pbx_id
            prefix = rule.tag_prefix
            if fits_pbx and (not prefix or any(t.startswith(prefix) for t in tags)):
                return rule.days
        return 0
