from odoo import models

from .noojee_recording_leg_fetch import ENDINGS


class NoojeeRecordingLeg(models.Model):
    """A leg's audio on its way to a browser."""

    _inherit = "noojee.recording.leg"

    def _track(self, start):
        """See :meth:`NoojeeRecording.get_player`.

        :param int start: seconds from the recording's beginning
        """
        self.ensure_one()
        return {
            "id": self.id,
            "number": self.number,
            "url": f"/noojee/recording/leg/{self.id}",
            "start": start,
            # whole seconds of the wire: what is none is heard all the same
            "seconds": max(self.duration, 1),
            "title": self.env._(
                "Leg %(number)s: %(caller)s → %(called)s",
                number=self.number,
                caller=self.from_number or "?",
                called=self.to_number or "?",
            ),
            "is_stored": self.state == "stored",
            "reason": self.reason or "",
        }

    def _not_here_words(self):
        """Why there is nothing to hear."""
        if self.state == "purged":
            return self.env._("The audio of this leg was deleted.")
        if self.state == "stored":
            return self.env._(
                "The audio of this leg is lost. Tell your administrator: a backup may "
                "still have it."
            )
        return self.reason or self.env._("The audio of this leg is not here yet.")

    def _audio_name(self):
        """A file's name of ours: the PBX's is not trusted."""
        extension = ENDINGS.get(self.media_type, "bin")
        return f"recording-{self.recording_id.id}-{self.number}.{extension}"
