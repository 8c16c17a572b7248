from odoo import api, fields, models


class NoojeeCampaignField(models.Model):
    """A field of a template's leads."""

    _name = "noojee.campaign.field"
    _description = "Noojee campaign field"
    _inherit = ["noojee.campaign.part"]
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    wire_type = fields.Char(string="Type", readonly=True)
    is_required = fields.Boolean(string="Required", readonly=True)
    is_phone = fields.Boolean(string="Phone", readonly=True)

    _wire_id_unique = models.Constraint(
        "unique(template_id, wire_id)", "A template has each field once."
    )

    @api.model
    def _mirrored_values(self, row):
        return {
            **super()._mirrored_values(row),
            "wire_type": row.type or False,
            "is_required": bool(row.is_required),
            "is_phone": bool(row.is_phone),
        }
