"""When each of a PBX's subscriptions is asked. Nothing of Odoo in here."""

import random
import time
from collections.abc import Iterable, Iterator

BACKOFF_SECONDS = (1, 2, 5, 10, 30)
# where events leave no pause, a step of some hundredths of a second is taken so often
OVERDUE_SECONDS = 2


def backoff(failures: int) -> float:
    """How long is waited before what failed is tried again.

    :param failures: how often it had failed before
    :return: seconds; they differ: many listeners must not come back at the same moment
    """
    seconds = BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)]
    return seconds * random.uniform(0.7, 1.3)


class IdleSteps:
    """What is done step by step while nothing is to be taken in.

    :param steps: iterator over whether there was anything to do
    """

    def __init__(self, steps: Iterator[bool]):
        self._steps = steps
        self._taken_at = time.monotonic()

    @property
    def is_overdue(self) -> bool:
        """Whether events have left no pause for one for long."""
        return time.monotonic() > self._taken_at + OVERDUE_SECONDS

    def take(self) -> bool:
        """Take one step.

        :return: whether there was anything to do
        """
        self._taken_at = time.monotonic()
        return next(self._steps)


class Schedule:
    """What is due of each subscription, by this process's steady clock.

    :param ids: of the subscriptions; all is due at first
    :param sweep_seconds: so often a state is read
    :ivar is_answered: whether any has been answered: the PBX is there
    """

    def __init__(self, ids: Iterable[int], sweep_seconds: float):
        now = time.monotonic()
        self.is_answered = False
        self._sweep_seconds = sweep_seconds
        self._asked_at = dict.fromkeys(ids, now)
        self._read_at = dict.fromkeys(ids, now)
        self._refusals = dict.fromkeys(ids, 0)

    @property
    def is_all_refused(self) -> bool:
        """Whether nothing is followed any more."""
        return all(self._refusals.values())

    def is_due(self, id_: int) -> bool:
        """Whether a subscription may be asked now."""
        return time.monotonic() >= self._asked_at[id_]

    def takes_state(self, id_: int) -> bool:
        """Whether its state is to be read now; then it is, and is not due for long."""
        now = time.monotonic()
        if now < self._read_at[id_]:
            return False
        self._read_at[id_] = now + self._sweep_seconds
        return True

    def read_state(self, id_: int) -> None:
        """Its state is to be read with the next question."""
        self._read_at[id_] = time.monotonic()

    def note_answer(self, id_: int) -> None:
        self.is_answered = True
        self._refusals[id_] = 0

    def note_refusal(self, id_: int) -> None:
        """It is asked again later, and for what ran and happened meanwhile."""
        self._asked_at[id_] = time.monotonic() + backoff(self._refusals[id_])
        self._refusals[id_] += 1
        self.read_state(id_)
