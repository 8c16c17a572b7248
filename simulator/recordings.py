"""Recorded legs: written while a call runs, listed when finished (section 5)."""

import itertools
import time
from dataclasses import dataclass, field

from .calls import Call, Channel
from .clock import Clock
from .legs import Leg, yesterdays_legs
from .replies import NOT_NOW, TOO_OFTEN, Refusal

HOUR_LIST_SECONDS = 60.0
FIRST_CALL_RECORD = 70001
OWN_NUMBER = "0390001234"


@dataclass(slots=True)
class Recording:
    """All legs of a call; begun again after a stop, it goes on counting legs."""

    record_id: str
    unique_id: str
    legs: list[Leg] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return bool(self.legs) and self.legs[-1].end is None


class Recordings:
    """The legs of all calls."""

    def __init__(self, clock: Clock):
        self.clock = clock
        self.legs: list[Leg] = []
        self._recordings: dict[int, tuple[Call, Recording]] = {}
        self._ids = itertools.count(FIRST_CALL_RECORD)
        self._last_hour_list: float | None = None
        self._add_history()

    def _add_history(self) -> None:
        # some finished calls: a list is not empty on the first day
        self.legs += yesterdays_legs(self.clock.now(), self._ids, OWN_NUMBER)

    def _of(self, call: Call) -> Recording | None:
        # the call is kept beside its recording, so that its identity stays its own
        kept = self._recordings.get(id(call))
        return kept[1] if kept else None

    # === WHILE A CALL RUNS === #

    def start(self, channel: Channel, owner: str, tag: str) -> Leg | None:
        """Begin a recording; one that runs already is only tagged, where a tag came
        (no source tells what a PBX does).

        :return: the leg that was begun
        """
        call = channel.call
        recording = self._of(call)
        if recording and recording.is_running:
            if tag:
                self.tag(call, tag)
            return None
        if not recording:
            recording = Recording(str(next(self._ids)), channel.unique_id)
            self._recordings[id(call)] = (call, recording)
        return self._begin_leg(recording, channel, owner, tag)

    def _begin_leg(
        self, recording: Recording, channel: Channel, owner: str, tag: str
    ) -> Leg:
        call = channel.call
        ends = [channel.desk.number, channel.party]
        source, destination = reversed(ends) if channel.inbound else ends
        leg = Leg(
            number=len(recording.legs) + 1,
            unique_id=recording.unique_id,
            call_record_id=recording.record_id,
            source=source,
            destination=destination,
            did="internal" if call.direction == "internal" else OWN_NUMBER,
            username=owner,
            tag=tag,
            direction=call.direction.capitalize(),
            start=self.clock.now(),
            call=call,
        )
        recording.legs.append(leg)
        self.legs.append(leg)
        return leg

    def split(self, channel: Channel, owner: str = "") -> None:
        """The call passes into another state: its next leg begins."""
        recording = self._of(channel.call)
        if recording and recording.is_running:
            last = recording.legs[-1]
            last.end = self.clock.now()
            self._begin_leg(recording, channel, owner or last.username, last.tag)

    def tag(self, call: Call, tag: str) -> None:
        """Tag a recording, the legs before included.

        :raise Refusal: when there is none
        """
        if not (recording := self._of(call)):
            raise Refusal(NOT_NOW, "This call is not being recorded")
        for leg in recording.legs:
            leg.tag = tag

    def stop(self, call: Call) -> bool:
        """:return: whether it was being recorded"""
        recording = self._of(call)
        if not recording or not recording.is_running:
            return False
        recording.legs[-1].end = self.clock.now()
        return True

    def forget(self) -> None:
        """Back to the beginning."""
        self._recordings.clear()
        self.legs.clear()
        self._last_hour_list = None
        self._add_history()

    # === AFTERWARDS === #

    @property
    def finished(self) -> list[Leg]:
        """Legs that are written: the only ones that the lists show."""
        return [leg for leg in self.legs if leg.end]

    def tagged(self, tag: str) -> list[Leg]:
        return [leg for leg in self.finished if leg.tag == tag]

    def of_call(self, unique_id: str) -> list[Leg]:
        """By any id of the call, primary or secondary (the document tells of one)."""
        return [leg for leg in self.finished if unique_id in leg.unique_ids]

    def of_record(self, call_record_id: str) -> list[Leg]:
        return [leg for leg in self.finished if leg.call_record_id == call_record_id]

    def of_hour(self, day, hour: int) -> list[Leg]:
        """Legs that ended in an hour of the PBX's own time.

        :raise Refusal: when asked twice within a minute of real time
        """
        now = time.monotonic()
        last = self._last_hour_list
        if last is not None and now - last < HOUR_LIST_SECONDS:
            raise Refusal(TOO_OFTEN, "This list may be asked for once a minute")
        self._last_hour_list = now
        return [
            leg
            for leg in self.finished
            if leg.end.date() == day and leg.end.hour == hour
        ]
