"""The PBX itself: what happens to calls. Knows nothing of HTTP."""

import functools

from . import handsets
from .calls import CONNECTED, DIALING_OUT, HUNGUP, RINGING, Call, Channel, Desk
from .exchange import exclusive
from .legs import Leg
from .replies import NOT_NOW, Refusal
from .switch import AGENT_RINGS, Switch

# what a caller hears before he waits in the queue, while its desks ring already
ANNOUNCEMENT = 2.0


class Pbx(Switch):
    """Calls begin, are handed on and recorded."""

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

    # === CALLS ARE HANDED ON === #

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
