from odoo import api, fields, models
from odoo.exceptions import UserError

# offsets are counted by Odoo's clock, lengths by the PBX's, both in whole seconds
TOLERANCE = 5


class NoojeeVoiceSignature(models.Model):
    """Whether what is kept of a take still proves it."""

    _inherit = "noojee.voice.signature"

    audio_doubt = fields.Char(
        compute="_compute_audio_doubt", help="Why the answers may not be in the audio."
    )

    @api.depends("audio_parts", "passage_ids.offset", "passage_ids.has_offset")
    def _compute_audio_doubt(self):
        for signature in self:
            lengths = [part["seconds"] for part in signature.audio_parts or ()]
            heard = signature.passage_ids.filtered("has_offset")
            last = max(heard.mapped("offset"), default=0)
            # of what the PBX tells no length nothing is known
            is_short = lengths and all(lengths) and sum(lengths) + TOLERANCE < last
            signature.audio_doubt = is_short and self.env._(
                "The audio lasts %(seconds)s seconds only, and the last answer was "
                "given after %(last)s. Listen to it, and take it again where the "
                "answers are not in it.",
                seconds=sum(lengths),
                last=last,
            )

    def action_verify(self):
        """Compare what is kept with both digests, and say the outcome.

        :raise UserError: where nothing is left to compare.
        """
        self.ensure_one()
        self.check_access("read")
        if not self.order_content and not self.has_audio:
            raise UserError(
                self.env._("Neither the audio nor the order's text is kept any more.")
            )
        wrong = self._altered()
        words = self.env._("The order's text and the audio are as they were signed.")
        if wrong:
            words = self.env._(
                "Not as it was signed: %(parts)s.", parts=", ".join(wrong)
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if wrong else "success",
                "sticky": bool(wrong),
                "message": words,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _altered(self):
        """What is kept and is not as it was, in plain words."""
        wrong = []
        if self.order_content:
            digest = self.order_id._noojee_digest_of(self.order_content)
            if digest != self.order_sha256:
                wrong.append(self.env._("the order's text"))
        # sudo: users do not read where audio is kept, nor note that they looked
        legs_sudo = self.sudo().recording_id.leg_ids.filtered(
            lambda leg: leg.state == "stored"
        )
        legs_sudo._verify()
        digests = {part["sha256"] for part in self.audio_parts or ()}
        if any(
            leg.verification != "intact" or (digests and leg.sha256 not in digests)
            for leg in legs_sudo
        ):
            wrong.append(self.env._("the audio"))
        return wrong
