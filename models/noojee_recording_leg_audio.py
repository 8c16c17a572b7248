from odoo import models

from .noojee_recording_leg_fetch import ENDINGS


class NoojeeRecordingLeg(models.Model):
    """A leg's audio on its way to a browser."""

    _inherit = "noojee.recording.leg"

    def _track(self, origin):
        """See :meth:`NoojeeRecording.get_player`."""
        self.ensure_one()
        return {
            "id": self.id,
            "number": self.number,
            "url": f"/noojee/recording/leg/{self.id}",
            "start": int((self.started_at - origin).total_seconds()),
            "seconds": self.duration,
            "title": self.env._(
                "Leg %(number)s: %(caller)s → %(called)s",
                number=self.number,
                caller=self.from_number or "?",
                called=self.to_number or "?",
            ),
            "is_stored": self.state == "stored",
            "reason": self.reason or "",
        }

    def _audio_name(self):
        """A file's name of ours: the PBX's is not trusted."""
        extension = ENDINGS.get(self.media_type, "bin")
        return f"recording-{self.recording_id.id}-{self.number}.{extension}"
