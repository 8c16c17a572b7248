from odoo import api, fields, models
from odoo.exceptions import UserError


class NoojeeRecording(models.Model):
    """Proving that what is kept is what was said."""

    _inherit = "noojee.recording"

    verified_at = fields.Datetime(
        string="Verified", compute="_compute_verified_at", help="Of all its legs."
    )

    @api.depends("leg_ids.state", "leg_ids.verified_at")
    def _compute_verified_at(self):
        for recording in self:
            legs = recording.leg_ids.filtered(lambda leg: leg.state == "stored")
            moments = legs.mapped("verified_at")
            recording.verified_at = bool(moments) and all(moments) and min(moments)

    def action_verify(self):
        """Compare the audio of each leg with its SHA-256, and say the outcome.

        :raise UserError: where there is no audio to compare.
        """
        self.check_access("read")
        # sudo: users do not write legs; that somebody looked is kept
        legs_sudo = self.sudo().leg_ids.filtered(lambda leg: leg.state == "stored")
        if not legs_sudo:
            raise UserError(self.env._("There is no audio to verify."))
        legs_sudo._verify()
        wrong_sudo = legs_sudo.filtered(lambda leg: leg.verification != "intact")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if wrong_sudo else "success",
                "sticky": bool(wrong_sudo),
                "message": self._verified_words(legs_sudo, wrong_sudo),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _verified_words(self, legs_sudo, wrong_sudo):
        if not wrong_sudo:
            return self.env._(
                "All %(count)s legs are as the PBX sent them.", count=len(legs_sudo)
            )
        names = ", ".join(
            f"{leg.recording_id.name} · {leg.display_name}" for leg in wrong_sudo
        )
        return self.env._(
            "Not as the PBX sent it, or lost: %(legs)s. Tell your administrator: a "
            "backup may still have it.",
            legs=names,
        )
