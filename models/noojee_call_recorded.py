from odoo import models

from .noojee_call_ingest import INVENTED


class NoojeeCall(models.Model):
    """What a call says about the audio of its recording."""

    _inherit = "noojee.call"

    def _unique_ids(self):
        """Every id by which the PBX may know these calls, primary ones first."""
        channels = self.channel_ids
        ids = [
            *channels.mapped("unique_call_id"),
            *channels.mapped("secondary_unique_call_id"),
        ]
        # some events named no channel
        known = (id_ for id_ in ids if id_ and not id_.startswith(INVENTED))
        return list(dict.fromkeys(known))
