import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..client import ApiError, NoojeeError
from .noojee_circuit import PbxAway

_logger = logging.getLogger(__name__)

NOTIFY_CHANNEL = "noojee_command"
BATCH = 20
# waits between the attempts: a PBX that restarts is back within minutes
RETRY_WAITS = [timedelta(seconds=seconds) for seconds in (5, 15, 60, 300)]


class NoojeeCommand(models.Model):
    """A wish of automation, carried out after the transaction that made it."""

    _name = "noojee.command"
    _description = "Noojee command"
    _order = "id desc"
    _rec_name = "kind"

    kind = fields.Selection([("start_recording", "Start recording")], required=True)
    pbx_id = fields.Many2one("noojee.pbx", string="PBX", ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True)
    user_id = fields.Many2one("res.users", string="Line of", index=True)
    call_id = fields.Many2one("noojee.call", ondelete="cascade")
    unique_call_id = fields.Char(help="The channel that ran when this was wished for.")
    res_model = fields.Char(string="Model")
    res_id = fields.Many2oneReference(string="Record", model_field="res_model")
    tag = fields.Char()
    state = fields.Selection(
        [
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
    due_at = fields.Datetime(string="Due", default=fields.Datetime.now)
    done_at = fields.Datetime(string="Done at")

    @api.model_create_multi
    def create(self, vals_list):
        commands = super().create(vals_list)
        commands.filtered(lambda command: command.state == "queued")._wake()
        return commands

    def action_retry(self):
        """Put failed commands into the queue again."""
        self.check_access("read")
        # sudo: users do not write commands; these are among those they may see
        failed_sudo = self.sudo().filtered(lambda command: command.state == "failed")
        failed_sudo.write(
            {"state": "queued", "attempts": 0, "due_at": fields.Datetime.now()}
        )
        failed_sudo._wake()

    @api.model
    def _wake(self):
        """Wake the listener, and the cron where there is none, at commit."""
        # NOTIFY belongs to the transaction: a rollback takes it back
        self.env.cr.execute(SQL("NOTIFY %s", SQL.identifier(NOTIFY_CHANNEL)))
        self.env.ref("noojee.ir_cron_run_commands")._trigger()

    # === WISHES === #

    @api.model
    def _wish_recording(self, record, tag):
        """Queue *start recording* on the call that runs at the record's line.

        :param record: that the recording will belong to
        :param str tag: external reference of the recording
        :return: the command; skipped, with its reason, where nothing can be recorded
        """
        user, reason = self._line_user(record)
        channel = (
            self.env["noojee.call.channel"]
            .sudo()
            .search(
                [("user_id", "=", user.id), ("state", "in", ["ringing", "connected"])],
                order="answered_at desc nulls last, id desc",
                limit=1,
            )
        )
        if user and not channel:
            reason = self.env._("%(user)s was not in a call.", user=user.name)
        company = channel.company_id or self.env.company
        return self.sudo().create(
            {
                "kind": "start_recording",
                "res_model": record._name,
                "res_id": record.id,
                "user_id": user.id,
                "company_id": company.id,
                "pbx_id": channel.pbx_id.id,
                "call_id": channel.call_id.id,
                "unique_call_id": channel.unique_call_id,
                "tag": tag,
                "state": "queued" if channel else "skipped",
                "reason": reason,
            }
        )

    @api.model
    def _line_user(self, record):
        """Whose line an automation uses, or nobody's with the reason."""
        user = self.env.user
        if user._is_superuser() or user.share:
            user = record["user_id"] if "user_id" in record else user.browse()
            if not user:
                return user, self.env._("The record has no salesperson.")
        if not user.sudo().noojee_extension_ids:
            return user.browse(), self.env._("%(user)s has no line.", user=user.name)
        return user, False

    # === CARRYING OUT === #

    @api.model
    def _run_due(self):
        """Carry out what is due, each in a transaction of its own.

        :return: how many are left that are due now
        """
        domain = [("state", "=", "queued"), ("due_at", "<=", fields.Datetime.now())]
        for command in self.search(domain, order="id", limit=BATCH):
            # another process may have taken it, or cancelled it
            if command.try_lock_for_update() and command.state == "queued":
                command._run()
            self.env["ir.cron"]._commit_progress(1)
        return self.search_count(domain)

    def _run(self):
        self.ensure_one()
        if self.call_id.state == "ended":
            return self._finish("expired", self.env._("The call had ended."))
        try:
            self._carry_out()
        except (PbxAway, NoojeeError) as error:
            self._fail(error)
        except UserError as error:
            self._finish("failed", str(error))
        else:
            self._finish("done")

    def _carry_out(self):
        login = self.user_id.noojee_extension_ids[:1].noojee_login
        self.pbx_id._ask(
            lambda client: client.start_recording(
                self.unique_call_id, tag=self.tag or None, agent_login=login or None
            )
        )
        self.call_id._recording_started(self.tag)
        self._link_call()

    def _link_call(self):
        """The call is about the record now, unless a person said otherwise."""
        call = self.call_id
        if not call.record_ref or call.record_ref == call.partner_id:
            call.record_ref = f"{self.res_model},{self.res_id}"
            call._notify()

    def _fail(self, error):
        """Try again later what may succeed then; else tell."""
        words = str(error)
        if isinstance(error, NoojeeError):
            words = self.pbx_id._explain(error)
        # starting twice does no harm; a refusal will be the same the next time
        if isinstance(error, ApiError) or self.attempts >= len(RETRY_WAITS):
            return self._finish("failed", words)
        due_at = fields.Datetime.now() + RETRY_WAITS[self.attempts]
        self.write({"attempts": self.attempts + 1, "due_at": due_at, "reason": words})
        self.env.ref("noojee.ir_cron_run_commands")._trigger(due_at)

    def _finish(self, state, reason=False):
        self.write({"state": state, "reason": reason, "done_at": fields.Datetime.now()})
        self._log_outcome()

    def _log_outcome(self):
        """Leave a trace of the outcome on the record, where it has a chatter."""
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record or "message_ids" not in record:
            return
        match self.state:
            case "done":
                body = self.env._(
                    "Recording started, tagged %(tag)s.", tag=self.tag or "–"
                )
            case _other:
                body = self.env._(
                    "The call was not recorded: %(reason)s", reason=self.reason
                )
        record._message_log(body=body)

    # === CRON === #

    @api.model
    def _cron_run_commands(self):
        """Carry out queued commands where no listener process does it."""
        left = self._run_due()
        self.env["ir.cron"]._commit_progress(0, remaining=left)
