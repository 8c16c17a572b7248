import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..client import ApiError
from .lead_request import Outcome
from .noojee_pbx_lead import knows_no_such_method
from .transaction import store, try_part

_logger = logging.getLogger(__name__)

# taken together: what stands as being sent when a process dies is looked for
BATCH = 10
# who took a line and has noted nothing by then has died; a lead may wait a minute at
# the PBX for its turn, and is looked for before and after
LEASE = timedelta(minutes=10)
# for how long a PBX that does not answer, or has too much to do, is left alone
PAUSE = timedelta(seconds=60)


class NoojeeLeadPush(models.Model):
    """Sending: a line is committed as being sent before the PBX is asked, and its
    receipt afterwards."""

    _inherit = "noojee.lead.push"

    @api.model
    def _cron_send(self):
        """Tell PBXs what is due, until the time of this run is over.

        They take turns: thousands of one PBX's leads hold up no other.
        """
        pbxs = self._pbxs_with_work()
        while pbxs:
            # the time is looked at after a whole turn: each PBX gets on in each run
            pbxs = pbxs.filtered(self._send_some)
            if not self.env["ir.cron"]._commit_progress(BATCH):
                break
        left = self.search_count(self._due_domain(self._pbxs_with_work()))
        self.env["ir.cron"]._commit_progress(0, remaining=left)

    @api.model
    def _pbxs_with_work(self):
        """The PBXs that may be asked now, and have something to be told."""
        now = fields.Datetime.now()
        found = self._read_group(self._due_domain(), ["pbx_id"])
        pbxs = self.env["noojee.pbx"].union(*(pbx for [pbx] in found))
        paused = self.env["noojee.campaign.mirror"].search([("paused_until", ">", now)])
        usable = pbxs.filtered(lambda pbx: pbx.active and pbx.has_api_key)
        return usable - paused.pbx_id

    @api.model
    def _due_domain(self, pbxs=None):
        is_due = Domain("due_at", "<=", fields.Datetime.now())
        is_open = Domain("state", "in", ("queued", "waiting", "sending"))
        is_changed = Domain("state", "=", "sent") & Domain("is_stale", "=", True)
        domain = is_due & (is_open | is_changed)
        return domain if pbxs is None else domain & Domain("pbx_id", "in", pbxs.ids)

    @api.model
    def _send_some(self, pbx):
        """:return: whether there may be more to be told this PBX now"""
        # whom agents must not call any more does not wait behind thousands of new leads
        batch = self.search(
            self._due_domain(pbx), order="is_stale desc, due_at, id", limit=BATCH
        )
        return bool(batch) and batch._send_batch(pbx)

    def _send_batch(self, pbx):
        """:return: whether the PBX may go on being asked"""
        prepared = store(self.env.cr, self._take)
        requests = [request for request, _values in prepared.values()]
        errors = []
        try:
            for request, outcome in pbx._send_leads(requests):
                push, values = self.browse(request.id), prepared[request.id][1]
                if not isinstance(outcome, Outcome):
                    errors.append(outcome)
                store(
                    self.env.cr,
                    lambda p=push, o=outcome, v=values: p._note(o, v),
                )
        except UserError as error:
            # nobody was asked
            errors.append(error)
            taken, reason = self.browse(prepared), str(error)
            store(self.env.cr, lambda: taken._put_back(reason))
        may_go_on = store(self.env.cr, lambda: self._note_batch(pbx, errors))
        store(self.env.cr, self.job_id._tell_progress)
        return may_go_on

    def _note_batch(self, pbx, errors):
        """What the errors say of the PBX.

        :return: whether it may go on being asked
        """
        mirror = self.env["noojee.campaign.mirror"]._of(pbx)
        if any(isinstance(error, ApiError) and error.code < 0 for error in errors):
            mirror._want_soon()
        if any(map(knows_no_such_method, errors)) and mirror._try_other_methods():
            return True
        is_paused = any(map(self._pauses, errors))
        if is_paused:
            until = fields.Datetime.now() + PAUSE
            reason = next(filter(None, self.mapped("reason")), False)
            mirror.write({"paused_until": until, "paused_reason": reason})
            self._wake(until)
        return not is_paused

    def _take(self):
        """Mark what is to be asked as being sent, and note what needs no asking.

        :return: dict from ids to ``(LeadRequest, values)``
        """
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
                push._note_taken(prepared[push.id][1])
        return prepared

    def _prepare_into(self, prepared):
        if self._choose_task():
            prepared[self.id] = self._prepare_request()

    def _note_taken(self, values):
        taken = {
            "state": "sending",
            "is_stale": False,
            "attempts": self.attempts + 1,
            "due_at": fields.Datetime.now() + LEASE,
        }
        if self.task == "insert" and not self.is_maybe_done:
            # should its answer be lost, the PBX has these
            taken["sent_values"] = values
        self.write(taken)

    def _note_unreadable(self, error):
        if not isinstance(error, UserError):
            _logger.error("Lead %s cannot be sent.", self.lead_key, exc_info=error)
        self.is_stale = False
        self._note_refused(str(error))
