import logging
from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain

from ..client import CallStatus
from .noojee_call_dial import DIAL_PENDING

_logger = logging.getLogger(__name__)

RANK = {"dialing": 0, "ringing": 1, "connected": 2, "ended": 3}
ANONYMOUS = {"", "anonymous", "unknown", "restricted", "private"}


class NoojeeCall(models.Model):
    """Events: the one place, beside dialling, where states move."""

    _inherit = "noojee.call"

    @api.model
    def _ingest(self, pbx, events):
        """Take in what the PBX reported; repeated and late events change nothing.

        Events of one call must stand in their order; between calls none is needed.
        The caller repeats the whole on a serialization or uniqueness error.
        (noojee-api.md section 4)

        :param events: :class:`CallEvent` of the client
        :return: the calls that changed; their users have been told, at commit
        """
        calls = self.sudo()
        lines = {
            line.number: line
            for line in pbx.sudo().with_context(active_test=False).extension_ids
        }
        changed = calls
        for event in events:
            # desks that are not set up here are nobody's concern
            if line := lines.get(event.extension):
                changed |= calls._ingest_event(line, event)
        changed._update_chatter()
        changed._notify()
        return changed

    @api.model
    def _ingest_event(self, line, event):
        unique_id = self._unique_id(event)
        if not unique_id:
            _logger.info("An event at extension %s names no call.", line.number)
            return self.browse()
        channel = self.env["noojee.call.channel"].search(
            [
                ("pbx_id", "=", line.pbx_id.id),
                ("extension_number", "=", line.number),
                ("unique_call_id", "=", unique_id),
            ]
        )
        if not channel:
            channel = self._create_channel(line, event, unique_id)
        elif not self._move_channel(channel, event):
            return self.browse()
        channel.call_id._settle()
        return channel.call_id

    @api.model
    def _unique_id(self, event):
        # some events name no channel: the PBX's own number of the call serves then
        return event.unique_call_id or (event.call_id and f"call-{event.call_id}")

    # === CHANNELS === #

    @api.model
    def _create_channel(self, line, event, unique_id):
        state = self._state_of(event)
        now = fields.Datetime.now()
        number = self._other_number(line.number, event)
        direction = self._direction(line, event, number)
        call = (
            self._dialled_call(line, event)
            or self._call_sharing_an_id(line.pbx_id, event)
            or self._queue_call(line.pbx_id, event)
            or self._create_call(line, direction, number, event)
        )
        channel = self.env["noojee.call.channel"].create(
            {
                "call_id": call.id,
                "pbx_id": line.pbx_id.id,
                "company_id": line.company_id.id,
                "extension_id": line.id,
                "extension_number": line.number,
                "user_id": line.user_id.id,
                "direction": direction,
                "is_inbound": bool(event.inbound),
                "state": "dialing",
                "is_queue_call": event.is_queue_call,
                "is_click_to_dial": event.is_click_to_dial,
                "caller_id": event.caller_id,
                "unique_call_id": unique_id,
                "wire_call_id": event.call_id,
                "started_at": self._started_at(event, state, now),
            }
        )
        self._move_channel(channel, event)
        return channel

    @api.model
    def _move_channel(self, channel, event):
        """:return: whether the event told anything new"""
        values = {}
        if event.secondary_unique_call_id:
            values["secondary_unique_call_id"] = event.secondary_unique_call_id
        if number := self._other_number(channel.extension_number, event):
            values["other_number"] = number
        state = self._state_of(event)
        if state and RANK[state] >= RANK[channel.state]:
            # what a late event says of answering is past as well
            values["can_answer"] = bool(event.can_answer) and state == "ringing"
        if state and RANK[state] > RANK[channel.state]:
            values |= self._prepare_state_values(state)
        values = {name: new for name, new in values.items() if channel[name] != new}
        return bool(values) and channel.write(values)

    @api.model
    def _prepare_state_values(self, state):
        now = fields.Datetime.now()
        match state:
            case "connected":
                return {"state": state, "answered_at": now}
            case "ended":
                return {"state": state, "ended_at": now, "can_answer": False}
        return {"state": state}

    @api.model
    def _state_of(self, event):
        """The state that an event speaks of, or None where it does not tell."""
        match event.status:
            case CallStatus.RINGING:
                # the desk rings first when a call was dialled for it
                return "dialing" if event.is_click_to_dial else "ringing"
            case CallStatus.DIALING_OUT:
                return "ringing"
            case CallStatus.CONNECTED:
                return "connected"
            case CallStatus.HUNGUP:
                return "ended"
        _logger.info("The PBX reports a call as %r.", event.status_word)
        return None

    @api.model
    def _started_at(self, event, state, now):
        """When the channel started.

        A channel seen from its beginning starts when its event arrives. One that was
        met in the middle started at the whole part of its unique id: seconds since
        1970 by the PBX's clock.
        """
        if state in ("dialing", "ringing"):
            return now
        seconds = event.unique_call_id.partition(".")[0]
        if not seconds.isdigit():
            return now
        start = datetime.fromtimestamp(int(seconds), timezone.utc).replace(tzinfo=None)
        return min(start, now) if now - start < timedelta(days=1) else now

    @api.model
    def _other_number(self, own_number, event):
        """The other party's number, as far as the event tells it."""
        if event.inbound or event.inbound is None and not event.outbound_destination:
            number = event.caller_id
        else:
            number = event.outbound_destination or event.other_party_caller_id
        number = number or event.connected_caller_id
        return "" if number == own_number else number

    @api.model
    def _direction(self, line, event, number):
        # sudo: which numbers are extensions is no secret inside the company
        if number and number in line.pbx_id.sudo().extension_ids.mapped("number"):
            return "internal"
        return "inbound" if event.inbound else "outbound"

    # === WHICH CHANNELS ARE ONE CALL === #

    @api.model
    def _dialled_call(self, line, event):
        """The call that was dialled from here and waits for its channel.

        The event may arrive before the answer to the dial, so that the session is not
        known yet; one dial at a time waits at an extension.
        """
        if not event.is_click_to_dial:
            return self.browse()
        call = self.search([("dial_extension_id", "=", line.id)])
        if call and fields.Datetime.now() - call.started_at < DIAL_PENDING:
            call.write({"dial_extension_id": False, "failure_reason": False})
            return call
        # the session is known, and its extension was released meanwhile
        return self.search(
            [
                ("pbx_id", "=", line.pbx_id.id),
                ("session_id", "=", event.call_id),
                ("session_id", "!=", False),
                ("channel_ids", "=", False),
                ("started_at", ">", fields.Datetime.now() - timedelta(hours=1)),
            ],
            limit=1,
        )

    @api.model
    def _call_sharing_an_id(self, pbx, event):
        ids = [event.unique_call_id, event.secondary_unique_call_id]
        if not (ids := [unique_id for unique_id in ids if unique_id]):
            return self.browse()
        shares_an_id = Domain("unique_call_id", "in", ids) | Domain(
            "secondary_unique_call_id", "in", ids
        )
        domain = Domain("pbx_id", "=", pbx.id) & shares_an_id
        return self.env["noojee.call.channel"].search(domain, limit=1).call_id

    @api.model
    def _queue_call(self, pbx, event):
        """A call that rings at other desks of a queue now, from the same caller."""
        caller = event.caller_id.strip().lower()
        if not event.is_queue_call or caller in ANONYMOUS:
            return self.browse()
        if event.secondary_unique_call_id:
            # the shared id has been looked for: this is another call
            return self.browse()
        return (
            self.env["noojee.call.channel"]
            .search(
                [
                    ("pbx_id", "=", pbx.id),
                    ("is_queue_call", "=", True),
                    ("state", "=", "ringing"),
                    ("caller_id", "=", event.caller_id),
                ],
                limit=1,
            )
            .call_id
        )

    @api.model
    def _create_call(self, line, direction, number, event):
        pbx = line.pbx_id
        e164 = direction != "internal" and pbx._phone_format_number(
            number, pbx.country_id
        )
        candidates = self._match(e164 or number, pbx, line.user_id)
        # several may stand behind one number: a person says who it is
        known = candidates[0] if len(candidates) == 1 else {}
        return self.create(
            {
                "pbx_id": pbx.id,
                "company_id": line.company_id.id,
                "direction": direction,
                "number": number,
                "number_e164": e164,
                "partner_id": known.get("partner_id"),
                "record_ref": bool(known) and f"{known['model']},{known['id']}",
                "user_id": line.user_id.id,
                "is_queue_call": event.is_queue_call,
                "state": "dialing",
            }
        )

    # === THE CALL AS A WHOLE === #

    def _settle(self):
        """Derive these calls from their channels."""
        for call in self:
            call._settle_outcomes()
            call.write(call._settled_values())

    def _settle_outcomes(self):
        is_answered = any(self.channel_ids.mapped("answered_at"))
        for channel in self.channel_ids.filtered(lambda c: c.state == "ended"):
            if channel.answered_at:
                channel.outcome = "answered"
            elif channel.is_forgotten:
                channel.outcome = "unknown"
            elif channel.direction == "outbound" or channel.is_click_to_dial:
                channel.outcome = "cancelled"
            else:
                outcome = "elsewhere" if is_answered else "missed"
                if channel.outcome != outcome:
                    channel.is_missed_unseen = outcome == "missed"
                channel.outcome = outcome

    def _settled_values(self):
        channels = self.channel_ids
        running = channels.filtered(lambda channel: channel.state != "ended")
        answered = channels.filtered("answered_at").sorted("answered_at")
        starts = channels.filtered("started_at").mapped("started_at")
        values = {
            "state": max(running.mapped("state"), key=RANK.get) if running else "ended",
            "answered_at": answered[:1].answered_at,
            "outcome": False,
            "ended_at": False,
        }
        if answered or values["state"] in ("ringing", "connected"):
            values["has_rung"] = True
        if not self.session_id and starts:
            # a dialled call starts with the click
            values["started_at"] = min(starts)
        if answered and not channels.filtered("is_click_to_dial"):
            values["user_id"] = answered[-1:].user_id.id
        if not running:
            values["ended_at"] = max(channels.mapped("ended_at"))
            outcomes = channels.mapped("outcome")
            values["outcome"] = "answered" if "answered" in outcomes else outcomes[0]
        return values

    # === SWEEP === #

    @api.model
    def _sweep(self, pbx, extensions, running):
        """Close the channels that the PBX no longer knows.

        :param list extensions: numbers of the extensions whose state was read
        :param running: events of that read: all that runs there
        """
        alive = {(event.extension, self._unique_id(event)) for event in running}
        # sudo: events come from the PBX, not from a user
        channels = (
            self.env["noojee.call.channel"]
            .sudo()
            .search(
                [
                    ("pbx_id", "=", pbx.id),
                    ("state", "!=", "ended"),
                    ("extension_number", "in", extensions),
                ]
            )
        )
        forgotten = channels.filtered(
            lambda channel: (
                (channel.extension_number, channel.unique_call_id) not in alive
            )
        )
        forgotten.write({**self._prepare_state_values("ended"), "is_forgotten": True})
        forgotten.call_id._settle()
        forgotten.call_id._update_chatter()
        forgotten.call_id._notify()
