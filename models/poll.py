"""A question to a PBX for its events, and what came of it. Nothing of Odoo in here."""

import time
from dataclasses import dataclass, field
from datetime import datetime

from ..client import EventBatch, NoojeeClient, NoojeeError, RecordingLeg

# not more often than every 100 ms from request to request (section 4)
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Poll:
    """A question to the PBX. It runs in a thread of its own.

    :ivar reads_state: whether all that runs is asked for as well
    :ivar asked_at: by the database's clock
    :ivar not_before: when it may be asked, by this process's steady clock
    :ivar has_before: whether it was asked before: then a number of 0 is the PBX's own,
        and what came after it is wanted
    """

    extensions: list[str]
    sequence_number: int
    timeout: int
    asked_at: datetime
    not_before: float = 0
    reads_state: bool = False
    has_before: bool = False

    def run(self, client: NoojeeClient) -> "News":
        """Read the state where it is wanted, then the events since the number.

        In this order: what ends in between stands in the events.
        """
        state = None
        since = self.sequence_number
        time.sleep(max(0, self.not_before - time.monotonic()))
        next_at = time.monotonic() + PAUSE
        if self.reads_state:
            state = client.subscribe(self.extensions, 0, 0)
            is_from_nothing = self.has_before and not since
            if state.sequence_number < since or is_from_nothing:
                # what happened in the PBX's new life; with 0 it would tell the state
                since = min(1, state.sequence_number)
            if not since:
                return News(self, state, None, next_at)
            time.sleep(max(0, next_at - time.monotonic()))
            next_at = time.monotonic() + PAUSE
        events = client.subscribe(self.extensions, since, self.timeout)
        return News(self, state, events, next_at)


@dataclass(frozen=True, slots=True)
class News:
    """What came of a poll.

    :ivar state: None where it was not asked for
    :ivar batch: events since the number; None where there was none yet
    :ivar next_at: when the PBX may be asked again, by this process's steady clock
    :ivar arrived_at: by this process's steady clock
    """

    poll: Poll
    state: EventBatch | None
    batch: EventBatch | None
    next_at: float
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
    def sequence_number(self) -> int:
        """The number to go on with.

        To a poll from 0 the PBX tells its state: what began and ended before, in its
        first moments, stands in the events from 1 on.
        """
        number = (self.batch or self.state).sequence_number
        is_state = not self.state and not self.poll.sequence_number
        return min(1, number) if is_state else number

    @property
    def has_restarted(self) -> bool:
        """A lower number than was sent: the PBX counts from the beginning again."""
        known = self.poll.sequence_number
        return any(
            answer and answer.sequence_number < known
            for answer in (self.state, self.batch)
        )

    @property
    def is_of_another_life(self) -> bool:
        """Restarted, and the state is not known: the events begin somewhere."""
        return self.has_restarted and not self.state


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
