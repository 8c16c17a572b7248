from odoo import api, fields, models
from odoo.fields import Domain

from .noojee_recording_fetch import FETCHED


class NoojeeRecording(models.Model):
    """Recordings made of what the PBX lists."""

    _inherit = "noojee.recording"

    def _take_in(self, rows):
        """Note the legs that the PBX lists of this recording; known ones stay.

        Those that were found before their call was known come to it.

        :param rows: :class:`RecordingLeg` of the client
        :return: the legs that are new
        """
        self.ensure_one()
        legs = self.env["noojee.recording.leg"]
        known = legs._of_rows(self.pbx_id, rows)
        lonely = legs.union(*known.values()).recording_id - self
        lonely = lonely.filtered(lambda recording: not recording.call_id)
        if self.call_id and lonely:
            self._absorb(lonely)
        new = {key: row for row in rows if (key := legs._key(row)) not in known and key}
        created = legs.create([self._prepare_leg(row) for row in new.values()])
        if created and not self.tag:
            self.tag = next(filter(None, created.mapped("tag")), False)
        return created

    def _prepare_leg(self, row):
        legs = self.env["noojee.recording.leg"]
        values = legs._prepare_values(self.pbx_id, row)
        reason = self._must_not_be_kept(values["started_at"], values["duration"])
        values |= {
            "recording_id": self.id,
            "is_forbidden": bool(reason),
            "reason": reason,
            "state": "failed" if reason else "listed",
        }
        if self.state == "purged":
            values |= legs._prepare_tombstone(self.reason)
        return values

    def _fetch_found(self):
        """Have fetched what was found of these, unless they go on being recorded: then
        it is fetched with the rest."""
        for recording in self.filtered(lambda recording: recording.state in FETCHED):
            failed = recording.leg_ids.filtered(
                lambda leg: leg.state == "failed" and not leg.is_forbidden
            )
            failed.write({"state": "listed", "attempts": 0, "reason": False})
            if recording.leg_ids.filtered(lambda leg: leg.state == "listed"):
                recording._fetch_soon()
            recording._derive_state()

    @api.model
    def _found(self, pbx, rows):
        """The recording that legs of one unique id belong to; a new one where there is
        none.

        :param rows: :class:`RecordingLeg` of the client
        """
        call = self._call_of(pbx, rows)
        recording = call.recording_ids or self._beside(pbx, rows, call)
        return recording or self.create(self._found_values(pbx, rows, call))

    @api.model
    def _beside(self, pbx, rows, call):
        """Where no call is known: the recording of other legs of the same call."""
        if call:
            return self.browse()
        call_records = list({row.call_record_id for row in rows} - {""})
        legs = self.env["noojee.recording.leg"].search(
            Domain("pbx_id", "=", pbx.id)
            & (
                Domain("call_record_id", "in", call_records)
                | Domain("unique_id", "in", [row.unique_id for row in rows])
            )
        )
        return legs.recording_id[:1]

    @api.model
    def _found_values(self, pbx, rows, call):
        legs = self.env["noojee.recording.leg"]
        starts = [legs._wire_start(pbx, row) for row in rows]
        record = call._existing_record() if call else None
        return {
            "pbx_id": pbx.id,
            "company_id": (call or pbx).company_id.id,
            "call_id": call.id,
            "record_ref": record and f"{record._name},{record.id}",
            "tag": next((row.tag for row in rows if row.tag), False),
            "state": "fetching",
            "started_at": min(filter(None, starts), default=fields.Datetime.now()),
        }

    @api.model
    def _call_of(self, pbx, rows):
        ids = list({row.unique_id for row in rows})
        channel = self.env["noojee.call.channel"].search(
            Domain("pbx_id", "=", pbx.id)
            & (
                Domain("unique_call_id", "in", ids)
                | Domain("secondary_unique_call_id", "in", ids)
            ),
            order="id",
            limit=1,
        )
        return channel.call_id
