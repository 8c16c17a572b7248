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

    def _noojee_notify_to_call(self):
        """Tell these users' browsers that their list of whom to call has changed."""
        for user in self:
            # sudo: whether somebody has the phone at all
            if user.sudo().has_group("noojee.group_user"):
                user._bus_send("noojee.phone/to_call", {})
