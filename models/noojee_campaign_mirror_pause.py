from odoo import fields, models


class NoojeeCampaignMirror(models.Model):
    """How a PBX takes leads, and for how long one that does not is left alone."""

    _inherit = "noojee.campaign.mirror"

    paused_until = fields.Datetime()
    paused_reason = fields.Char()
    has_old_leads = fields.Boolean(
        help="The PBX knows only the older methods that take leads."
    )

    def _pause_words(self):
        """Why nothing is sent at this moment, or False."""
        if not self.paused_until or self.paused_until <= fields.Datetime.now():
            return False
        return self.paused_reason or self.env._(
            "%(pbx)s does not take leads now. They are sent as soon as it does.",
            pbx=self.pbx_id.name,
        )

    def _try_other_methods(self):
        """The PBX does not know the methods that it was asked by.

        :return: whether there are others left to try; they are looked for anew at
            each refresh
        """
        self.has_old_leads = not self.has_old_leads
        return self.has_old_leads
