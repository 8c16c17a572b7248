"""The PBX itself: what happens to calls. Knows nothing of HTTP."""

import functools
from dataclasses import dataclass

from . import handsets
from .calls import CONNECTED, DIALING_OUT, HUNGUP, RINGING, Call, Channel, Desk
from .clock import Clock
from .exchange import Exchange, exclusive
from .legs import Leg
from .phone import digits
from .replies import NOT_NOW, Refusal

# seconds at speed 1
AGENT_RINGS = 1.0
CLIENT_RINGS = 4.0
RING_TIMEOUT = 30.0
SELF_CALL = 3.0
# what a caller hears before he waits in the queue, while its desks ring already
ANNOUNCEMENT = 2.0


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


class Pbx(Exchange):
    """Calls begin, go on and end; each step is reported to who polls."""

    def __init__(self, desks: range, clock: Clock, *, is_older: bool = False):
        super().__init__(desks, clock, is_older=is_older)
        self.behaviours: dict[str, Behaviour] = {}

    # === CALLS BEGIN === #

    @exclusive
    def dial(
        self,
        number: str,
        desk: Desk,
        auto_answer: str,
        *,
        caller_id: str = "",
        is_monitored: bool = False,
        is_recorded: bool = False,
        tag: str = "",
    ) -> int:
        """Click to dial: the desk rings, then the number.

        :return: the session, which is the ``CallID`` of the desk's events
        """
        call = self.open_call(number, is_reported=is_monitored or not self.is_older)
        channel = self._ring_desk(
            call, desk, caller_id=caller_id or desk.number, inbound=False, is_click=True
        )
        if is_recorded:
            self.start_recording(channel, desk.login, tag)
        if handsets.answers_by_itself(desk.make, desk.ip, auto_answer):
            self.clock.later(AGENT_RINGS, functools.partial(self._lift, channel))
        return channel.wire_id

    @exclusive
    def ring(self, desks: list[Desk], caller: str, *, is_queue: bool) -> list[Channel]:
        """An outside number calls a desk, or several through a queue."""
        call = self.open_inbound(caller)
        # queue channels carry the caller's channel from Ringing on (section 4)
        secondary = call.far_id if is_queue else ""
        return [
            self._ring_desk(
                call,
                desk,
                caller_id=caller,
                inbound=True,
                is_queue=is_queue,
                secondary_id=secondary,
            )
            for desk in desks
        ]

    @exclusive
    def call_out(self, desk: Desk, number: str) -> Channel:
        """Somebody types a number on the handset: no click, no agent's ringing."""
        channel = self.add_channel(
            self.open_call(number),
            desk,
            caller_id=desk.number,
            inbound=False,
            status=DIALING_OUT,
            outbound_destination=number,
        )
        self._ring_far_side(channel)
        return channel

    def _ring_desk(self, call: Call, desk: Desk, **fields) -> Channel:
        channel = self.add_channel(call, desk, **fields)
        self._give_up_later(channel, RING_TIMEOUT)
        return channel

    # === CALLS GO ON === #

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
            self._give_up_later(channel, SELF_CALL)
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

    @exclusive
    def transfer(self, channel: Channel, to: Desk) -> Channel:
        """Hungup here, Ringing there under a new id with the same secondary.

        :raise Refusal: when it is not connected
        """
        [moved] = self._hand_over(channel, [to], is_queue=False)
        self.recordings.split(moved, owner=to.login)
        return moved

    @exclusive
    def enqueue(self, channel: Channel, desks: list[Desk]) -> list[Channel]:
        """Put a connected call into a queue: as a transfer to several desks.

        :raise Refusal: when it is not connected
        """
        moved = self._hand_over(channel, desks, is_queue=True)
        self.recordings.split(moved[0])
        return moved

    def _hand_over(
        self, channel: Channel, desks: list[Desk], *, is_queue: bool
    ) -> list[Channel]:
        if channel.status != CONNECTED:
            raise Refusal(NOT_NOW, "Only a connected call can be handed on")
        self._move(channel, HUNGUP)
        return [
            self._ring_desk(
                channel.call,
                desk,
                caller_id=channel.party,
                party=channel.party,
                inbound=True,
                is_queue=is_queue,
                secondary_id=channel.secondary_id,
            )
            for desk in desks
        ]

    # === RECORDING === #

    @exclusive
    def start_recording(self, channel: Channel, owner: str, tag: str) -> None:
        """The first leg of a call that rings in a queue ends with the announcement: the
        PBX splits where a call passes into the queue (when that is, the document does
        not tell)."""
        leg = self.recordings.start(channel, owner, tag)
        if leg and channel.is_queue and channel.status == RINGING:
            action = functools.partial(self._enter_queue, channel.call, leg)
            self.clock.later(ANNOUNCEMENT, action)

    @exclusive
    def _enter_queue(self, call: Call, leg: Leg) -> None:
        ringing = [channel for channel in call.running if channel.status == RINGING]
        if ringing and leg.end is None:
            self.recordings.split(ringing[0])

    # === THE WHOLE === #

    @exclusive
    def reset(self) -> None:
        """Forget calls, recordings and settings; the event counter goes on."""
        self._forget_calls()
        self.history.clear()
        self.behaviours.clear()
        self.restore_desks()
        self.events.forget()
        self.recordings.forget()

    @exclusive
    def restart(self) -> None:
        """As after a power failure: calls are lost, events count from 0."""
        for call in self.calls:
            self.recordings.stop(call)
        self._forget_calls()
        self.events.restart()

    def _forget_calls(self) -> None:
        for call in self.calls:
            for channel in call.running:
                # not reported: but what was to happen to it later must not happen
                channel.status = HUNGUP
        self.calls.clear()
