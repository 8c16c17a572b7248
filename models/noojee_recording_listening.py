from datetime import timedelta

from odoo import api, fields, models

# whoever listens asks for many parts of several files
ONE_LISTENING = timedelta(minutes=30)


class NoojeeRecordingListening(models.Model):
    """Who has listened to a recording, and when."""

    _name = "noojee.recording.listening"
    _description = "Listening to a recording"
    _order = "listened_at desc, id desc"
    _rec_name = "user_id"

    recording_id = fields.Many2one(
        "noojee.recording", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="recording_id.company_id", store=True, precompute=True
    )
    user_id = fields.Many2one("res.users", required=True)
    listened_at = fields.Datetime(
        string="When", required=True, default=fields.Datetime.now
    )
    is_download = fields.Boolean(string="Downloaded")

    @api.model
    def _is_noted(self, recording, user, is_download):
        domain = [
            ("recording_id", "=", recording.id),
            ("user_id", "=", user.id),
            ("is_download", "=", is_download),
            ("listened_at", ">", fields.Datetime.now() - ONE_LISTENING),
        ]
        return bool(self.search_count(domain, limit=1))
