"""Many callers at once, for measuring what takes in their events."""

import itertools
import threading
import time

from .pbx import Pbx
from .replies import Refusal

RINGS = 0.5
TALKS = 1.0


def start(pbx: Pbx, per_second: float, seconds: float) -> None:
    """Ring one desk after the other; each call is answered and ended.

    :param per_second: calls; each is three events
    """
    threading.Thread(
        target=_run, args=(pbx, per_second, seconds), name="traffic", daemon=True
    ).start()


def _run(pbx: Pbx, per_second: float, seconds: float) -> None:
    desks = itertools.cycle(pbx.desks.values())
    begin = time.monotonic()
    for number in range(round(per_second * seconds)):
        # by the plan, not by the last call: what took long is made up for
        time.sleep(max(0, begin + number / per_second - time.monotonic()))
        [channel] = pbx.ring([next(desks)], f"0370{number:06d}", is_queue=False)
        _later(pbx, RINGS, pbx.answer, channel)
        _later(pbx, RINGS + TALKS, pbx.hang_up, channel)


def _later(pbx: Pbx, seconds: float, step, channel) -> None:
    def go_on():
        try:
            step(channel)
        except Refusal:
            # a restart ended it before
            return

    pbx.clock.later(seconds, go_on)
