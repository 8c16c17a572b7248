from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import models


class NoojeePbx(models.Model):
    """What was recorded in an hour, within the PBX's limit of one request a minute."""

    _inherit = "noojee.pbx"

    def _hour_list(self, hour, before_wait=None):
        """The recorded legs that ended in an hour of the PBX's own time.

        :param datetime hour: any moment of it, UTC, naive
        :param before_wait: as of :meth:`_ask_recordings`
        :return: :class:`RecordingLeg` of the client
        :raise HourListBusy: without a request, when it was asked for in this minute
        :raise NoojeeError: what went wrong on the wire
        """
        self.ensure_one()
        # sudo: nobody writes these rows, they note what happened
        self.env["noojee.hour.list"].sudo()._take_turn(self)
        local = self._local_hour(hour)
        return self._ask_recordings(
            lambda client: client.retrieve_metadata_by_hour(local.date(), local.hour),
            before_wait,
        )

    def _local_hour(self, moment):
        """A moment by the clock on the PBX's wall, aware."""
        return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(self.tz))

    def _hour_of(self, moment):
        """When the PBX's hour of a moment began: zones may differ by half an hour."""
        local = self._local_hour(moment).replace(minute=0, second=0, microsecond=0)
        return local.astimezone(timezone.utc).replace(tzinfo=None)
