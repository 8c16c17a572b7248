import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..client import ApiError, KeyRefused, NoojeeError
from .noojee_recording import RUNNING
from .transaction import claim, is_database_away, store

_logger = logging.getLogger(__name__)

# between one look at the PBX's list and the next: a leg may appear hours later
WAITS = [
    timedelta(seconds=seconds)
    for seconds in (5, 15, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
]
# who took a recording and has not noted what came of it by then has died
LEASE = timedelta(minutes=10)
# a PBX that is away is asked again so often, and so long
AWAY_PAUSE = timedelta(minutes=5)
# what others held all the time is looked at again after this
HELD_PAUSE = timedelta(minutes=1)
GIVE_UP = timedelta(days=3)
BATCH = 20
FETCHED = ("stopped", "fetching", "stored", "failed")


class NoojeeRecording(models.Model):
    """Bringing home what was recorded: the PBX's list of the call's legs is looked at
    again and again, with growing waits, and what it shows is fetched."""

    _inherit = "noojee.recording"

    fetch_due_at = fields.Datetime(
        string="Next look",
        index="btree_not_null",
        copy=False,
        help="When the PBX is asked next for legs of this recording.",
    )
    fetch_since = fields.Datetime(copy=False)
    fetch_step = fields.Integer(help="How often the PBX has been asked.", copy=False)

    @api.model
    def _begin(self, call, tag, record=None):
        recording = super()._begin(call, tag, record)
        recording.fetch_due_at = False
        return recording

    def _stop(self):
        result = super()._stop()
        self._fetch_soon()
        return result

    def _absorb(self, others):
        is_due = any(others.mapped("fetch_due_at"))
        result = super()._absorb(others)
        if is_due and self.state not in RUNNING:
            self._fetch_soon()
        return result

    def _fetch_soon(self):
        """Look for the legs of these at once, after commit, and from then on."""
        if not self:
            return
        now = fields.Datetime.now()
        self.write({"fetch_due_at": now, "fetch_since": now, "fetch_step": 0})
        self._fetch_cron()._trigger()

    @api.model
    def _fetch_cron(self):
        return self.env.ref("noojee.ir_cron_fetch_recordings")

    @api.model
    def _wake_fetch(self):
        """Have the job run when a look is due. Odoo itself notices only once a minute
        what was to begin at a later moment; the audio is often there in seconds."""
        due = Domain("cron_id", "=", self._fetch_cron().id)
        due &= Domain("call_at", "<=", fields.Datetime.now())
        if self.env["ir.cron.trigger"].search_count(due, limit=1):
            self._fetch_cron()._notifydb()

    def action_fetch(self):
        """Try again to bring the audio home."""
        self.check_access("read")
        # sudo: users do not write recordings; these are among those they may see
        open_sudo = self.sudo().filtered(
            lambda recording: recording.state in ("stopped", "fetching", "failed")
        )
        legs_sudo = open_sudo.leg_ids.filtered(lambda leg: leg.state == "failed")
        legs_sudo.write({"state": "listed", "attempts": 0, "reason": False})
        open_sudo.write({"state": "fetching", "reason": False})
        open_sudo._fetch_soon()

    @api.model
    def _stop_ended(self):
        """No recording outlives its call, whatever became of the note."""
        outlived = [("state", "in", RUNNING), ("call_id.state", "=", "ended")]
        self.search(outlived).try_lock_for_update()._stop()

    # === A LOOK === #

    @api.model
    def _fetch_due(self):
        """Look for the legs of what is due.

        No transaction is open while the PBX is waited for: one marks a recording as
        taken, others store what was found.

        :return: how many are left that are due now; 0 where none could be taken
        """
        taken = 0
        due = self.search(self._due_domain(), order="fetch_due_at, id", limit=BATCH)
        for recording in due:
            taken += recording._fetch_apart()
            if not self.env["ir.cron"]._commit_progress(1):
                break
        left = self.search_count(self._due_domain())
        if left and not taken:
            # in others' hands: a job that is repeated at once would meet them again
            self._fetch_cron()._trigger(fields.Datetime.now() + HELD_PAUSE)
        return left if taken else 0

    @api.model
    def _due_domain(self):
        return [
            ("fetch_due_at", "<=", fields.Datetime.now()),
            ("state", "in", FETCHED),
        ]

    def _fetch_apart(self):
        """:return: whether it was taken, and not by another process"""
        if not claim(self.env.cr, self._take):
            return False
        try:
            look = self._look()
        except Exception as error:
            if is_database_away(error):
                raise
            _logger.exception("Recording %s cannot be fetched.", self.id)
            look = (False, str(error))
        store(self.env.cr, lambda: self._note_look(*look))
        return True

    def _take(self):
        """Mark this recording as taken: it comes back by itself if this process dies.

        :return: whether it was still to be taken
        """
        self.lock_for_update()
        now = fields.Datetime.now()
        if self.state not in FETCHED:
            return False
        if not self.fetch_due_at or self.fetch_due_at > now:
            return False
        if self.state == "stopped":
            self.state = "fetching"
        self.fetch_due_at = now + LEASE
        return True

    def _lease(self, seconds):
        """What this process does next may take so long."""
        if self.state in FETCHED:
            due_at = fields.Datetime.now() + LEASE + timedelta(seconds=seconds)
            self.fetch_due_at = due_at

    def _look(self):
        """Take in what the PBX lists, and fetch what is not here yet.

        :return: whether the PBX is away, and the reason why nothing was listed
        """
        ids, tag = self._wire_ids(), self.tag
        try:
            rows = self.pbx_id._ask_recordings(
                lambda client: self._listed(client, ids, tag),
                before_wait=self.env.cr.commit,
            )
        except (NoojeeError, UserError) as error:
            is_refused = isinstance(error, ApiError) and not isinstance(
                error, KeyRefused
            )
            return not is_refused, self._words(error)
        store(self.env.cr, lambda: self._take_in(rows))
        for leg in self.leg_ids.filtered(lambda leg: leg.state == "listed"):
            if away := leg._fetch_apart():
                return True, away
        return False, False

    def _words(self, error):
        # what keeps Odoo from asking at all has its words already
        is_plain = isinstance(error, UserError)
        return str(error) if is_plain else self.pbx_id._explain_list(error)

    def _wire_ids(self):
        """The unique ids to ask for: of the call's channels, and of legs known."""
        ids = [*self.call_id._unique_ids(), *self.leg_ids.mapped("unique_id")]
        return list(dict.fromkeys(ids))

    @api.model
    def _listed(self, client, unique_ids, tag):
        """The rows of a call, by each of its ids and by its tag.

        :raise NoojeeError: where the PBX is away, or refuses and lists nothing
        """
        rows, refusal = [], None
        for unique_id in unique_ids:
            try:
                rows += client.retrieve_metadata_by_unique_id(unique_id)
            except KeyRefused:
                raise
            except ApiError as error:
                # of one id it may know nothing, and say so by a code
                refusal = error
        if tag:
            try:
                rows += self._of_this_call(client, tag, unique_ids, rows)
            except KeyRefused:
                raise
            except ApiError as error:
                refusal = error
        if refusal and not rows:
            raise refusal
        return rows

    @api.model
    def _of_this_call(self, client, tag, unique_ids, rows):
        """An order's calls all have its number as tag: only this one's are wanted."""
        call_records = {row.call_record_id for row in rows} - {""}
        return [
            row
            for row in client.retrieve_metadata(tag)
            if row.unique_id in unique_ids or row.call_record_id in call_records
        ]

    # === WHAT CAME OF IT === #

    def _note_look(self, is_away, reason):
        """Note where this recording stands now, and when to look again."""
        if self.state not in FETCHED:
            # it goes on being recorded, or was purged meanwhile
            self.fetch_due_at = False
            return
        wait = self._wait(is_away)
        if wait:
            due_at = fields.Datetime.now() + wait
            self.fetch_due_at = due_at
            self._fetch_cron()._trigger(due_at)
        else:
            self.fetch_due_at = False
            self.leg_ids._give_up()
        self._derive_state(reason)

    def _wait(self, is_away):
        """:return: until the next look; None where it was the last"""
        if is_away:
            since = self.fetch_since or self.stopped_at or self.create_date
            is_over = fields.Datetime.now() - since > GIVE_UP
            return None if is_over else AWAY_PAUSE
        step = self.fetch_step
        self.fetch_step += 1
        return WAITS[step] if step < len(WAITS) else None

    def _derive_state(self, reason=False):
        """Derive state and reason from the legs.

        :param str reason: why the PBX listed nothing
        """
        legs = self.leg_ids.filtered(lambda leg: leg.state != "purged")
        failed = legs.filtered(lambda leg: leg.state == "failed")
        listed = legs.filtered(lambda leg: leg.state == "listed")
        if self.leg_ids and not legs:
            values = {"state": "purged", "reason": False}
        elif failed:
            values = {"state": "failed", "reason": failed._told_reason()}
        elif listed:
            values = {"state": "fetching", "reason": listed._told_reason() or reason}
        elif legs:
            values = {"state": "stored", "reason": False}
        else:
            values = self._unlisted_values(reason)
        self.write(values)

    def _unlisted_values(self, reason):
        if self.fetch_due_at:
            waits = self.env._(
                "%(pbx)s does not list it yet. It is looked for again.",
                pbx=self.pbx_id.name,
            )
            return {"state": "fetching", "reason": reason or waits}
        never = self.env._(
            "%(pbx)s has never listed this recording. Ask whoever looks after the "
            "phone system whether the call was recorded there.",
            pbx=self.pbx_id.name,
        )
        return {"state": "failed", "reason": reason or never}

    # === CRON === #

    @api.model
    def _cron_fetch(self):
        """Bring home the audio of what was recorded."""
        store(self.env.cr, self._stop_ended)
        left = self._fetch_due()
        self.env["ir.cron"]._commit_progress(0, remaining=left)
