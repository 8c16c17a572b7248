from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .noojee_voice_signature import STATES

CHECK_LATER = "noojee.orders_to_check"


class SaleOrder(models.Model):
    """Orders that are signed by voice, and that cannot be confirmed without."""

    _inherit = "sale.order"

    noojee_signature_ids = fields.One2many(
        "noojee.voice.signature",
        "order_id",
        string="Voice signatures",
        groups="noojee.group_user",
        copy=False,
    )
    noojee_signature_count = fields.Integer(
        string="Voice signature takes",
        compute="_compute_noojee_signature_count",
        groups="noojee.group_user",
    )
    noojee_signature_state = fields.Selection(
        STATES,
        string="Voice signature",
        compute="_compute_noojee_signature",
        help="Of the last take.",
    )
    noojee_needs_signature = fields.Boolean(
        compute="_compute_noojee_needs_signature",
        help="It cannot be confirmed before its customer has signed it by voice.",
    )
    noojee_spoken_lines = fields.Text(
        string="Lines as they are read", compute="_compute_noojee_spoken_lines"
    )

    @api.depends("noojee_signature_ids")
    def _compute_noojee_signature_count(self):
        for order in self:
            # the form shows them: they are read once
            order.noojee_signature_count = len(order.noojee_signature_ids)

    def _compute_noojee_signature(self):
        # sudo: how far it has come, whoever took it
        takes_sudo = (
            self.env["noojee.voice.signature"]
            .sudo()
            .search([("order_id", "in", self.ids)])
            .grouped("order_id")
        )
        for order in self:
            taken_sudo = takes_sudo.get(order.sudo()._origin)
            order.noojee_signature_state = taken_sudo and taken_sudo[0].state

    @api.depends("team_id", "state")
    def _compute_noojee_needs_signature(self):
        for order in self:
            order.noojee_needs_signature = order._origin._noojee_lacks_signature()

    @api.depends(
        "order_line.name", "order_line.product_uom_qty", "order_line.price_total"
    )
    @api.depends_context("lang")
    def _compute_noojee_spoken_lines(self):
        for order in self:
            order.noojee_spoken_lines = "\n".join(
                order._noojee_spoken_line(line)
                for line in order.order_line
                if not line.display_type and not line.is_downpayment
            )

    def _noojee_spoken_line(self, line):
        return self.env._(
            "%(quantity)s × %(product)s for %(amount)s",
            quantity=f"{line.product_uom_qty:g}",
            product=(line.name or "").splitlines()[0] if line.name else "",
            amount=format_amount(self.env, line.price_total, self.currency_id),
        )

    # === WHAT A PERSON DOES === #

    def action_noojee_sign(self):
        """Open the dialogue that takes a voice signature."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.client",
            "tag": "noojee.voice_signature",
            "params": {"order_id": self.id, "name": self.name},
        }

    def action_noojee_signatures(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noojee.noojee_voice_signature_action"
        )
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        # sudo: whoever took them
        takes_sudo = self.env["noojee.voice.signature"].sudo()
        taken_sudo = takes_sudo.search([("order_id", "in", self.ids)], limit=1)
        if taken_sudo:
            raise UserError(
                self.env._(
                    "%(order)s has voice signatures, which are kept. Cancel it "
                    "instead.",
                    order=taken_sudo.order_id.name,
                )
            )

    # === CHANGES MAKE IT VOID === #

    def write(self, vals):
        if vals.get("state") == "sale":
            self._noojee_check_signed()
        result = super().write(vals)
        self._noojee_check_signatures_later()
        return result

    def _noojee_check_signatures_later(self):
        """Compare what was signed with what these say at the transaction's end: in
        between lines may be taken away and put back."""
        pending = self.env.cr.precommit.data.setdefault(CHECK_LATER, set())
        if not pending:
            self.env.cr.precommit.add(
                self.env["sale.order"]._noojee_check_pending_signatures
            )
        pending.update(self.ids)

    @api.model
    def _noojee_check_pending_signatures(self):
        ids = self.env.cr.precommit.data.pop(CHECK_LATER, ())
        # sudo: a signature is void whoever changed what was signed
        signed_sudo = (
            self.env["noojee.voice.signature"]
            .sudo()
            .search([("order_id", "in", list(ids)), ("state", "=", "signed")])
        )
        signed_sudo._void_changed()

    # === THE TEAM'S RULE === #

    def _noojee_is_signed(self):
        """Whether a customer has signed by voice what this order says now."""
        self.ensure_one()
        # sudo: whoever took it
        signed_sudo = (
            self.env["noojee.voice.signature"]
            .sudo()
            .search([("order_id", "=", self.id), ("state", "=", "signed")])
        )
        if not signed_sudo:
            return False
        return self._noojee_digest() in signed_sudo.mapped("order_sha256")

    def _noojee_lacks_signature(self):
        # sudo: the rule holds whatever of the team the user may see
        is_required = self.sudo().team_id.noojee_needs_voice_signature
        return (
            is_required
            and self.state in ("draft", "sent")
            and not self._noojee_is_signed()
        )

    def _noojee_check_signed(self):
        """:raise UserError: whichever way an order is confirmed that lacks it"""
        for order in self:
            if order._noojee_lacks_signature():
                raise UserError(order._noojee_lacking_words())

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message or not self._noojee_lacks_signature():
            return message
        return self._noojee_lacking_words()

    def _noojee_lacking_words(self):
        return self.env._(
            "%(order)s needs its customer's voice signature before it is confirmed, "
            "for what it says now. Call the customer and press Voice signature.",
            order=self.name,
        )

    def _validate_order(self):
        # what the customer does in the portal must not fail: it is kept, and the
        # order waits for his voice
        waiting = self.filtered(lambda order: order._noojee_lacks_signature())
        waiting._noojee_wait_for_signature()
        ready = self - waiting
        return super(SaleOrder, ready)._validate_order() if ready else None

    def _noojee_wait_for_signature(self):
        """Tell the salesperson that the customer has done his part."""
        for order in self:
            words = order.env._(
                "The customer has accepted or paid %(order)s. It is not confirmed yet: "
                "its voice signature is missing.",
                order=order.name,
            )
            order._message_log(body=words)
            order._noojee_ask_for_signature(
                words, order.user_id or order.team_id.user_id
            )

    def _noojee_ask_for_signature(self, words, user):
        """Have somebody call the customer; an administrator where there is no user."""
        self.activity_schedule(
            "mail.mail_activity_data_call",
            summary=self.env._("Take the voice signature"),
            note=words,
            user_id=user.id or self.env.ref("base.user_admin").id,
        )
