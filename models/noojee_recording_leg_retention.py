from odoo import api, fields, models


class NoojeeRecordingLeg(models.Model):
    """Legs whose audio is gone."""

    _inherit = "noojee.recording.leg"

    is_left_on_pbx = fields.Boolean(
        string="Still at the PBX",
        help="Deleted here. Its administrator has to delete it there: the PBX's API "
        "cannot.",
    )

    def _purge(self, reason):
        """Delete the audio; the row stays, so that nothing fetches it again."""
        for leg in self:
            leg._attachment_sudo().unlink()
        self.write(
            {
                "state": "purged",
                "reason": reason,
                "size": 0,
                "is_left_on_pbx": True,
            }
        )

    @api.model
    def _prepare_tombstone(self, reason):
        """Values of a leg that the PBX lists after its recording was deleted: what
        it tells of people does not come back."""
        return {
            "state": "purged",
            "reason": reason,
            "is_left_on_pbx": True,
            "source": False,
            "destination": False,
            "tag": False,
        }

    def action_gone_from_pbx(self):
        """Note that the PBX's administrator has deleted these there as well."""
        self.recording_id._check_may_decide()
        # sudo: administrators note it, nobody writes legs
        self.sudo().is_left_on_pbx = False
