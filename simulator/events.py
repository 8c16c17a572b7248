"""The PBX's event counter and the long poll on it (noojee-api.md section 4)."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

HISTORY = 1000
# more than the events themselves: how late they are taken in is measured by them
TIMES = 100_000


class Gone(Exception):
    """The PBX restarts while a request waits: its connection drops."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one extension, under the whole PBX's number."""

    number: int
    extension: str
    row: dict


class EventLog:
    """One counter for the whole PBX; the last thousand events are kept."""

    def __init__(self):
        self.number = 0
        self._life = 0
        self._events: deque[Event] = deque(maxlen=HISTORY)
        self._times: deque[tuple] = deque(maxlen=TIMES)
        self._news = threading.Condition()

    def add(self, extension: str, row: dict) -> None:
        """Count an event and wake who waits for it."""
        with self._news:
            self.number += 1
            self._events.append(Event(self.number, extension, row))
            self._times.append((self.number, extension, time.time()))
            self._news.notify_all()

    def wake(self) -> None:
        """Something changed that is no event."""
        with self._news:
            self._news.notify_all()

    def restart(self) -> None:
        """Count from the beginning; who waits is cut off."""
        with self._news:
            self.number = 0
            self._life += 1
            self._events.clear()
            self._news.notify_all()

    def forget(self) -> None:
        """Drop the history, keep counting."""
        with self._news:
            self._events.clear()

    def since(self, extensions: set, last: int) -> list[Event]:
        """What is remembered of some extensions after a number."""
        found = []
        # from the newest: who polls has nearly all of them
        for event in reversed(self._events):
            if event.number <= last:
                break
            if event.extension in extensions:
                found.append(event)
        return found[::-1]

    def times(self) -> list[tuple[int, str, float]]:
        """Number, extension and moment of the last events, also of forgotten ones."""
        with self._news:
            return list(self._times)

    def wait(self, extensions: set, last: int, seconds: float) -> tuple[int, list]:
        """Events after a number, at once or when the first comes.

        A number above the counter is of an earlier life of the PBX: it is answered at
        once with the lower counter, which tells the client so (section 4).

        :return: the number to send, and the events; none came: the number as it was
            sent, as the document says
        :raise Gone: when the PBX restarts meanwhile
        """
        found = []

        def is_done() -> bool:
            found[:] = self.since(extensions, last)
            return bool(found) or last > self.number

        with self._news:
            is_news = self._wait_until(is_done, seconds)
            return (self.number if is_news else last), found

    def wait_until(self, is_done: Callable[[], bool], seconds: float) -> None:
        """Wait for a change that the caller recognises; it is asked unlocked.

        :raise Gone: when the PBX restarts meanwhile
        """
        deadline = time.monotonic() + seconds
        while not is_done() and (left := deadline - time.monotonic()) > 0:
            with self._news:
                # a short turn: a change may come between the question and the wait
                self._wait_until(lambda: False, min(left, 0.05))

    def _wait_until(self, is_done: Callable[[], bool], seconds: float) -> bool:
        """:return: whether it is done; the condition is held"""
        deadline = time.monotonic() + seconds
        life = self._life
        while not is_done():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._news.wait(left)
            if self._life != life:
                raise Gone
        return True
