import logging
from datetime import datetime, timedelta, timezone

from odoo import api, fields, models

from ..client import CallStatus
from .event_batch import Batch
from .transaction import spoils_transaction

_logger = logging.getLogger(__name__)

RANK = {"dialing": 0, "ringing": 1, "connected": 2, "ended": 3}
ANONYMOUS = {"", "anonymous", "unknown", "restricted", "private"}
# before the PBX's own number of a call, which stands in for a missing channel id
INVENTED = "call-"
# an id that starts with more than this is no moment
LATEST_START = 2**33
# statuses that no source knows and that this process has logged, each with its PBX; a
# PBX that sends ever new ones must not fill the memory
MOST_STRANGE = 1000
_told_strange = set()


def is_anonymous(number):
    """Whether a caller is known by no number: PBXs have many words for it."""
    return not any(map(str.isdecimal, number or ""))


class NoojeeCall(models.Model):
    """Events: the one place, beside dialling, where states move."""

    _inherit = "noojee.call"

    @api.model
    def _ingest(
        self,
        pbx,
        events,
        is_late=False,
        spans=None,
        left_out=None,
        tells_state=False,
        is_polled=False,
        is_from_beginning=False,
        known_at=None,
    ):
        """Take in what the PBX reported; repeated and late events change nothing.

        Events of one call must stand in their order; between calls none is needed.
        An event that cannot be taken in is logged, shown to the administrator, and
        costs nothing but itself. The caller repeats the whole on a serialization or
        uniqueness error. (noojee-api.md section 4)

        :param events: :class:`CallEvent` of the client
        :param bool is_late: whether they may be older than a moment: then the PBX's
            times count
        :param dict spans: :class:`Span` of channels that ran when nobody listened, by
            extension and unique call id
        :param list left_out: is given the events that could not be taken in
        :param bool tells_state: whether they are all that runs there now
        :param bool is_polled: whether the PBX was asked for them
        :param bool is_from_beginning: whether nothing but the PBX's first event can be
            missing before these: what had been answered would be told
        :param datetime known_at: until when it was known what runs, if not until a
            moment ago: when it ended after that no event tells
        :return: the calls that changed; their users have been told, at commit
        """
        # sudo: events come from the PBX, not from a user
        calls, pbx = self.sudo(), pbx.sudo()
        how = {
            "is_late": is_late,
            "spans": spans or {},
            "tells_state": tells_state,
            "is_polled": is_polled,
            "is_from_beginning": is_from_beginning,
            "known_at": known_at,
        }
        try:
            with self._knowing() as known, self.env.cr.savepoint():
                changed = calls._ingest_events(pbx, events, **how)
        except Exception as error:
            if spoils_transaction(error):
                raise
            left_out = [] if left_out is None else left_out
            changed = calls._ingest_one_by_one(pbx, events, left_out, **how)
        # anew: an automation may have made a customer of a caller meanwhile
        with self._knowing(known.lines) as known:
            changed._know(known)
            changed._follow_chatter(events)
            changed._follow_missed()
            changed._tell()
        return changed

    @api.model
    def _ingest_one_by_one(self, pbx, events, left_out, **how):
        """Find the event that cannot be taken in, and leave it out."""
        changed = self
        # what is missing cannot be told by one alone
        how["is_from_beginning"] = False
        for event in events:
            try:
                with self.env.cr.savepoint():
                    changed |= self._ingest_events(pbx, [event], **how)
            except Exception as error:
                if spoils_transaction(error):
                    raise
                _logger.exception("An event of %s is left out: %r", pbx.name, event)
                pbx.listener_ids._note_left_out(error)
                left_out.append(event)
        return changed.exists()

    @api.model
    def _ingest_events(self, pbx, events, **how):
        self._tell_strange(pbx, events)
        batch = self._read_batch(pbx, events, **how)
        changed = self
        beginnings, others = self._in_order(batch)
        for wave in self._waves(beginnings):
            changed |= self._create_channels(batch, wave)
        for moves in self._rounds(batch, others):
            changed |= self._move_channels(batch, moves)
        changed = changed.filtered(lambda call: call.id not in batch.gone)
        changed._settle()
        # with what changed: it is one row of the database
        changed._count_change()
        return changed

    @api.model
    def _tell_strange(self, pbx, events):
        """Log each status that no source knows, once."""
        for event in events:
            told = (self.env.cr.dbname, pbx.id, event.status_word)
            is_new = self._is_strange(event) and told not in _told_strange
            if is_new and len(_told_strange) < MOST_STRANGE:
                _told_strange.add(told)
                _logger.info("%s reports calls as %r.", pbx.name, event.status_word)

    @api.model
    def _is_strange(self, event):
        # the documented word comes where a PBX itself does not know
        is_documented = event.status_word.lower() == CallStatus.UNKNOWN.value.lower()
        return event.status is CallStatus.UNKNOWN and not is_documented

    @api.model
    def _read_batch(self, pbx, events, **how):
        lines = self._read_lines(pbx, events)
        self._know_desks(
            pbx, pbx.env["res.users"].union(*(line.user_id for line in lines.values()))
        )
        batch = Batch(
            pbx=pbx,
            events=events,
            lines=lines,
            channels={},
            by_id={},
            skew=pbx.env["noojee.listener"]._clock_skew_of(pbx),
            **how,
        )
        self._read_channels(batch)
        return batch

    @api.model
    def _read_lines(self, pbx, events):
        """The extensions that a batch speaks of, however many the PBX has."""
        numbers = {
            number
            for event in events
            for number in (
                event.extension,
                event.caller_id,
                event.outbound_destination,
                event.other_party_caller_id,
                event.connected_caller_id,
            )
        }
        lines = self._know_lines(self._known(), pbx, numbers)
        return {number: line for number, line in lines.items() if line}

    @api.model
    def _in_order(self, batch):
        """First whatever begins: channels that ring at the same time must be seen
        together, whatever became of each since. A channel's states only go on: sorted
        by them even a list in disorder tells what happened.

        :return: the events that begin a channel, and the others
        """
        beginnings, others = {}, []
        for event in sorted(batch.events, key=self._rank):
            key = event.extension, self._unique_id(event)
            if key in batch.channels or key in beginnings:
                others.append(event)
            else:
                beginnings[key] = event
        if beginnings:
            ends = [e for e in beginnings.values() if self._state_of(e) == "ended"]
            # the PBX has forgotten more than one
            batch.is_from_beginning &= len(ends) == 1
            self._read_pending(batch, beginnings.values())
            self._know_numbers(
                self._known(),
                batch.pbx,
                {self._other_number(e.extension, e) for e in beginnings.values()},
            )
        sessions = set(batch.dialled.mapped("session_id")) if batch.dialled else set()
        # a dial's own channel goes before those that only look like one
        return sorted(
            beginnings.values(), key=lambda e: e.call_id not in sessions
        ), others

    @api.model
    def _rank(self, event):
        # what is not known can only add to what is
        return RANK.get(self._state_of(event), len(RANK))

    @api.model
    def _waves(self, beginnings):
        """Parts of what begins that may be created at once: of what belongs together
        the first comes before the others, and of a desk one after the other."""
        waves, met, at_desk = [], {}, {}
        for event in beginnings:
            keys = self._ids_of(event)
            if event.is_queue_call:
                keys.append(f"queue {event.caller_id}")
            waits_for = [met[key] for key in keys if key in met]
            if event.extension in at_desk:
                waits_for.append(at_desk[event.extension])
            wave = max(waits_for, default=-1) + 1
            at_desk[event.extension] = wave
            for key in keys:
                met.setdefault(key, wave)
            if wave == len(waves):
                waves.append([])
            waves[wave].append(event)
        return waves

    # === CHANNELS === #

    @api.model
    def _create_channels(self, batch, events):
        """:return: the calls of what begins with some events of one wave"""
        events = [event for event in events if self._is_to_be_followed(batch, event)]
        calls = self._calls_of(batch, events)
        channels = self.env["noojee.call.channel"].create(
            [
                self._channel_values(batch, event, call)
                for event, call in zip(events, calls, strict=True)
            ]
        )
        for event, channel in zip(events, channels, strict=True):
            batch.add(channel)
            if event.is_queue_call and batch.queue_channels is not None:
                batch.queue_channels |= channel
            if channel.other_number:
                channel.call_id._learn_number(batch, channel)
        self._move_channels(batch, list(zip(channels, events, strict=True)))
        if batch.is_from_beginning:
            # what told of the ring is the event that is missing
            ended = channels.filtered(lambda c: c.state == "ended" and c.is_called)
            ended.call_id.has_rung = True
        return channels.call_id

    @api.model
    def _is_to_be_followed(self, batch, event):
        # desks that are not set up here, or no more, are nobody's concern
        line = batch.lines.get(event.extension)
        return line and not self._is_test_ring(batch, line, event)

    @api.model
    def _channel_values(self, batch, event, call):
        line = batch.lines[event.extension]
        state = self._state_of(event)
        number = self._other_number(line.number, event)
        unique_id = self._unique_id(event)
        return {
            "call_id": call.id,
            "pbx_id": line.pbx_id.id,
            "company_id": line.company_id.id,
            "extension_id": line.id,
            "extension_number": line.number,
            "user_id": batch.user_at(line, unique_id).id,
            "direction": self._direction(batch, event, number),
            "state": "dialing",
            "is_called": self._is_called(event),
            "is_queue_call": event.is_queue_call,
            "is_click_to_dial": event.is_click_to_dial,
            "is_after_answer": bool(call.answered_at),
            "is_polled": batch.is_polled,
            "is_repaired": (line.number, unique_id) in batch.spans,
            "is_met_at_end": state == "ended" and not batch.is_from_beginning,
            "caller_id": event.caller_id,
            "other_number": number,
            "unique_call_id": unique_id,
            "secondary_unique_call_id": event.secondary_unique_call_id,
            "wire_call_id": event.call_id,
            "started_at": self._started_at(batch, event, state),
        }

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
        return None

    @api.model
    def _is_called(self, event):
        """Whether the call came to this desk, and was not made there."""
        if event.is_click_to_dial:
            return False
        if event.inbound is not None:
            return event.inbound
        if event.status in (CallStatus.RINGING, CallStatus.DIALING_OUT):
            return event.status is CallStatus.RINGING
        is_other = event.caller_id not in ("", event.extension)
        return is_other and not event.outbound_destination

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
    def _direction(self, batch, event, number):
        if number and number in batch.lines:
            return "internal"
        return "inbound" if self._is_called(event) else "outbound"

    # === WHEN === #

    @api.model
    def _started_at(self, batch, event, state):
        """When the channel started.

        One seen from its beginning starts when its event arrives. One that was met in
        the middle started at the whole part of its unique id: seconds since 1970 by
        the PBX's clock.
        """
        now = fields.Datetime.now()
        span = batch.spans.get((event.extension, self._unique_id(event)))
        if span:
            return span.start
        if state in ("dialing", "ringing") and not batch.is_late:
            return now
        second = self._second_of(event.unique_call_id)
        if second is None:
            return now
        start = datetime.fromtimestamp(second, timezone.utc)
        return self._by_our_clock(batch, start, now)

    @api.model
    def _second_of(self, unique_id):
        """When a channel started, in seconds since 1970 by the PBX's clock; None where
        its id does not tell."""
        second = unique_id.partition(".")[0]
        if second.isdecimal() and int(second) <= LATEST_START:
            return int(second)
        return None

    @api.model
    def _answered_at(self, batch, event, now):
        if batch.is_late and event.call_start:
            return self._by_our_clock(batch, event.call_start, now)
        return batch.known_at or now

    @api.model
    def _by_our_clock(self, batch, moment, now):
        """A moment of the PBX's clock by ours; what cannot be meant is now."""
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        moment += timedelta(seconds=round(batch.skew))
        return min(moment, now) if now - moment < timedelta(days=1) else now
