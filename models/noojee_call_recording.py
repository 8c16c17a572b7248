from odoo import api, fields, models
from odoo.exceptions import UserError

from .noojee_recording_tag import TAG_CHARS
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
    has_audio = fields.Boolean(related="recording_ids.has_audio")
    can_record = fields.Boolean(compute="_compute_can_record")

    @api.depends("recording_ids.state")
    def _compute_recording_state(self):
        states = {"recording": "on", "paused": "paused", False: "off"}
        for call in self:
            state = call.recording_ids.state
            call.recording_state = states.get(state, "stopped")

    @api.depends("channel_ids.user_id", "channel_ids.state")
    @api.depends_context("uid")
    def _compute_can_record(self):
        for call in self:
            # sudo: only whether the user's own desk has it
            call.can_record = any(
                channel.user_id == self.env.user and channel.state == "connected"
                for channel in call.sudo().channel_ids
            )

    # === WHAT A PERSON DOES === #

    def action_start_recording(self, res_model=None, res_id=None):
        """Start recording at the user's own channel of this call.

        :param str res_model: name and
        :param int res_id: id of the record that it is filed on, if it is another one
            than the call is about
        :raise UserError: in plain words, when the PBX did not start it, or when it may
            not be recorded.
        """
        record = self._record_to_read(res_model, res_id) if res_model else None
        self._start_recording(record)

    def _start_recording(self, record=None, is_told=False):
        """:param bool is_told: whether the agent has just told the other side"""
        channel_sudo = self._own_channel("ringing", "connected")
        call_sudo = channel_sudo.call_id
        if call_sudo.recording_state == "on":
            if record:
                self._store_apart(lambda stored_sudo: stored_sudo._file_on(record))
            return
        self._check_may_record(record, is_told)
        tag = self._tag_for(record)
        login = channel_sudo.extension_id.noojee_login
        target = self._target(channel_sudo)
        self._ask(
            lambda client: client.start_recording(
                target, tag=tag or None, agent_login=login or None
            )
        )
        self._store_apart(
            lambda stored_sudo: stored_sudo._recording_started(tag, record)
        )

    def action_stop_recording(self):
        """Stop recording at the user's own channel of this call.

        :raise UserError: in plain words, when the PBX did not stop it, or when nothing
            was recorded.
        """
        self._stop_recording(self._recorded_state())

    def action_pause_recording(self):
        """Stop for card data: what is said until :meth:`action_resume_recording` is
        not recorded.

        :raise UserError: in plain words, when the PBX did not stop: it goes on
            recording; or when nothing was recorded.
        """
        if self._recorded_state() != "on":
            return
        self._ask_to_stop()
        self._store_apart(lambda stored_sudo: stored_sudo._recording_paused())

    def action_resume_recording(self):
        """Go on after :meth:`action_pause_recording`; errors as when it starts."""
        channel_sudo = self._own_channel("ringing", "connected")
        if channel_sudo.call_id.recording_state == "paused":
            self._start_recording()

    def action_tag_recording(self, tag, res_model=None, res_id=None):
        """Give this call's recording another tag, at the PBX as well.

        :param str tag: such as an order's number
        :param str res_model: name and
        :param int res_id: id of a record that it is filed on from now on, if any
        :return: ``{"tag", "is_on_pbx", "message": in plain words}``: what the PBX
            refuses is kept here all the same
        :raise UserError: where the tag cannot be one, or nothing was recorded.
        """
        tag = self._checked_tag(tag)
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: users only read calls
        call_sudo = self.sudo()
        if not call_sudo.recording_ids:
            raise UserError(self.env._("This call was not recorded."))
        record = self._record_to_read(res_model, res_id) if res_model else None
        failure = self._ask_to_tag(tag)
        self._store_apart(
            lambda stored_sudo: stored_sudo._recording_tagged(tag, failure, record)
        )
        message = self.env._("Tagged %(tag)s.", tag=tag)
        if failure:
            message = self.env._(
                "Tagged %(tag)s in Odoo only. The phone system says: %(reason)s",
                tag=tag,
                reason=failure,
            )
        return {"tag": tag, "is_on_pbx": not failure, "message": message}

    def action_play_recording(self):
        """Open the player over whatever is open."""
        self.ensure_one()
        return self.recording_ids.action_play()

    # === STEPS === #

    def _recorded_state(self):
        """:raise UserError: where there is nothing to stop"""
        state = self._own_channel("ringing", "connected").call_id.recording_state
        if state == "off":
            raise UserError(self.env._("Nothing is being recorded in this call."))
        return state

    def _stop_recording(self, state):
        """:param state: how it is recorded up to now"""
        if state == "on":
            self._ask_to_stop()
        if state in ("on", "paused"):
            self._store_apart(lambda stored_sudo: stored_sudo.recording_ids._stop())

    def _ask_to_stop(self):
        channel_sudo = self._own_channel("ringing", "connected")
        login = channel_sudo.extension_id.noojee_login
        target = self._target(channel_sudo)
        self._ask(
            lambda client: client.stop_recording(target, agent_login=login or None),
            is_urgent=True,
        )

    def _ask_to_tag(self, tag):
        """:return: why the PBX did not take the tag, or False"""
        # sudo: users only read calls
        channels_sudo = self.sudo().channel_ids.sorted(
            lambda channel: (channel.user_id != self.env.user, not channel.answered_at)
        )
        channel_sudo = channels_sudo[:1]
        login = channel_sudo.extension_id.noojee_login
        try:
            target = self._target(channel_sudo)
            self._ask(
                lambda client: client.tag_recording(
                    target, tag, agent_login=login or None
                )
            )
        except UserError as error:
            return str(error)
        return False

    def _store_apart(self, change):
        """Store what the PBX has done, in a cursor of its own: were the request's own
        transaction to collide, Odoo would run it again and ask the PBX twice.

        :param change: function of this call with sudo
        :return: what it returned
        """

        def store():
            with self.env.registry.cursor() as cr:
                # sudo: users do not write calls; the PBX did this to the user's own
                stored_sudo = self.with_env(self.env(cr=cr)).sudo()
                result = change(stored_sudo)
                stored_sudo._notify()
                return result

        result = repeat(store)
        self.invalidate_recordset()
        return result

    def _default_tag(self):
        """The record that the call is about, by the name that people search it by."""
        record = self._in_all_companies()._existing_record()
        return bool(record) and record.has_access("read") and record.display_name

    def _tag_for(self, record):
        """The tag that a recording begins with."""
        call_sudo = self.sudo()
        tag = record.display_name if record else call_sudo.tag or self._default_tag()
        # names of records may be longer than a tag
        return " ".join((tag or "").split())[:TAG_CHARS]

    @api.model
    def _checked_tag(self, tag):
        """See :meth:`NoojeeRecordingTag._checked`."""
        return self.env["noojee.recording.tag"]._checked(tag)

    # === WHAT THE PBX HAS DONE === #

    def _recording_started(self, tag, record=None):
        """Note that this call is recorded now.

        :param str tag: that the PBX keeps with it, or False
        :param record: that the recording is filed on
        """
        recording = self.env["noojee.recording"]._begin(self, tag, record)
        if tag:
            recording._note_tag(tag)
        if record:
            self._file_on(record)
        self._stop_if_ended()
        if self.objection_at and self.recording_state == "on":
            # it was noted while the PBX was asked
            self._queue_recording("stop_recording")

    def _recording_paused(self):
        """Note that this call is recorded on only when somebody says so."""
        self.recording_ids._pause()
        self._stop_if_ended()

    def _stop_if_ended(self):
        """The hang-up may be stored before what the PBX has answered."""
        if self.state == "ended":
            self.recording_ids._stop()

    def _recording_tagged(self, tag, failure=False, record=None):
        """Note another tag.

        :param str failure: why the PBX does not have it, or False
        :param record: that the recording is filed on from now on, if any
        """
        self.recording_ids._note_tag(tag, failure)
        if record:
            self._file_on(record)

    def _file_on(self, record):
        """File this call's recording on a record; the call is about it as well, unless
        a person said otherwise."""
        reference = f"{record._name},{record.id}"
        self.recording_ids.record_ref = reference
        about = self._existing_record()
        if record._name in self._record_models() and (
            not about or about == self.partner_id
        ):
            self.record_ref = reference

    def _absorb_recordings(self, recordings):
        """Those of calls that turned out to be this one."""
        if not recordings:
            return
        if not self.recording_ids:
            recordings[0].call_id = self
        self.recording_ids._absorb(recordings - self.recording_ids)

    def _resume_recording(self):
        """This call runs on that was taken for ended: the PBX was not told to stop
        what its end had stopped here."""
        self.recording_ids.filtered(
            lambda recording: (
                recording.state == "stopped"
                and self.ended_at
                and recording.stopped_at >= self.ended_at
            )
        )._run_on()

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
