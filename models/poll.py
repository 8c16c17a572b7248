"""A question to a PBX for its events, and what came of it. Nothing of Odoo in here."""

import time
from dataclasses import dataclass
from datetime import datetime

from ..client import EventBatch, NoojeeClient

# not more often than every 100 ms from request to request (section 4)
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Poll:
    """A question to the PBX. It runs in a thread of its own.

    :ivar reads_state: whether all that runs is asked for as well
    :ivar asked_at: by the database's clock
    """

    extensions: list[str]
    sequence_number: int
    timeout: int
    asked_at: datetime
    reads_state: bool = False

    def run(self, client: NoojeeClient) -> "News":
        """Read the state where it is wanted, then the events since the number.

        In this order: what ends in between stands in the events.
        """
        state = events = None
        if self.reads_state:
            time.sleep(PAUSE)
            state = client.subscribe(self.extensions, 0, 0)
        if self.sequence_number or not self.reads_state:
            time.sleep(PAUSE)
            events = client.subscribe(
                self.extensions, self.sequence_number, self.timeout
            )
        return News(self, state, events)


@dataclass(frozen=True, slots=True)
class News:
    """What came of a poll.

    :ivar state: None where it was not asked for
    :ivar batch: events since the number; None where there was none yet
    """

    poll: Poll
    state: EventBatch | None
    batch: EventBatch | None

    @property
    def events(self) -> tuple:
        return self.batch.events if self.batch else ()

    @property
    def running(self) -> tuple:
        return self.state.events if self.state else ()

    @property
    def sequence_number(self) -> int:
        return (self.batch or self.state).sequence_number

    @property
    def has_restarted(self) -> bool:
        """A lower number than was sent: the PBX counts from the beginning again."""
        return bool(self.batch) and self.sequence_number < self.poll.sequence_number
