from odoo import fields, models


class ResUsersSettings(models.Model):
    """How a user wants to be told that his phone rings."""

    _inherit = "res.users.settings"

    noojee_pop = fields.Selection(
        [
            ("card", "Show the card"),
            ("idle", "Open the customer unless I am writing"),
            ("tab", "Open the customer in a new tab"),
        ],
        string="When a customer calls",
        required=True,
        default="card",
    )
    noojee_sound = fields.Boolean(string="Ring in the browser")
    noojee_system_notification = fields.Boolean(
        string="Tell me when no tab of Odoo is visible"
    )
