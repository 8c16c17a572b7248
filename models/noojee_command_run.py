import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..client import ApiError, KeyRefused, NoojeeError
from .noojee_circuit import PbxAway
from .transaction import claim, is_database_away, store, try_part

_logger = logging.getLogger(__name__)

BATCH = 20
# who took a command and has not stored its outcome by then has died
LEASE = timedelta(seconds=60)
# waits between the attempts: a PBX that restarts is back within minutes
RETRY_WAITS = [timedelta(seconds=seconds) for seconds in (5, 15, 60, 300)]
# a call is placed within a minute or not at all
DIAL_WAITS = [timedelta(seconds=seconds) for seconds in (5, 10, 16, 16)]


class NoojeeCommand(models.Model):
    """Carrying out: taken in one transaction, its outcome stored in another one."""

    _inherit = "noojee.command"

    @api.model
    def _run_due(self):
        """Carry out what is due.

        No transaction is open while the PBX is waited for: one marks a command as
        taken, another stores its outcome. What cannot be carried out fails alone.

        :return: how many are left that are due now; 0 where none could be taken
        """
        store(self.env.cr, self._meet_calls)
        taken = 0
        for command in self.search(self._due_domain(), order="id", limit=BATCH):
            taken += command._run_apart()
            if not self.env["ir.cron"]._commit_progress(1):
                break
        return self.search_count(self._due_domain()) if taken else 0

    @api.model
    def _seconds_to_next(self, most):
        """For how long nothing is due.

        :param int most: seconds, where nothing is queued
        :return: seconds, at least one: what is due now is in another process's hands
        """
        upcoming = self.search([("state", "=", "queued")], order="due_at", limit=1)
        if not upcoming:
            return most
        wait = (upcoming.due_at - fields.Datetime.now()).total_seconds()
        return min(max(1, wait), most)

    @api.model
    def _due_domain(self):
        return [("state", "=", "queued"), ("due_at", "<=", fields.Datetime.now())]

    def _run_apart(self):
        """:return: whether it was taken, and not by another process"""
        if not claim(self.env.cr, self._take):
            return False
        try:
            outcome = self._in_words_of_user()._outcome()
        except Exception as error:
            if is_database_away(error):
                raise
            _logger.exception("Command %s cannot be carried out.", self.id)
            self.env.cr.rollback()
            # nobody knows how far it came
            outcome = {"state": "failed", "reason": str(error), "is_maybe_done": True}
        # what asking the PBX has noted
        self.env.cr.commit()  # pylint: disable=invalid-commit
        store(self.env.cr, lambda: self._note_outcome(outcome))
        return True

    def _take(self):
        """Mark this command as taken: it comes back by itself if this process dies.

        :return: whether it is to be carried out now
        """
        self.lock_for_update()
        # another process may have taken it, or a person cancelled it
        if self.state != "queued":
            return False
        if self.kind == "call" and self.is_maybe_done:
            # whoever dialled has died since
            self._note_end("failed", self._in_words_of_user()._maybe_dialled_words())
            return False
        if earlier := self._waits_for():
            self.due_at = earlier.due_at
            return False
        self.write(
            {
                "due_at": fields.Datetime.now() + LEASE,
                "attempts": self.attempts + 1,
                # until its outcome is stored
                "is_maybe_done": self.is_maybe_done or self.kind == "call",
            }
        )
        return True

    def _waits_for(self):
        """What was wished for the same call before: a stop that overtakes the start
        would leave the call recorded."""
        if not self.call_id:
            return self.browse()
        domain = [("call_id", "=", self.call_id.id), ("state", "=", "queued")]
        return self.search([*domain, ("id", "<", self.id)], order="id", limit=1)

    # === THE OUTCOME === #

    def _outcome(self):
        """Carry this out.

        :return: values of the command that tell what became of it
        """
        if outcome := self._void():
            return outcome
        try:
            return {"state": "done", "reason": False, **self._carry_out()}
        except NoojeeError as error:
            return self._outcome_of_error(error)
        except UserError as error:
            # a dial tells why in words, from what went wrong on the wire
            cause = error.__cause__
            is_told = isinstance(cause, NoojeeError | PbxAway)
            return self._outcome_of_error(cause if is_told else error, str(error))

    def _void(self):
        """The outcome of what is not to be done any more, or None."""
        if self._is_orphan():
            return {"state": "skipped", "reason": self._deleted_words()}
        if self.kind == "call":
            if self.expires_at and self.expires_at <= fields.Datetime.now():
                return {"state": "expired", "reason": self._too_late_words()}
            return None
        if not self._is_over():
            return None
        if self.kind == "hang_up" and self.is_maybe_done:
            # the attempt whose answer was lost
            return {"state": "done", "reason": False}
        return {"state": "expired", "reason": self._ended_words()}

    def _is_over(self):
        """Whether the call has ended, or at least the channel that was meant."""
        channel = self._channel()
        return self.call_id.state == "ended" or channel.state == "ended"

    def _too_late_words(self):
        words = self.env._("It could not be placed within a minute.")
        return f"{words} {self.reason}" if self.reason else words

    def _outcome_of_error(self, error, words=None):
        """
        :param str words: what to tell of it; without them the error is explained
        """
        is_wire = isinstance(error, NoojeeError)
        # the PBX's own words may repeat the number
        reason = words or self.pbx_id._explain(error)
        is_maybe_done = is_wire and error.maybe_done
        # what the PBX refuses it refuses the next time; but an administrator may give
        # a new key meanwhile
        is_refusal = isinstance(error, ApiError) and not isinstance(error, KeyRefused)
        may_repeat = isinstance(error, PbxAway) or (is_wire and not is_refusal)
        if self.kind == "call" and is_maybe_done:
            reason = f"{reason} {self._maybe_dialled_words()}"
            may_repeat = False
        state = "queued" if may_repeat else "failed"
        return {"state": state, "reason": reason, "is_maybe_done": is_maybe_done}

    def _note_outcome(self, outcome):
        """Store what became of this, in a transaction of its own."""
        waits = DIAL_WAITS if self.kind == "call" else RETRY_WAITS
        self.is_maybe_done = outcome.get("is_maybe_done", False)
        if outcome["state"] == "queued" and self.attempts <= len(waits):
            due_at = fields.Datetime.now() + waits[self.attempts - 1]
            self.write({"due_at": due_at, "reason": outcome["reason"]})
            self._cron()._trigger(due_at)
            if self.attempts == 1:
                self._after(self._log_outcomes)
            return
        if call_id := outcome.get("call_id"):
            self.call_id = call_id
        state = "failed" if outcome["state"] == "queued" else outcome["state"]
        if state == "done":
            self._after(self._follow_up)
        self._note_end(state, outcome["reason"])
        if state == "failed" and self.kind == "tag_recording":
            self._after(self._note_refused_tag)

    def _note_end(self, state, reason):
        """Store that nothing more will be done, and tell it on the records."""
        now = fields.Datetime.now()
        self.write({"state": state, "reason": reason, "done_at": now})
        self._after(self._log_outcomes)
        # what waited for its turn behind these
        behind = self.search(
            [("call_id", "in", self.call_id.ids), ("state", "=", "queued")]
        )
        if behind:
            behind.filtered(lambda command: command.due_at > now).due_at = now
            self._wake()

    def _after(self, step):
        """What follows an outcome must not undo it."""
        if error := try_part(self.env, step):
            _logger.error(
                "The outcome of commands %s is not shown.", self.ids, exc_info=error
            )

    # === CRON === #

    @api.model
    def _cron_run_commands(self):
        """Carry out queued commands where no listener process does it."""
        left = self._run_due()
        self.env["ir.cron"]._commit_progress(0, remaining=left)
