from datetime import timedelta

from odoo import models

# the PBX takes a moment to stop, and tells times by a clock of its own
STOPPING = timedelta(seconds=5)


class NoojeeRecording(models.Model):
    """What must not be kept of a recording, whoever recorded it."""

    _inherit = "noojee.recording"

    def _must_not_be_kept(self, started_at, seconds):
        """Whether a leg of this must not be kept.

        :param started_at: of the leg; False where the PBX does not tell
        :param int seconds: that it lasts
        :return: the reason in plain words, or False
        """
        self.ensure_one()
        record = self.record_ref and self.record_ref.exists()
        if reason := self.call_id._must_not_be_recorded(record):
            return reason
        # sudo: what the other side said counts, whoever may read the call
        objection_at = self.call_id.sudo().objection_at
        if not objection_at:
            return False
        ended_at = started_at and started_at + timedelta(seconds=seconds)
        if ended_at and ended_at <= objection_at + STOPPING:
            return False
        return self.env._(
            "The other side said no to being recorded before this was over."
        )
