from odoo import models
from odoo.fields import Domain


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "noojee.call.mixin"]

    def _noojee_partners(self):
        contacts = [
            (self.env._("Customer"), self.partner_id),
            (self.env._("Invoice address"), self.partner_invoice_id),
            (self.env._("Delivery address"), self.partner_shipping_id),
        ]
        return [
            (label, partner)
            for label, partner in contacts
            if partner._filtered_access("read")
        ]

    def _noojee_open_domain(self):
        return Domain("state", "!=", "cancel")
