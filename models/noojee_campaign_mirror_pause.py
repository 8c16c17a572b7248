from odoo import fields, models


class NoojeeCampaignMirror(models.Model):
    """For how long a PBX that does not take leads is left alone."""

    _inherit = "noojee.campaign.mirror"

    paused_until = fields.Datetime()
    paused_reason = fields.Char()

    def _pause_words(self):
        """Why nothing is sent at this moment, or False."""
        if not self.paused_until or self.paused_until <= fields.Datetime.now():
            return False
        return self.paused_reason or self.env._(
            "%(pbx)s does not take leads now. They are sent as soon as it does.",
            pbx=self.pbx_id.name,
        )
