from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get


class ResCountryState(models.Model):
    _inherit = "res.country.state"

    noojee_tz = fields.Selection(
        _tz_get,
        string="Time zone",
        help="By whose clock calling hours are told for customers of this state. "
        "Empty: by the country's zones.",
    )
