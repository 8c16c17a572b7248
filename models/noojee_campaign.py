from odoo import fields, models


class NoojeeCampaign(models.Model):
    """A campaign of a PBX: agents are given its leads, one after the other."""

    _name = "noojee.campaign"
    _description = "Noojee campaign"
    _inherit = ["noojee.campaign.part"]

    allocation_ids = fields.One2many("noojee.campaign.allocation", "campaign_id")

    _wire_id_unique = models.Constraint(
        "unique(template_id, wire_id)", "A template has each campaign once."
    )
