import logging
from datetime import timedelta

from odoo import api, fields, models

from .noojee_listener_health import LISTENING
from .noojee_pbx_recording import is_missing
from .poll import HourPoll
from .transaction import repeat, try_part

_logger = logging.getLogger(__name__)

# what happened longer ago a busy PBX may have forgotten
MEMORY = timedelta(seconds=10)


class NoojeeListener(models.Model):
    """Finding what happened while nobody listened: what runs stands in the state that
    is read, what was recorded and has ended in the PBX's list of an hour."""

    _inherit = "noojee.listener"

    def _note_gap(self, news):
        """After a restart of the PBX its events are gone; after a long absence it may
        have forgotten them."""
        now = fields.Datetime.now()
        is_long = news.poll.reads_state and self._was_away_long(now)
        if self.last_poll_at and (news.has_restarted or is_long):
            self.env["noojee.hour.list"]._note_gap(self.pbx_id, self.last_poll_at, now)

    def _was_away_long(self, now):
        before = self.last_poll_at or now
        # the scheduled job alone is away for most of each minute
        is_by_process = bool(self.seen_at) and self.seen_at >= before
        return now - before > (MEMORY if is_by_process else LISTENING)

    @api.model
    def _next_hour(self, pbx):
        """The question for the next hour to repair, once its turn has been taken."""
        hours = self.env["noojee.hour.list"]
        hour = hours._due_hour(pbx)
        if not hour or not hours._has_turn(pbx):
            return None
        return HourPoll(hour, pbx._local_hour(hour))

    @api.model
    def _take_in_hour(self, pbx, news, is_process):
        """Store an hour's calls, and that they have been, together; then commit."""
        if news.error:
            self._note_no_list(pbx, news, is_process)
            self._commit()
            return
        calls = self.env["noojee.call"]

        def store():
            with calls._exclusively(pbx.id):
                calls._ingest_recorded(pbx, news.legs)
                self._compare_recordings(pbx, news)
                self.env["noojee.hour.list"]._note_repaired(pbx, news.hour)
                self._commit()

        repeat(store)

    @api.model
    def _compare_recordings(self, pbx, news):
        """The list tells of recordings as well: it is not asked for again."""
        hours = self.env["noojee.recording.hour"]
        if news.hour < hours._first_hour(pbx):
            return
        error = try_part(self.env, lambda: hours._compare(pbx, news.hour, news.legs))
        if error:
            _logger.error("Recordings of %s stay unknown.", pbx.name, exc_info=error)

    @api.model
    def _note_no_list(self, pbx, news, is_process):
        """Calls are followed all the same: the PBX is not away for its users."""
        has_none = is_missing(news.error)
        hours = self.env["noojee.hour.list"]
        # a PBX that went away before it was asked says nothing of the hour
        is_given_up = not pbx._may_come_back(news.error) and hours._note_failure(
            pbx, news.hour, has_none
        )
        values = {
            "moment": self.with_context(tz=pbx.tz)._clock(news.hour),
            "error": str(news.error) if has_none else pbx._explain(news.error),
        }
        if is_given_up:
            words = self.env._(
                "What was recorded in the hour from %(moment)s cannot be listed; calls "
                "that were missed then stay unknown: %(error)s",
                **values,
            )
        else:
            words = self.env._(
                "What was recorded in the hour from %(moment)s could not be listed; it "
                "is tried again: %(error)s",
                **values,
            )
        # what is tried again may be over soon, what is given up stays unknown
        self._note_words(pbx, words, is_process, is_incident=is_given_up)
