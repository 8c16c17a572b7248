from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    noojee_extension_ids = fields.One2many(
        "noojee.extension",
        "user_id",
        string="Noojee extension",
        readonly=True,
        help="The line of this user's calls. Noojee administrators set it.",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "noojee_extension_ids"]
