from odoo import models
from odoo.exceptions import UserError

from ..client import ApiError, KeyRefused


class NoojeeCommand(models.Model):
    """What each kind of command asks of the PBX, and what follows in Odoo."""

    _inherit = "noojee.command"

    def _carry_out(self):
        """Ask the PBX.

        :return: further values of the command
        :raise NoojeeError: what went wrong on the wire
        :raise UserError: in plain words, why it is not done
        """
        match self.kind:
            case "call":
                return self._carry_out_call()
            case "hang_up":
                self._ask(lambda client, target: client.hangup(target))
            case "start_recording":
                self._carry_out_start()
            case "stop_recording":
                self._carry_out_stop()
            case "tag_recording":
                tag, login = self.tag, self._login()
                self._ask_about_recording(
                    lambda client, target: client.tag_recording(
                        target, tag, agent_login=login
                    )
                )
        return {}

    def _carry_out_call(self):
        """Dial as the user's click would, with his rights and by the same checks."""
        user = self.user_id
        # the wish may be older than what the user may do
        calls = self.env["noojee.call"].with_user(user)
        calls.check_access("read")
        record = self._record().with_user(user)
        record.check_access("read")
        # nothing is noted of a call while it is known that it cannot be placed
        self.env["noojee.circuit"]._of(self.pbx_id)._check()
        numbers = record._noojee_numbers()
        if not numbers:
            raise UserError(self.env._("There is no number to call."))
        partner = self.env["res.partner"].with_user(user)
        number = numbers[0]["number"]
        with calls._told_to_all(number):
            payload = calls._dial(
                number,
                record,
                partner.browse(numbers[0]["partner_id"]),
                before_wait=self.env.cr.commit,
            )
        return {"call_id": payload["id"]}

    def _carry_out_start(self):
        call = self.call_id
        call._check_may_record(self._record_to_file_on())
        if call.recording_state == "paused":
            # a card's number would be heard
            raise UserError(
                self.env._(
                    "Recording is stopped for card data. Whoever stopped it goes on by "
                    "himself."
                )
            )
        tag, login = self.tag or None, self._login()
        self._ask(
            lambda client, target: client.start_recording(
                target, tag=tag, agent_login=login
            )
        )

    def _carry_out_stop(self):
        if self.call_id.recording_state == "paused":
            # the PBX has stopped already, and nobody will go on
            return
        login = self._login()
        self._ask_about_recording(
            lambda client, target: client.stop_recording(target, agent_login=login),
            # what must not go on is stopped as soon as the PBX answers again
            is_urgent=True,
        )

    def _ask_about_recording(self, question, is_urgent=False):
        """:raise UserError: where nothing is recorded, as far as anybody knows."""
        is_recorded = self.call_id.recording_state == "on"
        try:
            self._ask(question, is_urgent)
        except KeyRefused:
            raise
        except ApiError:
            if is_recorded:
                raise
            raise UserError(
                self.env._("Nothing is being recorded in this call.")
            ) from None

    def _ask(self, question, is_urgent=False):
        """Put a question about the channel that was meant, and about no other.

        :param question: function of a client and the channel's id
        """
        channel = self._channel()
        target = self.unique_call_id
        if channel:
            target = self.call_id._target(channel)
        self.pbx_id._ask(
            lambda client: question(client, target),
            before_wait=self.env.cr.commit,
            is_urgent=is_urgent,
        )

    def _channel(self):
        return self.call_id.channel_ids.filtered(
            lambda channel: channel.unique_call_id == self.unique_call_id
        )[:1]

    def _login(self):
        """Whom the PBX is told that the recording belongs to."""
        line = self._channel().extension_id or self.user_id.noojee_extension_ids[:1]
        return line.noojee_login or None

    # === WHAT FOLLOWS === #

    def _follow_up(self):
        """Note on the call what the PBX has done."""
        match self.kind:
            case "start_recording":
                self._note_started()
            case "stop_recording":
                self.call_id.recording_ids._stop()
            case "tag_recording":
                self.call_id._recording_tagged(self.tag)
            case _:
                return
        self.call_id._notify()

    def _note_refused_tag(self):
        """The tag is found in Odoo all the same."""
        self.call_id._recording_tagged(self.tag, self.reason)

    def _note_started(self):
        call, record = self.call_id, self._record_to_file_on()
        if call.recording_state != "on":
            call._recording_started(self.tag, record)
            return
        # it goes on as it began
        if self.tag:
            call._recording_tagged(self.tag)
        if record:
            call._file_on(record)

    def _record_to_file_on(self):
        """The record, if recordings can be filed on such ones; else None."""
        return self._record() if self._can_be_called_about() else None
