from odoo import fields, models


class NoojeeCampaign(models.Model):
    """A campaign of a PBX: agents are given its leads, one after the other."""

    _name = "noojee.campaign"
    _description = "Noojee campaign"
    _inherit = ["noojee.campaign.mirrored"]

    template_id = fields.Many2one(
        "noojee.campaign.template", required=True, readonly=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(related="template_id.pbx_id", store=True, index=True)
    company_id = fields.Many2one(related="pbx_id.company_id", store=True, index=True)
    allocation_ids = fields.One2many("noojee.campaign.allocation", "campaign_id")

    _wire_id_unique = models.Constraint(
        "unique(template_id, wire_id)", "A template has each campaign once."
    )
