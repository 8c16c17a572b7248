from odoo import fields, models


class NoojeeRecordingPause(models.Model):
    """A gap that was wished for: while card data was said, nothing was recorded."""

    _name = "noojee.recording.pause"
    _description = "Gap in a recording"
    _order = "started_at, id"

    recording_id = fields.Many2one(
        "noojee.recording", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="recording_id.company_id", store=True, precompute=True
    )
    user_id = fields.Many2one("res.users", string="By")
    started_at = fields.Datetime(required=True, default=fields.Datetime.now)
    ended_at = fields.Datetime()
