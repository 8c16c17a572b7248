from odoo import api, fields, models


class NoojeeFindRecordings(models.TransientModel):
    """Recordings that were tagged with an invoice's number: they are filed on the order
    that it bills, or on its customer, and a note on the invoice leads to them."""

    _inherit = "noojee.find.recordings"

    invoice_id = fields.Many2one("account.move", readonly=True)
    invoice_words = fields.Char(compute="_compute_invoice_words")

    @api.depends("invoice_id", "record_ref")
    def _compute_invoice_words(self):
        for wizard in self:
            wizard.invoice_words = (
                wizard._words_of_invoice() if wizard.invoice_id else False
            )

    def _words_of_invoice(self):
        invoice = self.invoice_id.name
        if not self.record_ref:
            return self.env._(
                "Choose what recordings of %(invoice)s are filed on.", invoice=invoice
            )
        orders = self._orders_of(self.invoice_id)
        if len(orders) > 1:
            return self.env._(
                "%(invoice)s bills %(orders)s. The recordings are filed on %(record)s, "
                "unless you choose another one, and a note on the invoice leads to "
                "them.",
                invoice=invoice,
                orders=", ".join(orders.mapped("name")),
                record=self.record_ref.display_name,
            )
        return self.env._(
            "The recordings of %(invoice)s are filed on %(record)s, and a note on the "
            "invoice leads to them.",
            invoice=invoice,
            record=self.record_ref.display_name,
        )

    # === WHAT THEY ARE FILED ON === #

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        invoice = self._invoice_of_context()
        if not invoice:
            return values
        told = {
            "invoice_id": invoice.id,
            "tag": invoice.name,
            "record_ref": self._reference_of(invoice),
        }
        return {**values, **{key: told[key] for key in told if key in fields_list}}

    @api.model
    def _invoice_of_context(self):
        context = self.env.context
        if context.get("active_model") != "account.move":
            return self.env["account.move"]
        return self.env["account.move"].browse(context.get("active_id")).exists()

    @api.model
    def _orders_of(self, invoice):
        # sudo: which order a line bills is read by who sees the invoice
        orders_sudo = invoice.sudo().line_ids.sale_line_ids.order_id
        return orders_sudo.sudo(False)._filtered_access("read").sorted("id")

    @api.model
    def _reference_of(self, invoice):
        record = self._orders_of(invoice)[:1]
        record = record or invoice.partner_id._filtered_access("read")
        return record and f"{record._name},{record.id}"

    def action_find(self):
        if self.by == "tag" and not self.record_ref:
            self._choose_record()
        return super().action_find()

    def _choose_record(self):
        """The order or invoice whose number was written."""
        number = (self.tag or "").strip()
        order = self._named("sale.order", number)
        if order:
            self.record_ref = f"{order._name},{order.id}"
            return
        self.invoice_id = self._named("account.move", number)
        if self.invoice_id:
            self.record_ref = self._reference_of(self.invoice_id)

    @api.model
    def _named(self, model, number):
        records = self.env[model]
        if not number or not records.has_access("read"):
            return records
        found = records.search([("name", "=", number)], limit=2)
        # of two companies' equal numbers nobody knows which one is meant
        return found if len(found) == 1 else records

    # === THE NOTE === #

    def _show(self, ids):
        if self.invoice_id:
            self._note_on_invoice(self.env["noojee.recording"].browse(ids))
        return super()._show(ids)

    def _note_on_invoice(self, recordings):
        self.invoice_id.check_access("read")
        # sudo: an invoice is read by who brings its recordings, not written
        invoice_sudo = self.invoice_id.sudo()
        for recording in recordings:
            filed_on = recording.record_ref
            body = self.env._(
                "Recording %(recording)s, filed on %(record)s.",
                recording=recording._get_html_link(),
                record=filed_on._get_html_link() if filed_on else "-",
            )
            invoice_sudo._message_log(body=body, author_id=self.env.user.partner_id.id)
