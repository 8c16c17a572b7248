from odoo import fields, models


class NoojeeCampaignResultStep(models.Model):
    """What a rule did with a result, or why it could not: each rule once for each
    disposition that the record had."""

    _name = "noojee.campaign.result.step"
    _description = "Rule applied to a result"
    _order = "id"

    campaign_result_id = fields.Many2one(
        "noojee.campaign.result", required=True, ondelete="cascade", index=True
    )
    rule_id = fields.Many2one(
        "noojee.campaign.rule", ondelete="set null", index="btree_not_null"
    )
    name = fields.Char(string="What was done", required=True, help="As it was then.")
    turn = fields.Integer(required=True)
    disposition = fields.Char()
    is_done = fields.Boolean(string="Done")
    reason = fields.Char()

    _rule_unique = models.UniqueIndex(
        "(campaign_result_id, turn, rule_id) WHERE rule_id IS NOT NULL",
        "A rule is applied once.",
    )
