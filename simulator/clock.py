"""The PBX's clock, and what it is to do later."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

_logger = logging.getLogger("simulator")


class Clock:
    """Real time; what rings does so ``speed`` times as fast.

    :param speed: divides every waiting time of :meth:`later`
    """

    def __init__(self, time_zone: str, speed: float = 1.0):
        self.zone = ZoneInfo(time_zone)
        self.speed = speed
        self._due = []
        self._counter = itertools.count()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="clock", daemon=True).start()

    def now(self) -> datetime:
        """The PBX's local time."""
        return datetime.now(self.zone)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after a while; it must itself see whether it still applies."""
        due = time.monotonic() + seconds / self.speed
        with self._changed:
            heapq.heappush(self._due, (due, next(self._counter), action))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            action = self._next_action()
            try:
                action()
            except Exception:
                # one bad step must not stop the clock for every other call
                _logger.exception("A timed step failed")

    def _next_action(self) -> Callable[[], None]:
        with self._changed:
            while not self._due or self._due[0][0] > time.monotonic():
                wait = self._due[0][0] - time.monotonic() if self._due else None
                self._changed.wait(wait)
            _due, _count, action = heapq.heappop(self._due)
        return action
