from odoo import api, models

# more than any precision of quantities, prices and discounts
DECIMALS = 6


class SaleOrderLine(models.Model):
    """Lines as a part of what a customer signs."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._noojee_check_signatures_later()
        return lines

    def write(self, vals):
        orders = self.order_id
        result = super().write(vals)
        (orders | self.order_id)._noojee_check_signatures_later()
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders._noojee_check_signatures_later()
        return result

    def _noojee_content(self, decimals):
        """See :meth:`SaleOrder._noojee_content`.

        :param int decimals: of the order's currency
        """
        return {
            "kind": self.display_type or "product",
            "product": self.product_id.id or None,
            "description": self.name or "",
            "quantity": f"{self.product_uom_qty:.{DECIMALS}f}",
            "unit": self.product_uom_id.id or None,
            "price": f"{self.price_unit:.{DECIMALS}f}",
            "discount": f"{self.discount:.{DECIMALS}f}",
            "taxes": sorted(self.tax_ids.ids),
            "subtotal": f"{self.price_subtotal:.{decimals}f}",
            "total": f"{self.price_total:.{decimals}f}",
        }
