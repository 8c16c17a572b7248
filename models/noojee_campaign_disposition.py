from odoo import models


class NoojeeCampaignDisposition(models.Model):
    """What an agent can say became of a call."""

    _name = "noojee.campaign.disposition"
    _description = "Noojee disposition"
    _inherit = ["noojee.campaign.part"]

    _wire_id_unique = models.Constraint(
        "unique(template_id, wire_id)", "A template has each disposition once."
    )
