from odoo import api, fields, models

from .transaction import repeat


class NoojeeCall(models.Model):
    """Recording a running call by hand."""

    _inherit = "noojee.call"

    recording_ids = fields.One2many("noojee.recording", "call_id", string="Recordings")
    recording_state = fields.Selection(
        [
            ("off", "Not recorded"),
            ("on", "Recording"),
            ("paused", "Paused"),
            ("stopped", "Recorded"),
        ],
        string="Recording",
        compute="_compute_recording_state",
        store=True,
        index=True,
    )
    recorded_at = fields.Datetime(
        related="recording_ids.started_at", string="Recording since"
    )
    tag = fields.Char(related="recording_ids.tag")

    @api.depends("recording_ids.state")
    def _compute_recording_state(self):
        states = {"recording": "on", "paused": "paused", False: "off"}
        for call in self:
            state = call.recording_ids.state
            call.recording_state = states.get(state, "stopped")

    def action_start_recording(self):
        """Start recording at the user's own channel of this call.

        :raise UserError: in plain words, when the PBX did not start it.
        """
        channel_sudo = self._own_channel("ringing", "connected")
        call_sudo = channel_sudo.call_id
        if call_sudo.recording_state == "on":
            return
        tag = call_sudo.tag or self._default_tag()
        login = channel_sudo.extension_id.noojee_login
        target = self._target(channel_sudo)
        self._ask(
            lambda client: client.start_recording(
                target, tag=tag or None, agent_login=login or None
            )
        )
        self._store_apart(lambda stored_sudo: stored_sudo._recording_started(tag))

    def action_stop_recording(self):
        """Stop recording at the user's own channel of this call.

        :raise UserError: in plain words, when the PBX did not stop it.
        """
        channel_sudo = self._own_channel("ringing", "connected")
        call_sudo = channel_sudo.call_id
        if call_sudo.recording_state != "on":
            return
        login = channel_sudo.extension_id.noojee_login
        target = self._target(channel_sudo)
        self._ask(
            lambda client: client.stop_recording(target, agent_login=login or None)
        )
        self._store_apart(lambda stored_sudo: stored_sudo.recording_ids._stop())

    def _store_apart(self, change):
        """Store what the PBX has done, in a cursor of its own: were the request's own
        transaction to collide, Odoo would run it again and ask the PBX twice.

        :param change: function of this call with sudo
        """

        def store():
            with self.env.registry.cursor() as cr:
                # sudo: users do not write calls; the PBX did this to the user's own
                stored_sudo = self.with_env(self.env(cr=cr)).sudo()
                change(stored_sudo)
                stored_sudo._notify()

        repeat(store)
        self.invalidate_recordset()

    def _default_tag(self):
        """The record that the call is about, by the name that people search it by."""
        record = self._in_all_companies()._existing_record()
        return bool(record) and record.has_access("read") and record.display_name

    def _recording_started(self, tag, record=None):
        self.env["noojee.recording"]._begin(self, tag, record)

    def _absorb_recordings(self, recordings):
        """Those of calls that turned out to be this one."""
        if not recordings:
            return
        if not self.recording_ids:
            recordings[0].call_id = self
        self.recording_ids._absorb(recordings - self.recording_ids)

    def _settle(self):
        result = super()._settle()
        # no recording outlives its call
        ended = self.filtered(
            lambda call: (
                call.state == "ended" and call.recording_state in ("on", "paused")
            )
        )
        ended.recording_ids._stop()
        return result
