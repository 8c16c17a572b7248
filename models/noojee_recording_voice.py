from odoo import api, fields, models


class NoojeeRecording(models.Model):
    """Recordings that voice signatures are taken in: how far they are, and what became
    of them."""

    _inherit = "noojee.recording"

    signature_ids = fields.One2many(
        "noojee.voice.signature", "recording_id", string="Voice signatures"
    )
    seconds_before = fields.Integer(
        help="Of audio, before recording began last: what lies between is a gap."
    )

    def _audio_seconds(self):
        """How many seconds of this call are in the audio up to now."""
        if not self:
            return 0
        if self.state != "recording":
            return self.seconds_before
        running = fields.Datetime.now() - self.started_at
        return self.seconds_before + max(0, int(running.total_seconds()))

    @api.model
    def _begin(self, call, tag, record=None):
        before = call.recording_ids._audio_seconds()
        recording = super()._begin(call, tag, record)
        recording.seconds_before = before
        return recording

    def _pause(self):
        self.seconds_before = self._audio_seconds()
        return super()._pause()

    def _stop(self):
        for recording in self:
            recording.seconds_before = recording._audio_seconds()
        result = super()._stop()
        # sudo: takes follow their recordings, whoever stopped these
        self.sudo().signature_ids._recording_stopped()
        return result

    def _absorb(self, others):
        others.signature_ids.recording_id = self
        running = others.filtered(lambda other: other.state == "recording")[:1]
        if running and self.state != "recording":
            self.write(
                {
                    "started_at": running.started_at,
                    "seconds_before": running.seconds_before,
                }
            )
        return super()._absorb(others)

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            # sudo: as above
            self.sudo().signature_ids._recording_changed()
        return result
