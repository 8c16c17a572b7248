from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

NOTIFY_CHANNEL = "noojee_command"
KINDS = [
    ("call", "Call"),
    ("hang_up", "Hang up"),
    ("start_recording", "Start recording"),
    ("stop_recording", "Stop recording"),
    ("tag_recording", "Tag recording"),
]
# of no use to a record that is gone; what runs can still be stopped
FOR_THE_RECORD = ("call", "start_recording", "tag_recording")
TAGGED = ("start_recording", "tag_recording")


class NoojeeCommand(models.Model):
    """A wish of automation, carried out after the transaction that made it.

    Nobody creates or writes commands over RPC: server actions wish, people retry or
    cancel.
    """

    _name = "noojee.command"
    _description = "Noojee command"
    _order = "id desc"
    _rec_name = "record_name"

    kind = fields.Selection(KINDS, required=True)
    action_id = fields.Many2one(
        "ir.actions.server", string="Wished for by", ondelete="set null"
    )
    pbx_id = fields.Many2one("noojee.pbx", string="PBX", ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    user_id = fields.Many2one("res.users", string="Line of", index=True)
    call_id = fields.Many2one("noojee.call", ondelete="cascade", index="btree_not_null")
    unique_call_id = fields.Char(help="The channel that ran when this was wished for.")
    res_model = fields.Char(string="Model")
    res_id = fields.Many2oneReference(string="Record id", model_field="res_model")
    record_name = fields.Char(
        string="Record", help="As it was called when this was wished for."
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        help="With whom the next call is meant, where none ran.",
    )
    tag = fields.Char()
    state = fields.Selection(
        [
            ("armed", "Armed"),
            ("queued", "Queued"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("skipped", "Skipped"),
            ("expired", "Expired"),
        ],
        required=True,
        default="queued",
        index=True,
    )
    reason = fields.Char()
    attempts = fields.Integer()
    is_maybe_done = fields.Boolean(
        string="Perhaps done", help="The PBX may have done it: its answer was lost."
    )
    due_at = fields.Datetime(string="Due", default=fields.Datetime.now)
    expires_at = fields.Datetime(
        string="Expires", help="What is not begun by then is not done any more."
    )
    done_at = fields.Datetime(string="Done at")

    # asked with each batch of events in which somebody was connected
    _armed_idx = models.Index("(user_id) WHERE state = 'armed'")

    @api.model_create_multi
    def create(self, vals_list):
        commands = super().create(vals_list)
        if "queued" in commands.mapped("state"):
            commands._wake()
        return commands

    def action_cancel(self):
        """Give up what waits: for the next call or for its turn."""
        self.check_access("read")
        # sudo: users do not write commands; these are among those they may see
        waiting_sudo = self.sudo().filtered(lambda c: c.state in ("armed", "queued"))
        reason = self.env._("%(user)s cancelled it.", user=self.env.user.name)
        waiting_sudo._note_end("skipped", reason)

    def action_open_record(self):
        """Open the record that this was wished for.

        :raise UserError: where it has been deleted.
        """
        self.ensure_one()
        self.check_access("read")
        record = self._record()
        if not record:
            raise UserError(self._deleted_words())
        return record.get_formview_action()

    # === TOOLS === #

    @api.model
    def _wake(self):
        """Wake the listener, and the cron where there is none, at commit."""
        # NOTIFY belongs to the transaction: a rollback takes it back
        self.env.cr.execute(SQL("NOTIFY %s", SQL.identifier(NOTIFY_CHANNEL)))
        self._cron()._trigger()

    @api.model
    def _cron(self):
        # sudo: whoever wishes or retries need not see jobs
        return self.env.ref("noojee.ir_cron_run_commands").sudo()

    def _record(self):
        """The record of this wish; empty or None if it is not there any more."""
        if self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists()

    def _is_orphan(self):
        """Whether nobody has any use for this: its record was deleted."""
        is_for_record = self.kind in FOR_THE_RECORD and self.res_model
        return bool(is_for_record) and not self._record()

    def _can_be_called_about(self):
        return self.res_model in self.env["noojee.call"]._record_models()
