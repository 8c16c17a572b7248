from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain

from .noojee_call_dial import DIAL_PENDING
from .noojee_call_ingest import ANONYMOUS, is_anonymous

# an event may come this much later than that of a desk of the same queue
QUEUE_LATENESS = timedelta(seconds=10)
# by so much may one of a call's events have come later than another
EVENT_LATENESS_SECONDS = 2
# no desk rings for longer: its end was lost
QUEUE_RINGS = timedelta(minutes=10)
# a session that is older is of another life of the PBX
SESSION_LIFE = timedelta(hours=1)


class NoojeeCall(models.Model):
    """Which channels are one call. (noojee-api.md section 4)"""

    _inherit = "noojee.call"

    @api.model
    def _read_pending(self, batch, beginnings):
        """Read what a batch's new channels may belong to."""
        lines = [
            batch.lines[event.extension].id
            for event in beginnings
            if event.extension in batch.lines
        ]
        sessions = [event.call_id for event in beginnings if event.call_id]
        now = fields.Datetime.now()
        by_session = Domain("session_id", "in", sessions) & Domain(
            "started_at", ">", now - SESSION_LIFE
        )
        waits = Domain("dial_extension_id", "in", lines)
        batch.dialled = self.search(
            Domain("pbx_id", "=", batch.pbx.id) & (waits | by_session)
        )
        batch.test_rings = self.env["noojee.test.ring"]._at(lines)
        callers = {event.caller_id for event in beginnings if event.is_queue_call}
        if callers:
            self._read_queue(batch, callers, now)

    @api.model
    def _read_queue(self, batch, callers, now):
        """Read the channels that other desks of a queue may have of a caller's call."""
        # what has long been over is not looked through: it grows with the years
        lateness = SESSION_LIFE if batch.is_late else 3 * QUEUE_LATENESS
        found = self.env["noojee.call.channel"].search(
            Domain("pbx_id", "=", batch.pbx.id)
            & Domain("is_queue_call", "=", True)
            & Domain("caller_id", "in", callers)
            & (
                Domain("state", "in", ["ringing", "connected"])
                | Domain("state", "=", "ended")
                & Domain("started_at", ">", now - lateness)
            ),
            order="id desc",
        )
        batch.queue_channels = found.filtered(
            lambda channel: (
                channel.state == "ringing"
                and channel.started_at > now - QUEUE_RINGS
                or channel.answered_at
                and channel.answered_at > now - QUEUE_LATENESS
                or channel.state == "ended"
            )
        ).sorted(lambda channel: channel.state == "ended")

    @api.model
    def _is_test_ring(self, batch, line, event):
        """Whether this channel is an administrator's test of a desk: nobody's call."""
        if self._surely_comes_in(event):
            return False
        rings = batch.test_rings.filtered(lambda ring: ring.extension_id == line)
        return any(ring._claims(event) for ring in rings)

    @api.model
    def _calls_of(self, batch, events):
        """:return: list of the calls that the new channels of a wave belong to"""
        found = [self._call_of(batch, event) for event in events]
        calls = [
            # what another one of the wave made one call of
            self._call_of(batch, event) if call.id in batch.gone else call
            for event, call in zip(events, found, strict=True)
        ]
        created = iter(
            self.create(
                [
                    self._new_call_values(batch, event)
                    for event, call in zip(events, calls, strict=True)
                    if not call
                ]
            )
        )
        return [call or next(created) for call in calls]

    @api.model
    def _call_of(self, batch, event):
        """The call that a new channel belongs to, if there is one."""
        line = batch.lines[event.extension]
        shared = self.env["noojee.call.channel"]
        for unique_id in self._ids_of(event):
            shared |= batch.by_id.get(unique_id, shared)
        calls = self._dialled_call(batch, line, event) | shared.call_id
        return self._join(batch, calls) or self._queue_call(batch, event)

    @api.model
    def _dialled_call(self, batch, line, event):
        """The call that was dialled at this line and waits for this channel.

        The one whose session is the event's; else, as the event may come before the
        answer to the dial and some PBXs number them differently, the one that waits
        here, for the first channel that was dialled by a click.
        """
        if self._surely_comes_in(event):
            return self.browse()
        here = batch.dialled.filtered(
            lambda call: (
                call.dial_extension_id == line
                or not call.dial_extension_id
                and not call.channel_ids
                and call.user_id == line.user_id
            )
        )
        call = here.filtered(
            lambda call: event.call_id and call.session_id == event.call_id
        )[:1]
        if not call and event.is_click_to_dial:
            earliest = fields.Datetime.now() - DIAL_PENDING
            call = here.filtered(
                lambda call: call.dial_extension_id and call.started_at > earliest
            )[:1]
        if call:
            call.write({"dial_extension_id": False, "failure_reason": False})
        return call

    @api.model
    def _surely_comes_in(self, event):
        """Such a call is none that was dialled, though it may have the number that a
        dial had."""
        return event.inbound and not event.is_click_to_dial

    @api.model
    def _queue_call(self, batch, event):
        """A call that rings at other desks of a queue now, from the same caller."""
        if not event.is_queue_call or event.secondary_unique_call_id:
            # the shared id has been looked for: this is another call
            return self.browse()
        if is_anonymous(event.caller_id):
            return self.browse()
        at_other_desks = batch.queue_channels.filtered(
            lambda channel: (
                channel.caller_id == event.caller_id
                # a desk rings once for a call: this caller is calling again
                and event.extension not in self._desks(channel.call_id)
                and not channel.call_id._was_answered_before(batch, event)
                and (channel.state != "ended" or self._rang_together(channel, event))
            )
        )
        return at_other_desks[:1].call_id

    @api.model
    def _rang_together(self, channel, event):
        """Whether a channel that has ended began with an event's, as far as their ids
        tell: one list of desks may be heard later than another."""
        begun = self._second_of(channel.unique_call_id)
        other = self._second_of(event.unique_call_id)
        if begun is None or other is None:
            return False
        return abs(begun - other) <= EVENT_LATENESS_SECONDS

    def _was_answered_before(self, batch, event):
        """Whether this call had been answered when an event's channel began, which is
        of another call then; as far as their ids tell."""
        begun = self._second_of(event.unique_call_id)
        if begun is None:
            return False
        answers = [
            self._answer_second(batch, channel, second)
            for channel in self.channel_ids
            if channel.answered_at
            and (second := self._second_of(channel.unique_call_id)) is not None
        ]
        return bool(answers) and begun > min(answers) + EVENT_LATENESS_SECONDS

    @api.model
    def _answer_second(self, batch, channel, second):
        """When a channel was answered, by the PBX's clock; not too early: its ring and
        its answer may have been told at once.

        :param int second: when it began, by the PBX's clock
        """
        rang = (channel.answered_at - channel.started_at).total_seconds()
        answered_at = channel.answered_at.replace(tzinfo=timezone.utc).timestamp()
        return max(second + rang, answered_at - batch.skew)

    @api.model
    def _desks(self, call):
        return call.channel_ids.mapped("extension_number")

    @api.model
    def _new_call_values(self, batch, event):
        line = batch.lines[event.extension]
        user = batch.user_at(line, self._unique_id(event))
        number = self._other_number(line.number, event)
        direction = self._direction(batch, event, number)
        is_dialler = direction == "outbound" and not event.is_click_to_dial
        span = batch.spans.get((event.extension, self._unique_id(event)))
        return {
            "pbx_id": line.pbx_id.id,
            "company_id": line.company_id.id,
            "user_id": user.id,
            "is_queue_call": event.is_queue_call,
            "is_repaired": bool(batch.spans),
            "state": "dialing",
            **self._number_values(batch.pbx, user, direction, number, is_dialler),
            **(span.values if span else {}),
        }

    @api.model
    def _number_values(self, pbx, user, direction, number, is_dialler=False):
        e164 = direction != "internal" and self._customer_number(number, pbx)
        return {
            "direction": direction,
            "number": number,
            "number_e164": e164,
            **self._match_values(e164 or number, pbx, user, is_dialler),
        }

    def _learn_number(self, batch, channel):
        """Some calls tell the other party only when they go on."""
        self.ensure_one()
        if self.request_token or (self.number or "").strip().lower() not in ANONYMOUS:
            return
        number = channel.other_number
        if number in batch.lines:
            direction = "internal"
        else:
            direction = "inbound" if channel.is_called else "outbound"
        channel.direction = direction
        is_dialler = direction == "outbound" and not channel.is_click_to_dial
        values = self._number_values(
            batch.pbx, channel.user_id, direction, number, is_dialler
        )
        if self.partner_id or self.record_ref:
            # a person said who it is
            values = {
                name: value
                for name, value in values.items()
                if name not in ("partner_id", "record_ref")
            }
        self.write(values)

    # === ONE OF SEVERAL === #

    @api.model
    def _join(self, batch, calls):
        """Make one call of several whose channels turn out to belong together.

        :return: the one that remains: a customer's, also where desks talked with one
            another before he was passed on; the one that was dialled from Odoo, else
            the oldest
        """
        if len(calls) < 2:
            return calls
        kept, *_others = calls.sorted(
            lambda call: (
                not call._is_with_outside(),
                not call.request_token,
                call.id,
            )
        )
        others = calls - kept
        batch.gone.update(others.ids)
        kept._absorb(others)
        return kept

    def _absorb(self, others):
        """Take over all that belongs to other calls, which end to be."""
        self.ensure_one()
        others._notify_gone()
        self.write(self._absorbed_values(others))
        commands = self.env["noojee.command"].search([("call_id", "in", others.ids)])
        commands.call_id = self
        others.channel_ids.call_id = self
        self._absorb_recordings(others.recording_ids)
        others.remembered_ids.call_id = self
        # this call has a line of its own
        others.message_id.unlink()
        # what still hangs on them goes with them
        self.env.flush_all()
        others.unlink()

    def _absorbed_values(self, others):
        """What this call does not know and another does."""
        values = self._absorbed_party(others)
        for name in ("activity_id", "caller_told_by_id"):
            known = [other[name] for other in others if other[name]]
            if known and not self[name]:
                values[name] = known[0]
        notes = dict.fromkeys(filter(None, [self.note, *others.mapped("note")]))
        if others.filtered("note"):
            values["note"] = "\n".join(notes)
        for what in ("notice", "objection"):
            values |= self._earliest_said(others, what)
        if others.filtered("has_rung"):
            values["has_rung"] = True
        return values

    def _is_with_outside(self):
        return bool(self.number) and self.direction != "internal"

    def _absorbed_party(self, others):
        values = {}
        if self._is_with_outside():
            others = others.filtered(lambda call: call._is_with_outside())
        for name in ("number", "number_e164", "partner_id", "record_ref"):
            known = [other[name] for other in others if other[name]]
            if known and not self[name]:
                values[name] = known[0]
        if "internal" in others.mapped("direction"):
            values["direction"] = "internal"
        return values

    def _earliest_said(self, others, what):
        """When the other side was told of the recording, or said no, and to whom."""
        moment, user = f"{what}_at", f"{what}_user_id"
        said = (self | others).filtered(moment).sorted(moment)[:1]
        return {moment: said[moment], user: said[user].id} if said else {}

    def _notify_gone(self):
        """Withdraw these calls' cards: the call that they belong to is shown."""
        for call in self:
            gone = {
                "version": call.version + 1,
                "state": "ended",
                "outcome": "elsewhere",
                "is_gone": True,
            }
            call._tell_users(gone)
