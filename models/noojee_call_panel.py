import logging

from odoo import api, models

from .noojee_call import RUNNING
from .transaction import try_part

_logger = logging.getLogger(__name__)

MISSED_CALLS = 8
RECENT_CALLS = 8


class NoojeeCall(models.Model):
    """What the phone's panel shows."""

    _inherit = "noojee.call"

    @api.model
    def get_phone_state(self):
        """What the user's phone does now, and what he may do with it.

        :return: ``{"line": see noojee.extension._payload, "calls": [running calls],
            "recent": [last ended calls], "away": see noojee.circuit._payload,
            "missed": [last calls that he missed], "missed_count": since he looked
            last, "results": see noojee.call.result._payload, "to_call": entries and
            "to_call_count": count of get_to_call}``; calls as :meth:`_payload`
            describes them
        """
        calls = self._in_all_companies()
        user = self.env.user
        line = calls.env["noojee.extension"]._line_of(user)
        # sudo: whether the PBX answers is told to everybody with a line
        circuit_sudo = self.env["noojee.circuit"].sudo()._of(line.pbx_id)
        running = calls._running_of(user)
        recent, missed = calls._recent_of(user), calls._missed_of(user)
        # most of the missed calls are recent ones: each is described once
        payloads = (running | recent | missed)._payloads(user)
        to_call = self.get_to_call()
        return {
            "line": line._payload(),
            "calls": [payloads[call] for call in running if call in payloads],
            "recent": [payloads[call] for call in recent if call in payloads],
            "away": circuit_sudo._payload(),
            "missed": [payloads[call] for call in missed if call in payloads],
            "missed_count": self._missed_count(),
            "results": calls.env["noojee.call.result"]._payload(),
            "to_call": to_call["entries"],
            "to_call_count": to_call["count"],
        }

    def _payloads(self, user):
        """:return: these calls by themselves, as :meth:`_payload` describes them;
        without those that cannot be shown"""
        # sudo: what is found is shown as far as the user may see it
        calls_sudo = self.sudo()
        with self._knowing() as known:
            calls_sudo._know_records(known)
            for pbx, of_pbx in calls_sudo.grouped("pbx_id").items():
                self._know_numbers(known, pbx, of_pbx._numbers_asked_about(user))
            # a savepoint for each call would cost more than the calls
            payloads, error = self._try_payloads(user)
            if error:
                payloads = self._payloads_apart(user)
        return payloads

    def _try_payloads(self, user):
        """:return: ``(payloads, error)``"""
        payloads = {}

        def describe():
            payloads.update({call: call._payload(user) for call in self})

        return payloads, try_part(self.env, describe)

    def _payloads_apart(self, user):
        """One call that cannot be shown must not cost the user the others."""
        payloads = {}
        for call in self:
            shown, error = call._try_payloads(user)
            payloads |= shown
            if error:
                _logger.error(
                    "Call %s cannot be shown to %s.",
                    *(call.id, user.login),
                    exc_info=error,
                )
        return payloads

    def _numbers_asked_about(self, user):
        """Whose holders these calls are shown with."""
        internal = self.filtered(lambda call: call.direction == "internal")
        unknown = (self - internal).filtered(
            lambda call: (
                not call.partner_id
                and not call.record_ref
                and call._asks_who_called(user)
            )
        )
        return unknown.mapped("number") + internal.channel_ids.mapped("other_number")

    @api.model
    def _running_of(self, user):
        own = [("channel_ids.user_id", "=", user.id)]
        dialled = [("user_id", "=", user.id)]
        return self.search([("state", "!=", "ended"), "|", *own, *dialled])._told()

    @api.model
    def _recent_of(self, user):
        """The last ended calls that a user dialled, answered or was rung for.

        Two short walks along an index: one search for both would read all of the
        user's calls.
        """
        ended = [("user_id", "=", user.id), ("state", "=", "ended")]
        order = "started_at desc, id desc"
        channels = self.env["noojee.call.channel"].search(
            ended, order=order, limit=RECENT_CALLS
        )
        calls = self.search(ended, order=order, limit=RECENT_CALLS) | channels.call_id
        calls = calls.filtered(lambda call: call.state == "ended")
        return calls.sorted(lambda c: (c.started_at, c.id), reverse=True)[:RECENT_CALLS]

    @api.model
    def mark_missed_seen(self):
        """The user has looked at his missed calls: none is new any more."""
        # sudo: users do not write channels; these are at the user's own desk
        channels_sudo = self.env["noojee.call.channel"].sudo()
        channels_sudo.search(self._missed_domain()).is_missed_unseen = False
        # his other tabs clear their badge as well
        self.env.user._bus_send("noojee.phone/missed_seen", {})

    @api.model
    def _missed_of(self, user):
        channels = self.env["noojee.call.channel"].search(
            [
                ("user_id", "=", user.id),
                ("state", "=", "ended"),
                ("outcome", "=", "missed"),
            ],
            order="started_at desc, id desc",
            limit=MISSED_CALLS,
        )
        # one that is back at his desk may still be answered
        return channels.call_id.filtered(
            lambda call: call.sudo()._channel_of(user).state == "ended"
        )

    @api.model
    def _missed_count(self):
        # sudo: as above
        channels_sudo = self.env["noojee.call.channel"].sudo()
        at_desk_sudo = channels_sudo.search(
            [("user_id", "=", self.env.uid), ("state", "in", RUNNING)]
        )
        missed = [
            *self._missed_domain(),
            ("is_declined", "=", False),
            ("call_id", "not in", at_desk_sudo.call_id.ids),
        ]
        [[count]] = channels_sudo._read_group(missed, [], ["call_id:count_distinct"])
        return count

    @api.model
    def _missed_domain(self):
        return [("user_id", "=", self.env.uid), ("is_missed_unseen", "=", True)]

    def _payload(self, user):
        """This call as one user sees it.

        :return: as before, and ``note``, ``result`` (``{"id", "name"}`` or False),
            ``recording`` (``off``, ``on``, ``paused`` or ``stopped``),
            ``recorded_at`` (of a running recording), ``recording_id``, ``tag``,
            ``needs_notice`` (the agent has to say first that it is recorded),
            ``not_recorded`` (why it must not be, or ""), ``objection_at``,
            ``needs_wrap_up``, ``is_mine`` (dialled or answered by this user),
            ``team``, ``activity_id``, ``lift_handset`` (his desk rings and the
            handset will not answer by itself), ``is_click_to_dial`` and
            ``is_missed_unseen`` (whether ``missed_count`` of :meth:`get_phone_state`
            counts it)
        """
        payload = super()._payload(user)
        # sudo: the call is the user's own
        call = self.sudo()
        mine = call._channel_of(user)
        is_recording = call.recording_state == "on"
        is_click_to_dial = mine.is_click_to_dial or bool(
            not mine and call.user_id == user and call.request_token
        )
        line = mine.extension_id or call.dial_extension_id
        return {
            **payload,
            "note": call.note or "",
            "result": bool(call.result_id)
            and {
                "id": call.result_id.id,
                "name": call.result_id.with_context(lang=user.lang).name,
            },
            "recording": call.recording_state,
            "recorded_at": is_recording and self._iso(call.recorded_at),
            "recording_id": call.recording_state != "off" and call.recording_ids.id,
            "tag": call.tag or "",
            **call._payload_consent(payload["state"]),
            "needs_wrap_up": payload["state"] == "ended"
            and call._needs_wrap_up(user, mine.ended_at or call.ended_at),
            "is_mine": call._took_part(user),
            "team": call.team_id.name or "",
            "activity_id": call.activity_id.id,
            "lift_handset": payload["state"] == "dialing"
            and is_click_to_dial
            and not (line and line._answer_string()),
            "is_click_to_dial": is_click_to_dial,
            "is_missed_unseen": payload["state"] == "ended"
            and call._is_missed_unseen(user),
        }

    def _is_missed_unseen(self, user):
        return any(
            channel.is_missed_unseen and not channel.is_declined
            for channel in self.channel_ids
            if channel.user_id == user
        )
