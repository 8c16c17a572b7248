from odoo import api, fields, models
from odoo.exceptions import UserError

from ..client import NoojeeError
from .noojee_call import RUNNING


class NoojeeCall(models.Model):
    """What a person does with a call at his own desk."""

    _inherit = "noojee.call"

    can_answer = fields.Boolean(compute="_compute_can_act")
    can_hang_up = fields.Boolean(compute="_compute_can_act")

    @api.depends(
        "channel_ids.user_id",
        "channel_ids.state",
        "channel_ids.can_answer",
        "dial_extension_id.user_id",
    )
    @api.depends_context("uid")
    def _compute_can_act(self):
        user = self.env.user
        for call in self:
            # sudo: only whether the user's own desk has it
            call_sudo = call.sudo()
            mine = call_sudo.channel_ids.filtered(
                lambda channel: channel.user_id == user
            )
            call.can_answer = any(c.state == "ringing" and c.can_answer for c in mine)
            call.can_hang_up = call_sudo.dial_extension_id.user_id == user or any(
                channel.state in RUNNING for channel in mine
            )

    def action_answer(self):
        """Answer at the user's desk, with its handset's auto-answer string."""
        channel_sudo = self._own_channel("ringing")
        line = channel_sudo.extension_id
        target = self._target(channel_sudo)
        self._ask(
            lambda client: client.answer(
                target,
                line.number,
                line._answer_string(),
                technology=line.technology,
            )
        )

    def action_hang_up(self):
        """Hang up the user's own channel of this call. One that rings is declined: he
        has not missed it."""
        if self._is_dialled_by_me():
            # its channel has not been reported yet
            target = self._unique_id_at(self.sudo().dial_extension_id.number)
            return self._ask(lambda client: client.hangup(target))
        channel_sudo = self._own_channel(*RUNNING)
        target = self._target(channel_sudo)
        with channel_sudo._declined():
            self._ask(lambda client: client.hangup(target))

    def _own_channel(self, *states):
        """The user's running channel of this call, with sudo.

        :raise UserError: when there is none.
        """
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: users only read calls; the channel found is the user's own
        channels_sudo = self.sudo().channel_ids.filtered(
            lambda channel: channel.user_id == self.env.user and channel.state in states
        )
        if not channels_sudo:
            raise self._no_channel()
        return self._foremost(channels_sudo)

    def _is_dialled_by_me(self):
        """Whether the user's desk rings for this call and for nothing else."""
        self.ensure_one()
        self._in_all_companies().check_access("read")
        # sudo: users only read calls
        line_sudo = self.sudo().dial_extension_id
        return line_sudo.user_id == self.env.user and not self.env[
            "noojee.call.channel"
        ].sudo().search_count(
            [("extension_id", "=", line_sudo.id), ("state", "in", RUNNING)], limit=1
        )

    def _ask(self, question, is_urgent=False):
        # sudo: whichever company the user works in now, it is the PBX of his call
        pbx_sudo = self.sudo().pbx_id
        try:
            return pbx_sudo._ask(question, is_urgent=is_urgent)
        except NoojeeError as error:
            raise UserError(pbx_sudo._explain(error)) from None
