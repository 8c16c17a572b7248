from odoo import fields, models


class NoojeeCampaignPart(models.AbstractModel):
    """What a PBX lists below a campaign template."""

    _name = "noojee.campaign.part"
    _description = "Part of a campaign template"
    _inherit = ["noojee.campaign.mirrored"]

    template_id = fields.Many2one(
        "noojee.campaign.template", required=True, readonly=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(related="template_id.pbx_id", store=True, index=True)
    company_id = fields.Many2one(related="pbx_id.company_id", store=True, index=True)
