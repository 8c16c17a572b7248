from odoo import models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "noojee.call.mixin"]

    def _noojee_open_domain(self):
        return Domain("state", "!=", "cancel")
