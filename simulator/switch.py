"""How calls ring, are answered and end, once they are there."""

import functools
from dataclasses import dataclass

from . import handsets
from .calls import CONNECTED, DIALING_OUT, HUNGUP, RINGING, Call, Channel, Desk
from .clock import Clock
from .exchange import Exchange, exclusive
from .phone import digits
from .replies import NOT_NOW, Refusal

# seconds at speed 1
AGENT_RINGS = 1.0
CLIENT_RINGS = 4.0
RING_TIMEOUT = 30.0
SELF_CALL = 3.0


@dataclass(slots=True)
class Behaviour:
    """What an outside number does when it is called, and after how many seconds.

    :param kind: ``answer``, ``busy`` or ``no-answer``
    """

    kind: str = "answer"
    after: float = CLIENT_RINGS

    @classmethod
    def of(cls, kind: str, after: float | None) -> "Behaviour":
        """Where nothing is said, no-answer is to ring until nobody waits any more."""
        if after is None:
            after = RING_TIMEOUT if kind == "no-answer" else CLIENT_RINGS
        return cls(kind, after)


class Switch(Exchange):
    """Calls go on and end; each step is reported to who polls."""

    def __init__(
        self,
        desks: range,
        clock: Clock,
        *,
        is_older: bool = False,
        patience: float = 1.0,
    ):
        super().__init__(desks, clock, is_older=is_older)
        self.patience = patience
        self.behaviours: dict[str, Behaviour] = {}

    # === CALLS GO ON === #

    def _ring_desk(self, call: Call, desk: Desk, **fields) -> Channel:
        channel = self.add_channel(call, desk, **fields)
        self._give_up_later(channel, RING_TIMEOUT * self.patience)
        return channel

    def _move(self, channel: Channel, status: str) -> None:
        channel.status = status
        if status == CONNECTED:
            channel.connected_at = self.clock.now()
        self.report(channel)

    @exclusive
    def answer(self, channel: Channel, string: str | None = None) -> None:
        """Lift the handset of a ringing desk.

        :param string: from the API: the desk answers by itself only when it fits its
            make; None: a person lifts it
        :raise Refusal: when it does not ring
        """
        if channel.status != RINGING:
            raise Refusal(NOT_NOW, f"Call {channel.unique_id} does not ring")
        desk = channel.desk
        if string is None or handsets.answers_by_itself(desk.make, desk.ip, string):
            self._lift(channel)

    @exclusive
    def _lift(self, channel: Channel) -> None:
        """The handset is lifted, by hand or by itself."""
        if channel.status != RINGING:
            return
        if channel.is_click:
            channel.outbound_destination = channel.call.number
            self._move(channel, DIALING_OUT)
            self._ring_far_side(channel)
        else:
            self._connect_desk(channel)

    def _ring_far_side(self, channel: Channel) -> None:
        number = channel.call.number
        if number == channel.desk.number:
            # a desk that calls itself: somebody tests its ringing
            self._give_up_later(channel, SELF_CALL * self.patience)
        elif number in self.desks:
            self._ring_colleague(channel)
        else:
            self._ring_outside(channel)

    def _ring_colleague(self, channel: Channel) -> None:
        """Internal: each end's secondary id is the other's primary (section 4)."""
        other = self._ring_desk(
            channel.call,
            self.desks[channel.call.number],
            caller_id=channel.desk.number,
            party=channel.desk.number,
            inbound=True,
            secondary_id=channel.unique_id,
        )
        channel.secondary_id = other.unique_id

    def _ring_outside(self, channel: Channel) -> None:
        call = channel.call
        call.far_id = self.new_unique_id()
        behaviour = self.behaviours.get(digits(call.number), Behaviour())
        if behaviour.kind == "answer":
            action = functools.partial(self._connect_outside, channel)
            self.clock.later(behaviour.after, action)
        else:
            self._give_up_later(channel, behaviour.after)

    @exclusive
    def _connect_outside(self, channel: Channel) -> None:
        if channel.status == DIALING_OUT:
            channel.secondary_id = channel.call.far_id
            self._move(channel, CONNECTED)
            self.recordings.split(channel)

    def _connect_desk(self, channel: Channel) -> None:
        """A called desk answers: the caller is connected, other desks stop ringing."""
        for other in channel.call.running:
            if other.status == DIALING_OUT:
                self._move(other, CONNECTED)
            elif other.status == RINGING and other is not channel:
                self._move(other, HUNGUP)
        channel.secondary_id = channel.secondary_id or channel.call.far_id
        self._move(channel, CONNECTED)
        self.recordings.split(channel, owner=channel.desk.login)

    def _give_up_later(self, channel: Channel, seconds: float) -> None:
        """End what has not gone on from its present state until then."""
        action = functools.partial(self._give_up, channel, channel.status)
        self.clock.later(seconds, action)

    @exclusive
    def _give_up(self, channel: Channel, status: str) -> None:
        if channel.is_running and channel.status == status:
            self.hang_up(channel)

    # === CALLS END === #

    @exclusive
    def hang_up(self, channel: Channel) -> None:
        """End a call; of a queue call that still rings, only at this desk."""
        others = [c for c in channel.call.running if c is not channel]
        is_waiting = any(other.status == RINGING for other in others)
        if channel.status == RINGING and channel.is_queue and is_waiting:
            self._move(channel, HUNGUP)
        else:
            self._end(channel.call)

    @exclusive
    def hang_up_target(self, target: str) -> None:
        """End by unique id or extension. By the outside caller's own id all of the
        call ends, wherever it rings.

        :raise Refusal: when there is no such call
        """
        channel = self.channel(target)
        if target == channel.call.far_id:
            self._end(channel.call)
        else:
            self.hang_up(channel)

    def _end(self, call: Call) -> None:
        for channel in call.running:
            self._move(channel, HUNGUP)
        self.recordings.stop(call)
