from odoo import fields, models


class NoojeeCampaignAllocation(models.Model):
    """A part of a campaign's leads, and the agents who work on it."""

    _name = "noojee.campaign.allocation"
    _description = "Noojee allocation"
    _inherit = ["noojee.campaign.mirrored"]
    _above = "campaign_id"

    campaign_id = fields.Many2one(
        "noojee.campaign", required=True, readonly=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(related="campaign_id.pbx_id", store=True, index=True)
    company_id = fields.Many2one(related="pbx_id.company_id", store=True, index=True)
    poll_ids = fields.One2many("noojee.campaign.poll", "allocation_id")
    results_read_at = fields.Datetime(
        related="poll_ids.read_at", string="Results read at"
    )
    results_fault = fields.Char(
        related="poll_ids.reason",
        string="Results not read",
        help="Why the PBX does not tell of its calls.",
    )

    _wire_id_unique = models.Constraint(
        "unique(campaign_id, wire_id)", "A campaign has each allocation once."
    )
