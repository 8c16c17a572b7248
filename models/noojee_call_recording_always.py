from odoo import models

from .noojee_call_consent import NotToBeRecorded


class NoojeeCall(models.Model):
    """Calls that are recorded without anybody's doing, by the policy."""

    _inherit = "noojee.call"

    def _settle(self):
        waiting = self.filtered(lambda call: call.state != "connected")
        result = super()._settle()
        answered = waiting.filtered(lambda call: call.state == "connected")
        answered.filtered(lambda call: call._is_always_recorded())._record_always()
        return result

    def _record_always(self):
        """Wish that these are recorded, now that they are answered: the PBX is asked
        after commit, and again where it does not answer."""
        for call in self.filtered(lambda call: call.recording_state == "off"):
            try:
                call._check_may_record()
            except NotToBeRecorded:
                # where the agent has to tell the other side, his click starts it
                continue
            channel = call.channel_ids.filtered(lambda c: c.state == "connected")[:1]
            self.env["noojee.command"].create(
                {
                    "kind": "start_recording",
                    "pbx_id": call.pbx_id.id,
                    "company_id": call.company_id.id,
                    "user_id": channel.user_id.id,
                    "call_id": call.id,
                    "unique_call_id": channel.unique_call_id,
                    "tag": call._tag_for(None),
                }
            )
