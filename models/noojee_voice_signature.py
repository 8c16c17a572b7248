import json

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("recording", "Being taken"),
    ("signed", "Signed"),
    ("declined", "Declined"),
    ("incomplete", "Incomplete"),
    ("void", "Void"),
]
# what may become of a take; nothing brings back what is not in here
NEXT_STATES = {
    "recording": ("signed", "declined", "incomplete", "void"),
    "signed": ("void", "incomplete"),
    # its audio has come after all
    "incomplete": ("signed", "void"),
}
# what is still learnt of a take once it is over
STILL_WRITTEN = {
    "state",
    "reason",
    "superseded_by_id",
    "is_audio_missing",
    "audio_sha256",
    "audio_parts",
    "audio_size",
    # calls turn out to be one, and their recordings with them
    "call_id",
    "recording_id",
}
# what tells of a person, who may be erased; it may be forgotten, never told otherwise
ERASABLE = {"order_content", "reason"}


class NoojeeVoiceSignature(models.Model):
    """One take of a customer's agreement to an order: the script as it was read, his
    answers, and the recording of it.

    Nobody creates or writes takes over RPC: agents take them by the methods of the
    dialogue. What is over is never edited, and never deleted.
    """

    _name = "noojee.voice.signature"
    _description = "Voice signature"
    _order = "id desc"

    order_id = fields.Many2one(
        "sale.order", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True)
    number = fields.Integer(string="Take", required=True, aggregator=None)
    user_id = fields.Many2one(
        "res.users", string="Taken by", required=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", ondelete="restrict", index=True
    )
    call_id = fields.Many2one(
        "noojee.call", ondelete="restrict", index="btree_not_null"
    )
    recording_id = fields.Many2one(
        "noojee.recording", ondelete="restrict", index="btree_not_null"
    )
    version_id = fields.Many2one(
        "noojee.voice.script.version",
        string="Script",
        required=True,
        ondelete="restrict",
        index=True,
    )
    lang = fields.Char(string="Language code")
    language_name = fields.Char(string="Language", compute="_compute_language_name")
    state = fields.Selection(STATES, required=True, default="recording", index=True)
    reason = fields.Char(help="Why it is not, or no longer, a signature.")
    superseded_by_id = fields.Many2one(
        "noojee.voice.signature",
        string="Replaced by",
        ondelete="restrict",
        help="A later take of the same order.",
    )
    started_at = fields.Datetime(
        string="Taken", required=True, default=fields.Datetime.now
    )
    finished_at = fields.Datetime(
        string="Read to the end", help="When the agent pressed Stop."
    )
    signed_at = fields.Datetime(string="Signed")
    is_given_up = fields.Boolean()
    starts_recording = fields.Boolean(
        help="Recording began with this take, and ends with it. Else the call was "
        "being recorded already, and goes on so."
    )
    passage_ids = fields.One2many(
        "noojee.voice.signature.passage", "signature_id", string="Passages"
    )
    amount_total = fields.Monetary(string="Total")
    currency_id = fields.Many2one("res.currency")
    order_content = fields.Text(
        string="What was signed",
        help="The order's lines, totals and terms as one text: its SHA-256 is the "
        "order's digest.",
    )
    order_sha256 = fields.Char(
        string="SHA-256 of the order", required=True, help="Of what was signed."
    )

    _running_unique = models.UniqueIndex(
        "(call_id) WHERE state = 'recording'", "A signature is being taken already."
    )
    _number_unique = models.Constraint(
        "unique(order_id, number)", "An order has each take once."
    )

    @api.depends("order_id.name", "number")
    def _compute_display_name(self):
        for signature in self:
            signature.display_name = self.env._(
                "%(order)s, take %(number)s",
                order=signature.order_id.name,
                number=signature.number,
            )

    @api.depends("lang")
    def _compute_language_name(self):
        # also those that were switched off since
        languages = self.env["res.lang"].with_context(active_test=False)
        spoken = languages.search([("code", "in", self.mapped("lang"))])
        names = {language.code: language.name for language in spoken}
        for signature in self:
            signature.language_name = names.get(signature.lang, signature.lang)

    # === KEPT AS IT WAS === #

    def write(self, vals):
        for signature in self:
            signature._check_may_write(vals)
        return super().write(vals)

    def _check_may_write(self, vals):
        is_erased = not any(vals.values()) and vals.keys() <= ERASABLE
        if self.state == "recording" or is_erased:
            return
        state = vals.get("state", self.state)
        is_next = state == self.state or state in NEXT_STATES.get(self.state, ())
        if not is_next or vals.keys() - STILL_WRITTEN:
            raise UserError(
                self.env._(
                    "%(take)s is over: it stays as it was taken. Take a new one.",
                    take=self.display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Voice signatures are kept: a take cannot be deleted, only replaced by "
                "a new one."
            )
        )

    def _erase(self):
        """Forget what was read and said to a person who is erased; that it was signed,
        when, by whom and both digests stay."""
        self.passage_ids._erase()
        self.write(dict.fromkeys(ERASABLE, False))

    @api.model
    def _erase_of(self, partners):
        takes = self.search([("partner_id", "in", partners.ids)])
        takes.recording_id._erase()
        takes._erase()

    # === WHAT A PERSON DOES === #

    def action_play(self):
        """Open the player over whatever is open."""
        self.ensure_one()
        return self.recording_id.action_play()

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_evidence(self):
        """The evidence sheet as a PDF."""
        self.check_access("read")
        report = self.env.ref("noojee.action_report_voice_signature")
        return report.report_action(self)

    def action_send(self):
        """Write to the customer, with the evidence sheet attached.

        The audio itself is not: it is heard in Odoo alone.

        :return: the mail composer, nothing is sent yet
        :raise UserError: for what is no signature, or where the sheet would lack the
            digest of the audio.
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "signed":
            raise UserError(
                self.env._(
                    "%(take)s is not signed: there is nothing to thank the customer "
                    "for.",
                    take=self.display_name,
                )
            )
        if not self.audio_sha256:
            raise UserError(
                self.env._(
                    "The audio is not here yet: the sheet would not tell its SHA-256. "
                    "Try again in a few minutes."
                )
            )
        order = self.order_id
        customer = order.partner_id
        own = self.with_context(lang=self._language() or customer.lang)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send"),
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": order._name,
                "default_res_ids": order.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": customer.ids,
                "default_subject": own.env._(
                    "Your voice signature of %(order)s", order=order.name
                ),
                "default_body": own._mail_body(),
                "default_attachment_ids": [Command.set(own._evidence_attachment().ids)],
                "force_email": True,
            },
        }

    def _mail_body(self):
        return self.env["ir.qweb"]._render(
            "noojee.voice_signature_mail", {"signature": self}
        )

    def _evidence_attachment(self):
        content, extension = self.env["ir.actions.report"]._render_qweb_pdf(
            "noojee.action_report_voice_signature", self.ids
        )
        return self.env["ir.attachment"].create(
            {
                "name": f"{self._evidence_name()}.{extension}",
                "raw": content,
                # as the composer keeps what is added to it until it is sent
                "res_model": "mail.compose.message",
                "res_id": 0,
            }
        )

    def _language(self):
        """The code of the language that it was taken in; False where nobody speaks
        that here any more."""
        known = self.lang and self.env["res.lang"]._get_data(code=self.lang)
        return self.lang if known else False

    def _content(self):
        """What was signed, as :meth:`SaleOrder._noojee_content` told it; empty once it
        is erased."""
        return json.loads(self.order_content) if self.order_content else {}

    def _zone(self):
        """The time zone that the sheet tells moments in: the agent's."""
        # sudo: a setting alone
        return self.user_id.tz or self.call_id.sudo().pbx_id.tz or "UTC"

    def _evidence_name(self):
        return self.env._(
            "Voice signature %(order)s-%(number)s",
            order=self.order_id.name.replace("/", "-"),
            number=self.number,
        )
