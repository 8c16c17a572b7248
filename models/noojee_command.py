import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..client import ApiError, KeyRefused, NoojeeError
from .noojee_circuit import PbxAway
from .transaction import is_collision, is_database_away, repeat, spoils_transaction

_logger = logging.getLogger(__name__)

NOTIFY_CHANNEL = "noojee_command"
BATCH = 20
# who took a command and has not stored its outcome by then has died
LEASE = timedelta(seconds=60)
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
    def _wish_recording(self, record, tag, failure=False):
        """Queue *start recording* on the call that runs at the record's line.

        :param record: that the recording will belong to
        :param str tag: external reference of the recording
        :param str failure: why there is no tag: the wish is kept as failed
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
        state = ("failed" if failure else "queued") if channel else "skipped"
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
                "state": state,
                "reason": reason or failure,
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
        """Carry out what is due.

        No transaction is open while the PBX is waited for: one marks a command as
        taken, another stores its outcome. What cannot be carried out fails alone.

        :return: how many are left that are due now; 0 where none could be taken
        """
        taken = 0
        for command in self.search(self._due_domain(), order="id", limit=BATCH):
            taken += command._run_apart()
            if not self.env["ir.cron"]._commit_progress(1):
                break
        return self.search_count(self._due_domain()) if taken else 0

    @api.model
    def _due_domain(self):
        return [("state", "=", "queued"), ("due_at", "<=", fields.Datetime.now())]

    def _run_apart(self):
        """:return: whether it was taken, and not by another process"""
        if not self._take():
            return False
        try:
            outcome = self._outcome()
        except Exception as error:
            if is_database_away(error):
                raise
            _logger.exception("Command %s cannot be carried out.", self.id)
            outcome = ("failed", str(error))
        self._store(lambda: self._note_outcome(*outcome))
        return True

    def _take(self):
        """Mark this command as taken: it comes back by itself if this process dies.

        :return: whether it was still to be taken
        """
        try:
            # another process may have taken it, or a person cancelled it
            if not self.try_lock_for_update() or self.state != "queued":
                return False
            due_at = fields.Datetime.now() + LEASE
            self.write({"due_at": due_at, "attempts": self.attempts + 1})
            self._commit()
        except psycopg2.Error as error:
            if not is_collision(error):
                raise
            self.env.cr.rollback()
            return False
        return True

    def _store(self, note):
        def store():
            try:
                note()
                self._commit()
            except psycopg2.Error:
                self.env.cr.rollback()
                raise

        self.env.cr.rollback()
        repeat(store)

    @api.model
    def _commit(self):
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _outcome(self):
        """Carry this out.

        :return: state and reason
        """
        if self.call_id.state == "ended":
            return "expired", self.env._("The call had ended.")
        try:
            self._carry_out()
        except KeyRefused as error:
            # an administrator may give a new one meanwhile
            return "queued", self.pbx_id._explain(error)
        except ApiError as error:
            # it will be the same the next time
            return "failed", self.pbx_id._explain(error)
        except NoojeeError as error:
            return "queued", self.pbx_id._explain(error)
        except PbxAway as error:
            return "queued", str(error)
        except UserError as error:
            return "failed", str(error)
        return "done", False

    def _carry_out(self):
        channel = self.call_id.channel_ids.filtered(
            lambda channel: channel.unique_call_id == self.unique_call_id
        )
        target = self.unique_call_id
        if channel:
            target = self.call_id._target(channel[0])
        tag = self.tag or None
        login = self.user_id.noojee_extension_ids[:1].noojee_login or None
        self.pbx_id._ask(
            lambda client: client.start_recording(target, tag=tag, agent_login=login),
            before_wait=self._commit,
        )

    def _note_outcome(self, state, reason):
        if state == "queued" and self.attempts <= len(RETRY_WAITS):
            # starting twice does no harm
            due_at = fields.Datetime.now() + RETRY_WAITS[self.attempts - 1]
            self.write({"due_at": due_at, "reason": reason})
            self.env.ref("noojee.ir_cron_run_commands")._trigger(due_at)
            return
        self.write(
            {
                "state": "failed" if state == "queued" else state,
                "reason": reason,
                "done_at": fields.Datetime.now(),
            }
        )
        if state == "done":
            self._after(self._link_call)
        self._after(self._log_outcome)

    def _after(self, step):
        """What follows an outcome must not undo it."""
        try:
            with self.env.cr.savepoint():
                step()
        except Exception as error:
            if spoils_transaction(error):
                raise
            _logger.exception("The outcome of command %s is not shown.", self.id)

    def _link_call(self):
        """The call is about the record now, unless a person said otherwise."""
        call = self.call_id
        call._recording_started(self.tag)
        record = call._existing_record()
        if self.res_model not in call._record_models() or not self._record():
            return
        if not record or record == call.partner_id:
            call.record_ref = f"{self.res_model},{self.res_id}"
            call._notify()

    def _record(self):
        """The record of this wish, if it is still there."""
        if self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists()

    def _log_outcome(self):
        """Leave a trace of the outcome on the record, where it has a chatter."""
        record = self._record()
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
