from odoo import fields, models


class NoojeeCampaignDisposition(models.Model):
    """What an agent can say became of a call."""

    _name = "noojee.campaign.disposition"
    _description = "Noojee disposition"
    _inherit = ["noojee.campaign.mirrored"]

    template_id = fields.Many2one(
        "noojee.campaign.template", required=True, readonly=True, ondelete="cascade"
    )
    pbx_id = fields.Many2one(related="template_id.pbx_id", store=True, index=True)
    company_id = fields.Many2one(related="pbx_id.company_id", store=True, index=True)

    _wire_id_unique = models.Constraint(
        "unique(template_id, wire_id)", "A template has each disposition once."
    )
