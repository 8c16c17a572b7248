"""What there is in the PBX: desks, calls, ids; and how to find them."""

import functools
import itertools
import threading
from collections import deque

from . import handsets
from .calls import Call, Channel, Desk
from .clock import Clock
from .events import EventLog
from .recordings import Recordings
from .replies import UNKNOWN_CALL, UNKNOWN_EXTENSION, Refusal

FIRST_WIRE_ID = 10
FIRST_CHANNEL = 496
# what ended long ago is of no interest to anybody
REMEMBERED_CALLS = 500
# but for tests, which compare all that happened with what came of it
HISTORY_CALLS = 20_000
# users of Odoo's demo data; the other desks belong to made-up agents
LOGINS = {
    "100": "admin",
    "101": "anna",
    "102": "ben",
    "103": "chloe",
    "104": "reception",
}


def exclusive(method):
    """One thing at a time: requests come in many threads."""

    @functools.wraps(method)
    def locked(self, *args, **kwargs):
        with self.lock:
            return method(self, *args, **kwargs)

    return locked


class Exchange:
    """:param is_older: dialled calls are reported only where they are monitored"""

    def __init__(self, desks: range, clock: Clock, *, is_older: bool = False):
        self.lock = threading.RLock()
        self.clock = clock
        self.is_older = is_older
        self.events = EventLog()
        self.recordings = Recordings(clock)
        self.desks: dict[str, Desk] = {str(n): _new_desk(str(n)) for n in desks}
        self.calls: list[Call] = []
        self.history: deque[Call] = deque(maxlen=HISTORY_CALLS)
        self._channel_counter = itertools.count(FIRST_CHANNEL)
        self._wire_ids = itertools.count(FIRST_WIRE_ID)

    # === FINDING === #

    def desk(self, number: str) -> Desk:
        """:raise Refusal: for one that is not there"""
        if number not in self.desks:
            raise Refusal(UNKNOWN_EXTENSION, f"Unknown extension {number}")
        return self.desks[number]

    @exclusive
    def running_at(self, number: str) -> list[Channel]:
        """The running channels of a desk, the oldest first."""
        return [
            channel
            for call in self.calls
            for channel in call.running
            if channel.desk.number == number
        ]

    @exclusive
    def channel(self, target: str) -> Channel:
        """A running channel by unique id (either side's) or bare extension.

        With several calls at an extension it is the first, which may be the wrong one,
        as the document warns (section 3).

        :raise Refusal: when there is none
        """
        for call in self.calls:
            for channel in call.running:
                if target in (channel.unique_id, channel.secondary_id, call.far_id):
                    return channel
        if target in self.desks and (at_desk := self.running_at(target)):
            return at_desk[0]
        raise Refusal(UNKNOWN_CALL, f"There is no call {target}")

    @exclusive
    def ringing_channel(self, unique_id: str, desk: Desk) -> Channel:
        """The channel that the method ``answer`` means; by the secondary id too.

        :raise Refusal: when this call has no channel at that desk
        """
        for channel in self.running_at(desk.number):
            if unique_id in (channel.unique_id, channel.secondary_id):
                return channel
        message = f"There is no call {unique_id} at {desk.number}"
        raise Refusal(UNKNOWN_CALL, message)

    # === TELLING === #

    @exclusive
    def state(self, target: str) -> dict:
        """A part of the reply to ``checkState``: an extension without a call has
        nothing but its code, as in the document's example.

        :raise Refusal: for an unknown extension or call
        """
        try:
            return self.channel(target).check_state()
        except Refusal:
            if target in self.desks:
                return {"Code": 0}
            if any(target in call.unique_ids for call in self.calls):
                return {"uniqueCallId": target, "Message": "Hung Up", "Code": 0}
            raise

    @exclusive
    def running_rows(self, extensions: list[str]) -> tuple[int, dict[str, list]]:
        """The present state in the form of events, and the sequence number it has."""
        rows = {
            number: [
                channel.row()
                for channel in self.running_at(number)
                if channel.call.is_reported
            ]
            for number in extensions
        }
        found = {number: of_desk for number, of_desk in rows.items() if of_desk}
        return self.events.number, found

    # === MAKING === #

    def new_unique_id(self) -> str:
        """An Asterisk channel id: seconds since 1970, dot, counter."""
        seconds = int(self.clock.now().timestamp())
        return f"{seconds}.{next(self._channel_counter)}"

    def open_call(self, number: str, *, is_reported: bool = True) -> Call:
        """A call from one of our desks."""
        direction = "internal" if number in self.desks else "outbound"
        return self._keep(Call(number, direction, is_reported))

    def open_inbound(self, number: str) -> Call:
        """A call from outside; its first channel is the caller's."""
        return self._keep(Call(number, "inbound", far_id=self.new_unique_id()))

    def _keep(self, call: Call) -> Call:
        self.calls.append(call)
        self.history.append(call)
        del self.calls[:-REMEMBERED_CALLS]
        return call

    def add_channel(self, call: Call, desk: Desk, **fields) -> Channel:
        """Another channel of a call, its first event reported."""
        channel = Channel(
            call=call,
            desk=desk,
            unique_id=self.new_unique_id(),
            wire_id=next(self._wire_ids),
            **{"party": call.number, **fields},
        )
        call.channels.append(channel)
        self.report(channel)
        return channel

    def report(self, channel: Channel) -> None:
        """Tell who polls; a call that is not to be told of still wakes checkState."""
        if channel.call.is_reported:
            channel.told.append(channel.status)
            self.events.add(channel.desk.number, channel.row())
        else:
            self.events.wake()

    def restore_desks(self) -> None:
        """Give each desk the handset it had at first."""
        for number, desk in self.desks.items():
            first = _new_desk(number)
            desk.make, desk.ip = first.make, first.ip


def _new_desk(number: str) -> Desk:
    return Desk(
        number,
        make=handsets.make_of(number),
        ip=f"192.0.2.{int(number) % 256}",
        login=LOGINS.get(number, f"agent{number}"),
    )
