from odoo import fields, models


class NoojeeNoticeToken(models.TransientModel):
    """Shows a new token, once: only its digest is stored."""

    _name = "noojee.notice.token"
    _description = "New token for notices"

    pbx_id = fields.Many2one("noojee.pbx", required=True, ondelete="cascade")
    token = fields.Char(readonly=True, store=False)
    url = fields.Char(related="pbx_id.notice_url")
