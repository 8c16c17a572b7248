from odoo import api, models


class NoojeeVoiceSignature(models.Model):
    """Who is on the line while a signature is taken."""

    _inherit = "noojee.voice.signature"

    @api.model
    def get_party(self, order_id, call_id):
        """Who is on the line of a call in which an order is to be signed.

        :return: ``{"name": his, or his number, "doubt": why he may not be the order's
            customer, in plain words, or ""}``
        :raise AccessError: by who may not write the order, or not see the call.
        """
        order = self._order_to_sign(order_id)
        call = self.env["noojee.call"].browse(call_id)._in_all_companies()
        call.check_access("read")
        name = call.partner_id._filtered_access("read").display_name
        return {
            "name": name or call.local_number or "",
            "doubt": ""
            if self._is_with_customer(order, call)
            else self._doubt(order, name, call.local_number),
        }

    @api.model
    def _is_with_customer(self, order, call):
        # sudo: who it is counts, whoever may read him
        call_sudo, order_sudo = call.sudo(), order.sudo()
        if not call_sudo.partner_id:
            return call_sudo._existing_record() == order_sudo
        customers_sudo = (
            order_sudo.partner_id
            | order_sudo.partner_invoice_id
            | order_sudo.partner_shipping_id
        )
        return call_sudo.partner_id.commercial_partner_id in (
            customers_sudo.commercial_partner_id
        )

    @api.model
    def _doubt(self, order, name, number):
        customer = order.partner_id.display_name
        if name:
            return self.env._(
                "You are talking with %(name)s, and the order is %(customer)s's. Make "
                "sure that it may be agreed to in this call.",
                name=name,
                customer=customer,
            )
        return self.env._(
            "It is not known that %(number)s is a number of %(customer)s's. Ask whom "
            "you are talking with.",
            number=number or self.env._("this hidden number"),
            customer=customer,
        )
