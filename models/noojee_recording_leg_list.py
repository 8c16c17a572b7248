from datetime import timedelta, timezone

from odoo import api, models
from odoo.fields import Domain

from ..client import Direction

# the largest that a column of whole numbers keeps
MOST = 2**31 - 1


class NoojeeRecordingLeg(models.Model):
    """Legs as the PBX lists them."""

    _inherit = "noojee.recording.leg"

    @api.model
    def _key(self, row):
        """What makes a leg of the PBX's list unique; None for what is none.

        :param row: :class:`RecordingLeg` of the client
        """
        if not row.unique_id or not row.leg.isdecimal() or int(row.leg) > MOST:
            return None
        return row.unique_id, row.call_record_id, int(row.leg)

    @api.model
    def _of_rows(self, pbx, rows):
        """The legs that are known of some rows, whatever became of them.

        :return: dict of a leg by its key
        """
        ids = list({row.unique_id for row in rows})
        domain = Domain("pbx_id", "=", pbx.id) & Domain("unique_id", "in", ids)
        return {
            (leg.unique_id, leg.call_record_id or "", leg.number): leg
            for leg in self.search(domain)
        }

    @api.model
    def _prepare_values(self, pbx, row):
        unique_id, call_record_id, number = self._key(row)
        return {
            "pbx_id": pbx.id,
            "unique_id": unique_id,
            "call_record_id": call_record_id,
            "number": number,
            "source": row.source,
            "destination": row.destination,
            "did": row.did,
            "username": row.username,
            "tag": row.tag,
            "direction": self._wire_direction(row),
            "started_at": self._wire_start(pbx, row),
            "duration": max(0, min(self._wire_seconds(row), MOST)),
        }

    @api.model
    def _wire_direction(self, row):
        if row.did == "internal":
            return "internal"
        return row.direction is not Direction.UNKNOWN and row.direction.value

    @api.model
    def _wire_start(self, pbx, row):
        """By our clock, as the times of calls are."""
        moment = row.start
        if not moment and row.call_end:
            moment = row.call_end - timedelta(seconds=row.duration or 0)
        if not moment:
            return False
        skew = pbx.sudo().listener_ids._clock_skew()
        moment += timedelta(seconds=round(skew))
        return moment.astimezone(timezone.utc).replace(tzinfo=None)

    @api.model
    def _wire_seconds(self, row):
        if row.duration is not None:
            return row.duration
        if row.start and row.call_end:
            return int((row.call_end - row.start).total_seconds())
        return 0
