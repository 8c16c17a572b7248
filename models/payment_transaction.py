from odoo import models


class PaymentTransaction(models.Model):
    """A payment that arrives is kept, also where its order may not be confirmed yet."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        waiting = self.filtered(
            lambda tx: (
                len(tx.sale_order_ids) == 1
                and tx.sale_order_ids._noojee_lacks_signature()
            )
        )
        for tx in waiting:
            if tx.sale_order_ids._is_confirmation_amount_reached():
                tx.sale_order_ids._noojee_wait_for_signature()
        ready = self - waiting
        return super(PaymentTransaction, ready)._check_amount_and_confirm_order()
