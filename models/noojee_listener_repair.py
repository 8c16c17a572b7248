from odoo import api, fields, models

from .noojee_listener_health import LISTENING
from .poll import HourPoll
from .transaction import repeat


class NoojeeListener(models.Model):
    """Finding what happened while nobody listened: what runs stands in the state that
    is read, what was recorded and has ended in the PBX's list of an hour."""

    _inherit = "noojee.listener"

    def _note_gap(self, news):
        """After a restart of the PBX its events are gone; after a long absence it may
        have forgotten them."""
        now = fields.Datetime.now()
        is_long = news.poll.reads_state and now - (self.last_poll_at or now) > LISTENING
        if self.last_poll_at and (news.has_restarted or is_long):
            self.env["noojee.hour.list"]._note_gap(self.pbx_id, self.last_poll_at, now)

    @api.model
    def _next_hour(self, pbx):
        """The question for the next hour to repair, once its turn has been taken."""
        hours = self.env["noojee.hour.list"]
        hour = hours._due_hour(pbx)
        if not hour or not hours._has_turn(pbx):
            return None
        return HourPoll(hour, pbx._local_hour(hour))

    @api.model
    def _take_in_hour(self, pbx, news):
        """Store an hour's calls, and that they have been, together; then commit."""
        if news.error:
            self._note_error(pbx, news.error)
            self._commit()
            return
        calls = self.env["noojee.call"]

        def store():
            with calls._exclusively(pbx.id):
                calls._ingest_recorded(pbx, news.legs)
                self.env["noojee.hour.list"]._note_repaired(pbx, news.hour)
                self._commit()

        repeat(store)
