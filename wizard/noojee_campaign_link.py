from odoo import fields, models


class NoojeeCampaignLink(models.TransientModel):
    """Asks which lead results belong to."""

    _name = "noojee.campaign.link"
    _description = "Link results to a lead"

    campaign_result_ids = fields.Many2many(
        "noojee.campaign.result",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", string="Company of the results"
    )
    lead_id = fields.Many2one(
        "crm.lead",
        required=True,
        domain="[('company_id', 'in', [company_id, False])]",
        context={"active_test": False},
    )

    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.campaign_result_ids.company_id[:1]

    def action_link(self):
        """Link them: the rules are applied after commit."""
        self.ensure_one()
        self.campaign_result_ids._link_to(self.lead_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Linked to %(lead)s. The rules of the disposition are applied now.",
                    lead=self.lead_id.name,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
