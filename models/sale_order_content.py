import hashlib
import json

from odoo import models


class SaleOrder(models.Model):
    """What a customer agrees to, as one text whose digest can be taken again."""

    _inherit = "sale.order"

    def _noojee_content(self):
        """Lines, totals and terms, and nothing that people only note.

        :return: dict of plain values; figures are texts, so that no floating point
            changes them
        """
        self.ensure_one()
        decimals = self.currency_id.decimal_places
        lines = [
            line._noojee_content(decimals)
            for line in self.order_line
            # invoicing puts these in; they are no part of what was agreed
            if not line.is_downpayment
        ]
        return {
            "order": self.name,
            "company": self.company_id.id,
            "customer": self.partner_id.id,
            "invoice_address": self.partner_invoice_id.id,
            "delivery_address": self.partner_shipping_id.id,
            "currency": self.currency_id.name,
            # in whichever order they are shown
            "lines": sorted(lines, key=_canonical),
            "untaxed": f"{self.amount_untaxed:.{decimals}f}",
            "tax": f"{self.amount_tax:.{decimals}f}",
            "total": f"{self.amount_total:.{decimals}f}",
            "payment_terms": self.payment_term_id.id or None,
            "delivery_date": self.commitment_date and f"{self.commitment_date}Z" or "",
            "terms": str(self.note or ""),
        }

    def _noojee_content_text(self):
        """The same as the one text that a digest is taken of."""
        # sudo: the same for whoever asks
        return _canonical(self.sudo()._noojee_content())

    def _noojee_digest(self):
        """SHA-256 of what a customer agrees to, in hexadecimal digits."""
        return self._noojee_digest_of(self._noojee_content_text())

    def _noojee_digest_of(self, text):
        return hashlib.sha256(text.encode()).hexdigest()

    def _noojee_changes(self, text):
        """What has changed since a text was taken, in plain words.

        :param str text: of :meth:`_noojee_content_text`
        """
        before, now = json.loads(text), self.sudo()._noojee_content()
        parts = [
            (("lines",), self.env._("its lines")),
            (("payment_terms", "terms", "delivery_date"), self.env._("its terms")),
            (
                ("customer", "invoice_address", "delivery_address"),
                self.env._("the customer or his addresses"),
            ),
        ]
        words = [
            said for names, said in parts if any(before[n] != now[n] for n in names)
        ]
        if (before["total"], before["currency"]) != (now["total"], now["currency"]):
            words.append(
                self.env._(
                    "the total, from %(before)s to %(now)s",
                    before=f"{before['currency']} {before['total']}",
                    now=f"{now['currency']} {now['total']}",
                )
            )
        return ", ".join(words) or self.env._("its totals")


def _canonical(content):
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
