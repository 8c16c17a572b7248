import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..client import (
    ApiError,
    HttpError,
    KeyRefused,
    LeadRefusal,
    LeadRefused,
    NoojeeError,
)
from .transaction import store, try_part

_logger = logging.getLogger(__name__)

# taken together: what stands as being sent when a process dies is looked for
BATCH = 10
# who took a line and has noted nothing by then has died; a lead may wait a minute at
# the PBX for its turn, and is looked for before and after
LEASE = timedelta(minutes=10)
# between the attempts at one lead
WAITS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360)]
# for how long a PBX that does not answer, or has too much to do, is left alone
PAUSE = timedelta(seconds=60)
TOO_MANY_REQUESTS = 429
TOO_LARGE = 413
REQUEST_TIMEOUT = 408


class NoojeeLeadPush(models.Model):
    """Sending: a line is committed as being sent before the PBX is asked, and its
    receipt afterwards."""

    _inherit = "noojee.lead.push"

    @api.model
    def _cron_send(self):
        """Tell PBXs what is due, until the time of this run is over."""
        for pbx in self._pbxs_with_work():
            if not self._send_to(pbx):
                break
        left = self.search_count(self._due_domain(self._pbxs_with_work()))
        self.env["ir.cron"]._commit_progress(0, remaining=left)

    @api.model
    def _pbxs_with_work(self):
        """The PBXs that may be asked now, and have something to be told."""
        now = fields.Datetime.now()
        found = self._read_group(self._due_domain(), ["pbx_id"])
        pbxs = self.env["noojee.pbx"].union(*(pbx for [pbx] in found))
        mirrors = self.env["noojee.campaign.mirror"]
        return pbxs.filtered(
            lambda pbx: (
                pbx.active
                and pbx.has_api_key
                and (mirrors._of(pbx).paused_until or now) <= now
            )
        )

    @api.model
    def _due_domain(self, pbxs=None):
        is_due = Domain("due_at", "<=", fields.Datetime.now())
        is_open = Domain("state", "in", ("queued", "waiting", "sending"))
        is_changed = Domain("state", "=", "sent") & Domain("is_stale", "=", True)
        domain = is_due & (is_open | is_changed)
        return domain if pbxs is None else domain & Domain("pbx_id", "in", pbxs.ids)

    @api.model
    def _send_to(self, pbx):
        """:return: whether there is time left in this run"""
        domain = self._due_domain(pbx)
        while batch := self.search(domain, order="due_at, id", limit=BATCH):
            if not batch._send_batch(pbx):
                return True
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return False
        return True

    def _send_batch(self, pbx):
        """:return: whether the PBX may go on being asked"""
        prepared = store(self.env.cr, self._take)
        pause = False
        requests = [request for request, _values in prepared.values()]
        try:
            for request, error in pbx._send_leads(requests):
                push, values = self.browse(request.id), prepared[request.id][1]
                pause |= push._pauses(error)
                store(self.env.cr, lambda p=push, e=error, v=values: p._note(e, v))
        except UserError as error:
            # nobody was asked
            pause = True
            taken = self.browse(prepared)
            reason = str(error)
            store(self.env.cr, lambda: taken._put_back(reason))
        if pause:
            self._pause(pbx)
        store(self.env.cr, self.job_id._tell_progress)
        return not pause

    def _take(self):
        """Mark what is to be asked as being sent, and note what needs no asking.

        :return: dict from ids to ``(LeadRequest, values)``
        """
        due_at = fields.Datetime.now() + LEASE
        prepared = {}
        for push in self.try_lock_for_update():
            push = push.with_context(lang=push.job_id.user_id.lang or None)
            # who took it before has died
            push.is_maybe_done = push.is_maybe_done or push.state == "sending"
            # a lead that cannot be read must not hold up the others
            error = try_part(self.env, lambda p=push: p._prepare_into(prepared))
            if error:
                push._note_unreadable(error)
            elif push.id in prepared:
                push.write(
                    {
                        "state": "sending",
                        "is_stale": False,
                        "attempts": push.attempts + 1,
                        "due_at": due_at,
                    }
                )
        return prepared

    def _prepare_into(self, prepared):
        if self._choose_task():
            prepared[self.id] = self._prepare_request()

    def _note_unreadable(self, error):
        if not isinstance(error, UserError):
            _logger.error("Lead %s cannot be sent.", self.lead_key, exc_info=error)
        self._note_refused(str(error))

    def _put_back(self, reason):
        """As if they had not been taken."""
        for push in self:
            push.write(
                {
                    "state": "waiting",
                    "reason": reason,
                    "attempts": max(0, push.attempts - 1),
                    "due_at": fields.Datetime.now(),
                }
            )

    # === RECEIPTS === #

    def _note(self, error, values):
        """Note what came of a request.

        :param error: what went wrong, or None; False where it was not asked
        """
        self = self.with_context(lang=self.job_id.user_id.lang or None)
        if error is False:
            self._put_back(False)
        elif error is None:
            self._note_done(values)
        elif self.task != "insert" and self._is_gone(error):
            self._note_lost()
        elif self._may_retry(error) and self.attempts <= len(WAITS):
            self._note_waiting(error)
        else:
            self._note_refused(self._words(error), error)

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

    def _note_waiting(self, error):
        due_at = fields.Datetime.now() + WAITS[self.attempts - 1]
        self.write(
            {
                "state": "waiting",
                "due_at": due_at,
                "reason": self._words(error),
                "code": getattr(error, "code", 0),
                "is_maybe_done": self.is_maybe_done or error.maybe_done,
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
                "is_stale": False,
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

    # === ERRORS === #

    @api.model
    def _may_retry(self, error):
        """Whether the same may succeed later (section 7)."""
        if isinstance(error, LeadRefused):
            return error.may_retry
        if isinstance(error, HttpError):
            passing = (TOO_MANY_REQUESTS, REQUEST_TIMEOUT)
            return error.status >= 500 or error.status in passing
        is_refusal = isinstance(error, ApiError) and not isinstance(error, KeyRefused)
        return isinstance(error, NoojeeError) and not is_refusal

    @api.model
    def _pauses(self, error):
        """Whether the PBX is better left alone for a while."""
        if not error:
            return False
        if isinstance(error, LeadRefused):
            busy = LeadRefusal.TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS
            return error.reason is busy
        return self._may_retry(error)

    def _pause(self, pbx):
        until = fields.Datetime.now() + PAUSE

        def note():
            mirror = self.env["noojee.campaign.mirror"]._of(pbx)
            mirror.write(
                {
                    "paused_until": until,
                    "paused_reason": next(filter(None, self.mapped("reason")), False),
                }
            )
            self._wake(until)

        store(self.env.cr, note)

    def _words(self, error):
        pbx = self.pbx_id
        if isinstance(error, LeadRefused):
            return self._refusal_words(error)
        if isinstance(error, HttpError) and error.status == TOO_MANY_REQUESTS:
            return self.env._("%(pbx)s was asked too often.", pbx=pbx.name)
        if isinstance(error, HttpError) and error.status == TOO_LARGE:
            return self.env._("The lead is too large for %(pbx)s.", pbx=pbx.name)
        return pbx._explain(error) if isinstance(error, NoojeeError) else str(error)

    def _refusal_words(self, error):
        match error.reason:
            case LeadRefusal.COULDNT_FIND_THE_LEAD:
                words = self.env._("The campaign does not have this lead.")
            case LeadRefusal.NO_PHONE_FIELDS:
                words = self.env._("No phone number of the lead was taken.")
            case LeadRefusal.EXCEPTION:
                words = self.env._("The PBX failed, or somebody imports leads there.")
            case LeadRefusal.DNC:
                words = self.env._("The number is on the PBX's do-not-call list.")
            case LeadRefusal.DUPLICATE:
                words = self.env._(
                    "Another lead of the campaign has this number. It can be sent all "
                    "the same by allowing duplicates."
                )
            case LeadRefusal.INVALID_DISPOSITION:
                words = self.env._("The template does not have this disposition.")
            case LeadRefusal.DISPOSITION_ISNT_SET_AND_NOCHANGE_SPECIFIED:
                words = self.env._(
                    "Nobody has called the lead yet: the PBX takes changes only with a "
                    "disposition. An administrator can choose one in the template."
                )
            case LeadRefusal.TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS:
                words = self.env._("The PBX had too many leads to work on.")
            case _:
                return self.pbx_id._explain(error)
        return f"{words} ({error.code} {error.message})"
