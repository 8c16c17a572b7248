from odoo import api, fields, models
from odoo.exceptions import UserError


class NoojeeVoiceSignaturePassage(models.Model):
    """A passage as it was read to a customer, and what he answered."""

    _name = "noojee.voice.signature.passage"
    _description = "Passage of a voice signature"
    _order = "signature_id, sequence, id"
    _rec_name = "title"

    signature_id = fields.Many2one(
        "noojee.voice.signature", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="signature_id.company_id", store=True, precompute=True
    )
    sequence = fields.Integer(required=True)
    is_notice = fields.Boolean(string="Notice of recording")
    title = fields.Char(required=True)
    text = fields.Text(string="As it was read")
    answer = fields.Selection([("yes", "Yes"), ("no", "No")])
    ticked_at = fields.Datetime(string="Answered")
    has_offset = fields.Boolean(
        help="It was answered while the call was being recorded."
    )
    offset = fields.Integer(
        string="Seconds into the audio",
        help="From its beginning, without the gaps in which nothing was recorded.",
    )
    offset_time = fields.Char(string="In the audio", compute="_compute_offset_time")

    @api.depends("has_offset", "offset", "answer")
    def _compute_offset_time(self):
        for passage in self:
            minutes, seconds = divmod(passage.offset, 60)
            passage.offset_time = passage.has_offset and f"{minutes:02}:{seconds:02}"

    def write(self, vals):
        is_over = any(take.state != "recording" for take in self.signature_id)
        # of a person who is erased it is forgotten, never told otherwise
        if is_over and vals != {"text": False}:
            raise UserError(
                self.env._("What was read and answered stays as it is. Take a new one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Passages of voice signatures are kept."))

    def _erase(self):
        self.write({"text": False})

    def _note(self, answer, seconds):
        """Note an answer.

        :param int seconds: into the audio; None: before it was recorded
        """
        self.write(
            {
                "answer": answer,
                "ticked_at": fields.Datetime.now(),
                "has_offset": seconds is not None,
                "offset": seconds or 0,
            }
        )
