"""A question to a PBX for its events, and what came of it. Nothing of Odoo in here."""

import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from ..client import EventBatch, NoojeeClient, NoojeeError, RecordingLeg

# not more often than every 100 ms from request to request (section 4); the network may
# bring a later one a little faster
PAUSE = 0.11
# to 0 a PBX tells its state, to this what came after its first event
FIRST = 1
# in place of a subscription's id: the list of an hour's recordings
HOURS = 0


class Pace:
    """Keeps a turn's requests for events apart (section 4), whichever list of
    extensions they are for."""

    def __init__(self):
        self._turn = Lock()
        # whoever listened before may have asked a moment ago
        self._next_at = time.monotonic() + PAUSE
        self._is_over = False

    def ask(self, request: Callable[[Callable[[], None]], EventBatch]) -> EventBatch:
        """Send a request when it may go out. Others wait until it has, not for its
        answer.

        :param request: sends it, and calls what it is given when it has gone out
        :raise CancelledError: after the end
        """
        with ExitStack() as turn:
            turn.enter_context(self._turn)
            # before others have their turn
            turn.callback(self._put_off)
            time.sleep(max(0, self._next_at - time.monotonic()))
            if self._is_over:
                raise CancelledError
            return request(turn.close)

    def end(self) -> None:
        """What still waits is not sent any more."""
        self._is_over = True

    def _put_off(self) -> None:
        self._next_at = time.monotonic() + PAUSE


@dataclass(frozen=True, slots=True)
class Poll:
    """A question to the PBX. It runs in a thread of its own.

    :ivar reads_state: whether all that runs is asked for as well
    :ivar asked_at: by the database's clock
    :ivar heard_at: when the PBX answered the last time before, by the database's clock;
        False for never. Otherwise a number of 0 is the PBX's own, and what came after
        it is wanted
    """

    extensions: list[str]
    sequence_number: int
    timeout: int
    asked_at: datetime
    reads_state: bool = False
    heard_at: datetime | bool = False

    def run(self, client: NoojeeClient, pace: Pace) -> "News":
        """Read the state where it is wanted, then the events since the number.

        In this order: what ends in between stands in the events.
        """
        if not self.reads_state:
            return News(self, None, self._events(client, pace, self.sequence_number))
        state = self._ask(client, pace, 0, 0)
        since = self._since(state)
        if since:
            return News(self, state, self._events(client, pace, since))
        if self.heard_at or state.tells_number:
            return News(self, state, None)
        return News(self, state, self._history(client, pace))

    def _since(self, state: EventBatch) -> int:
        """The number after which events are wanted; 0 where none are."""
        since = self.sequence_number
        has_restarted = state.tells_number and state.sequence_number < since
        is_from_nothing = self.heard_at and not since
        if has_restarted or is_from_nothing:
            # what happened in the PBX's new life; with 0 it would tell the state
            return min(FIRST, state.sequence_number)
        return since

    def _events(self, client: NoojeeClient, pace: Pace, since: int) -> EventBatch:
        return self._ask(client, pace, since, self.timeout)

    def _ask(self, client, pace, since, timeout) -> EventBatch:
        return pace.ask(
            lambda on_sent: client.subscribe(
                self.extensions, since, timeout, on_sent=on_sent
            )
        )

    def _history(self, client: NoojeeClient, pace: Pace) -> EventBatch:
        """Where a PBX counts that does not tell it while nothing runs: its events of
        before it was set up are passed over."""
        events = self._events(client, pace, FIRST)
        number = events.sequence_number if events.events else 0
        return replace(events, events=(), sequence_number=number)


@dataclass(frozen=True, slots=True)
class News:
    """What came of a poll.

    :ivar state: None where it was not asked for
    :ivar batch: events since the number; None where there was none yet
    :ivar arrived_at: by this process's steady clock
    """

    poll: Poll
    state: EventBatch | None
    batch: EventBatch | None
    arrived_at: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """For how many seconds it has been here."""
        return time.monotonic() - self.arrived_at

    @property
    def events(self) -> tuple:
        return self.batch.events if self.batch else ()

    @property
    def running(self) -> tuple:
        return self.state.events if self.state else ()

    @property
    def told_extensions(self) -> list[str]:
        """Of which the state tells all that runs: none with a warning in its place."""
        if not self.state or self.state.code:
            return []
        unreadable = self.state.unreadable
        return [number for number in self.poll.extensions if number not in unreadable]

    @property
    def sequence_number(self) -> int:
        """The number to go on with.

        To a poll from 0 the PBX tells its state: what began and ended before, in its
        first moments, stands in the events from 1 on.
        """
        number = (self.batch or self.state).sequence_number
        is_state = not self.state and not self.poll.sequence_number
        return min(FIRST, number) if is_state else number

    @property
    def _told_state(self) -> EventBatch | None:
        """The state, where it tells the number as well."""
        return self.state if self.state and self.state.tells_number else None

    @property
    def has_restarted(self) -> bool:
        """A lower number than was sent: the PBX counts from the beginning again."""
        known = self.poll.sequence_number
        return any(
            answer and answer.sequence_number < known
            for answer in (self._told_state, self.batch)
        )

    @property
    def is_from_beginning(self) -> bool:
        """Whether nothing but the first event of the PBX's life can be missing: it
        cannot be asked for."""
        is_followed_on = bool(self.poll.heard_at) or not self.poll.reads_state
        return self.has_restarted or (
            is_followed_on and self.poll.sequence_number <= FIRST
        )

    @property
    def is_of_another_life(self) -> bool:
        """Restarted, and the state is not known: the events begin somewhere."""
        if self._told_state or not self.has_restarted:
            return False
        # that nothing ran in a PBX that has counted nothing yet is its state
        return not self.state or bool(self.batch.sequence_number)


@dataclass(frozen=True, slots=True)
class HourPoll:
    """A question for what was recorded in an hour. It runs in a thread of its own.

    :ivar hour: its beginning, UTC
    :ivar local: the same by the PBX's clock
    """

    hour: datetime
    local: datetime

    def run(self, client: NoojeeClient) -> "HourNews":
        """What goes wrong is kept: calls are followed without this list."""
        try:
            legs = client.retrieve_metadata_by_hour(self.local.date(), self.local.hour)
        except NoojeeError as error:
            return HourNews(self.hour, error=error)
        return HourNews(self.hour, tuple(legs))


@dataclass(frozen=True, slots=True)
class HourNews:
    """What came of a question for an hour."""

    hour: datetime
    legs: tuple[RecordingLeg, ...] = ()
    error: NoojeeError | None = None
