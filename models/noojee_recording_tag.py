import unicodedata

from odoo import api, fields, models
from odoo.exceptions import UserError

# a tag travels in an address, and people search by it: no number of an order is longer
TAG_CHARS = 100


class NoojeeRecordingTag(models.Model):
    """One name that a recording was given. The PBX keeps the last one alone."""

    _name = "noojee.recording.tag"
    _description = "Tag of a recording"
    _order = "id desc"
    _rec_name = "tag"

    recording_id = fields.Many2one(
        "noojee.recording", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="recording_id.company_id", store=True, precompute=True
    )
    tag = fields.Char(required=True, index=True)
    user_id = fields.Many2one("res.users", string="By")
    is_on_pbx = fields.Boolean(string="At the PBX", default=True)
    reason = fields.Char(help="Why the PBX does not have it.")

    @api.model
    def _checked(self, tag):
        """A tag as it is sent.

        :return: without blanks around it and with single ones within
        :raise UserError: where no PBX could keep it, or nobody could find it.
        """
        words = " ".join((tag or "").split())
        if not words:
            raise UserError(self.env._("Enter a tag, for example the order's number."))
        if len(words) > TAG_CHARS:
            raise UserError(
                self.env._(
                    "This tag has %(count)s characters. A tag has at most %(most)s.",
                    count=len(words),
                    most=TAG_CHARS,
                )
            )
        strange = {
            c for c in words if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn")
        }
        if strange:
            raise UserError(
                self.env._("This tag holds characters that cannot be written.")
            )
        return words
