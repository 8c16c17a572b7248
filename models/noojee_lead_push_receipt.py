from datetime import timedelta

from odoo import fields, models

from ..client import LeadRefusal, LeadRefused
from .lead_request import Outcome
from .noojee_lead_push_send import PAUSE
from .noojee_lead_push_words import is_old
from .noojee_pbx_lead import knows_no_such_method

# between the attempts at one lead
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360)]


class NoojeeLeadPush(models.Model):
    """Receipts: what came of asking the PBX about a lead."""

    _inherit = "noojee.lead.push"

    def _note(self, outcome, values):
        """Note what came of a request.

        :param outcome: an :class:`Outcome`, or what went wrong
        :param values: that the PBX was asked to have
        """
        self = self.with_context(lang=self.job_id.user_id.lang or None)
        match outcome:
            case Outcome.DONE:
                self._note_done(values)
            case Outcome.FOUND:
                self._note_found(values)
            case Outcome.NOT_ASKED:
                self._put_back(False)
            case _:
                self._note_failed(outcome, values)

    def _note_done(self, values):
        self.write(
            {
                "state": "withdrawn" if self.task == "withdraw" else "sent",
                "sent_at": fields.Datetime.now(),
                "due_at": fields.Datetime.now(),
                "sent_values": values,
                "code": 0,
                "reason": self._closing_words() if self.task == "withdraw" else False,
                "attempts": 0,
                "is_maybe_done": False,
                "is_update_wanted": False,
            }
        )

    def _note_found(self, values):
        """The PBX has what was sent when the answer was lost: what has changed since is
        told next."""
        known = self.sent_values or {}
        self._note_done(known)
        if known != values:
            self.is_stale = True

    def _note_failed(self, error, values):
        if self.task == "insert" and is_lost(error) and self._has_sent(error):
            self.sent_values = values
        if self.task != "insert" and self._is_gone(error):
            self._note_lost()
        elif self._is_of_pbx(error):
            self._note_of_pbx(error)
        elif self._may_retry(error) and self.attempts <= len(WAITS):
            self._note_waiting(error)
        else:
            self._note_refused(self._words(error), error)

    def _note_of_pbx(self, error):
        """The PBX would have answered the same to any lead."""
        self.is_maybe_done = self.is_maybe_done or is_lost(error)
        if knows_no_such_method(error) and not is_old(error):
            # by the older ones next
            self._put_back(False)
        else:
            self._put_back(self._words(error), fields.Datetime.now() + PAUSE)

    def _has_sent(self, error):
        """Whether it is the lead itself that the lost answer was to, and not the
        question whether it is there."""
        return getattr(error, "method", "").startswith("insert")

    def _put_back(self, reason, due_at=None):
        """Those that stand as being sent are as if they had not been taken: nothing is
        known against them."""
        for push in self.filtered(lambda push: push.state == "sending"):
            push.write(
                {
                    "state": "waiting" if reason else "queued",
                    "reason": reason,
                    "attempts": max(0, push.attempts - 1),
                    "due_at": due_at or fields.Datetime.now(),
                }
            )

    def _note_waiting(self, error):
        due_at = fields.Datetime.now() + WAITS[self.attempts - 1]
        self.write(
            {
                "state": "waiting",
                "due_at": due_at,
                "reason": self._words(error),
                "code": getattr(error, "code", 0),
                "is_maybe_done": self.is_maybe_done or is_lost(error),
            }
        )
        self._wake(due_at)

    def _note_refused(self, reason, error=None):
        """What was in the campaign before stays there as it was."""
        is_there = bool(self.sent_at)
        self.write(
            {
                "state": "sent" if is_there else "refused",
                "reason": reason,
                "code": getattr(error, "code", 0),
                "attempts": 0,
                "due_at": fields.Datetime.now(),
                "is_maybe_done": self.is_maybe_done or is_lost(error),
            }
        )
        if isinstance(error, LeadRefused) and error.reason is LeadRefusal.DNC:
            self._note_do_not_call()

    def _note_lost(self):
        """The PBX has no such lead any more, or calls it no more."""
        is_wanted = self.task == "withdraw"
        gone = self.env._("The campaign does not have this lead any more.")
        reason = self._closing_words() if is_wanted else gone
        self.write({"state": "withdrawn", "reason": reason, "is_stale": False})

    def _is_gone(self, error):
        if not isinstance(error, LeadRefused):
            return False
        is_not_called = error.reason is LeadRefusal.DNC and self.task == "withdraw"
        return is_not_called or error.reason is LeadRefusal.COULDNT_FIND_THE_LEAD

    def _note_do_not_call(self):
        """The PBX must not call it: nor do we."""
        message = self.env._(
            "%(pbx)s has this number on its do-not-call list.", pbx=self.pbx_id.name
        )
        numbers = [
            field._value_of(self.lead_id)[2]
            for field in self.campaign_id.template_id._phone_fields()
        ]
        if numbers := [number for number in numbers if number]:
            self.env["phone.blacklist"]._add(numbers, message=message)


def is_lost(error):
    """Whether the PBX may have done it all the same; of what is no failure of the wire
    nobody knows."""
    return error is not None and getattr(error, "maybe_done", True)
