"""Several works at a time, each in one of some lanes."""

import heapq
import queue
import threading
from concurrent.futures import ThreadPoolExecutor


def shares(works, count: int, weight) -> list[list]:
    """Deal works out, the heaviest first, each to whoever has least to carry."""
    loads = [(0, number, []) for number in range(count)]
    for work in sorted(works, key=weight, reverse=True):
        load, number, share = heapq.heappop(loads)
        heapq.heappush(loads, (load + weight(work), number, [*share, work]))
    return [share for _load, _number, share in loads]


def in_lanes(works, lanes, run) -> list:
    """Give each work, one after the other, to the lane that is free next.

    :param run: function of a work, its lane and an event: once that is set, it ends
        what it has begun
    :return: what it returned, in no order
    :raise: what it raised, or what interrupted the waiting; the other works are ended
    """
    waiting = queue.SimpleQueue()
    for work in works:
        waiting.put(work)
    stop = threading.Event()

    def follow(lane):
        results = []
        try:
            while not stop.is_set():
                results.append(run(waiting.get_nowait(), lane, stop))
        except queue.Empty:
            pass
        except BaseException:
            # at once, not when the lanes before it are done
            stop.set()
            raise
        return results

    with ThreadPoolExecutor(len(lanes)) as executor:
        try:
            followed = list(executor.map(follow, lanes))
        finally:
            stop.set()
    return [result for results in followed for result in results]
