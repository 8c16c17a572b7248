from odoo import fields, models

from .noojee_call_consent import NotToBeRecorded


class NoojeeCall(models.Model):
    """Calls that are recorded without anybody's doing, by the policy."""

    _inherit = "noojee.call"

    is_recorded_by_dial = fields.Boolean(
        help="The PBX was asked to record it with the dial itself."
    )

    def _dial_options(self):
        options = super()._dial_options()
        if self._is_always_recorded():
            try:
                self._check_may_record()
            except NotToBeRecorded:
                return options
            self.is_recorded_by_dial = True
            options |= {"record": True, "tag": self._tag_for(None) or None}
        return options

    def _settle(self):
        waiting = self.filtered(lambda call: call.state != "connected")
        result = super()._settle()
        answered = waiting.filtered(lambda call: call.state == "connected")
        answered.filtered(
            lambda call: call.is_recorded_by_dial or call._is_always_recorded()
        )._record_always()
        return result

    def _record_always(self):
        """Wish that these are recorded, now that they are answered: the PBX is asked
        after commit, and again where it does not answer."""
        for call in self.filtered(lambda call: call.recording_state == "off"):
            try:
                call._check_may_record()
            except NotToBeRecorded:
                # where the agent has to tell the other side, his click starts it
                if call.is_recorded_by_dial:
                    call._queue_recording("stop_recording")
                continue
            if call.is_recorded_by_dial:
                call._recording_started(call._tag_for(None))
                continue
            call._queue_recording("start_recording", call._tag_for(None))

    def _queue_recording(self, kind, tag=False):
        """Queue that the recording starts or stops where this call is talked.

        :param str kind: of the command
        :param tag: that it begins with, if any
        """
        running = self.channel_ids.filtered(lambda channel: channel.state != "ended")
        channel = running.sorted(
            lambda channel: (
                channel.state != "connected",
                channel.user_id != self.env.user,
            )
        )[:1]
        self.env["noojee.command"].create(
            {
                "kind": kind,
                "pbx_id": self.pbx_id.id,
                "company_id": self.company_id.id,
                "user_id": channel.user_id.id,
                "call_id": self.id,
                "unique_call_id": channel.unique_call_id,
                "tag": tag,
            }
        )
