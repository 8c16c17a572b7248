import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class NoojeeVoiceScript(models.Model):
    """What is read to customers who sign by their voice.

    It may be edited at any time: what is read is a frozen version of it, made when it
    is opened for the first time after it was edited.
    """

    _name = "noojee.voice.script"
    _inherit = ["noojee.voice.text"]
    _description = "Voice signature script"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    team_ids = fields.Many2many(
        "crm.team", string="Sales teams", help="Empty: for orders of every team."
    )
    notice = fields.Text(
        string="Notice of recording",
        required=True,
        translate=True,
        help="What the customer is told and asked before anything is recorded.",
    )
    passage_ids = fields.One2many(
        "noojee.voice.script.passage",
        "script_id",
        string="Passages",
        copy=True,
        help="Read one after the other, each answered with yes or no.",
    )
    version_ids = fields.One2many(
        "noojee.voice.script.version", "script_id", string="Versions"
    )
    version_id = fields.Many2one(
        "noojee.voice.script.version", string="Read last", readonly=True, copy=False
    )
    preview_order_id = fields.Many2one(
        "sale.order",
        string="Previewed on",
        compute="_compute_preview_order_id",
        readonly=False,
    )
    preview = fields.Text(compute="_compute_preview")

    def _compute_preview_order_id(self):
        orders = self.env["sale.order"]
        # administrators of telephony need not be of sales
        may_see = orders.has_access("read")
        for script in self:
            company = script.company_id or self.env.company
            script.preview_order_id = may_see and orders.search(
                [("company_id", "=", company.id), ("order_line", "!=", False)],
                order="id desc",
                limit=1,
            )

    @api.depends(
        "preview_order_id",
        "notice",
        "passage_ids.title",
        "passage_ids.body",
        "passage_ids.sequence",
    )
    def _compute_preview(self):
        for script in self:
            order = script.preview_order_id._origin
            script.preview = script._preview_of(order) if order else False

    def _preview_of(self, order):
        texts = [self._try_spoken("notice", order)]
        for passage in self.passage_ids.sorted(
            lambda p: (p.sequence, p.id or p._origin.id)
        ):
            texts.append(passage._try_spoken("body", order))
        return "\n\n".join(text or fault for text, fault in texts)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read(self):
        if self.version_ids:
            raise UserError(
                self.env._(
                    "This script has been read to customers. Archive it instead."
                )
            )

    # === WHICH === #

    @api.model
    def _of_order(self, order):
        """The scripts that may be read for an order."""
        return self.search(
            Domain("company_id", "in", [order.company_id.id, False])
            & (
                Domain("team_ids", "=", False)
                | Domain("team_ids", "in", order.team_id.ids)
            )
        ).filtered("passage_ids")

    # === VERSIONS === #

    def _wording(self):
        """All that is read, in every language, as text that changes with it."""
        passages = self.passage_ids.sorted(
            lambda passage: (passage.sequence, passage.id)
        )
        content = [
            self._in_all_languages("notice"),
            *[
                [passage._in_all_languages(fname) for fname in ("title", "body")]
                for passage in passages
            ],
        ]
        return json.dumps(content, sort_keys=True, ensure_ascii=False)

    def _current_version(self):
        """The version that is read now: the last one, or a new one where the wording
        was edited since."""
        self.ensure_one()
        # sudo: whoever reads a script may be the first who does
        script_sudo = self.sudo()
        wording = script_sudo._wording()
        digest = hashlib.sha256(wording.encode()).hexdigest()
        if script_sudo.version_id.digest != digest:
            script_sudo._take_turn()
            script_sudo.version_id = script_sudo._freeze(digest)
        return script_sudo.version_id.with_env(self.env)

    def _take_turn(self):
        """Of two who read it first at the same moment one waits here for the other,
        and Odoo repeats his request."""
        # SQL: the ORM's lock does not wait
        self.env.cr.execute(
            SQL("SELECT id FROM noojee_voice_script WHERE id = %s FOR UPDATE", self.id),
            log_exceptions=False,
        )

    def _freeze(self, digest):
        version = self.env["noojee.voice.script.version"].create(
            {
                "script_id": self.id,
                "number": max(self.version_ids.mapped("number"), default=0) + 1,
                "digest": digest,
                "notice": self.notice,
            }
        )
        version._take_translations("notice", self)
        for passage in self.passage_ids:
            passage._freeze(version)
        version.is_frozen = True
        return version
