"""Works side by side."""

import threading

import pytest

from dev.stack.lanes import in_lanes, shares


def test_each_work_is_done_once():
    assert sorted(in_lanes(range(20), "ab", lambda work, *_more: work)) == [*range(20)]


def test_lanes_work_at_the_same_time():
    # each waits until the other has begun
    barrier = threading.Barrier(2, timeout=30)
    lanes = in_lanes("xy", "ab", lambda _work, lane, _stop: barrier.wait() and lane)
    assert len(lanes) == 2


def test_failure_ends_the_others():
    def run(work, _lane, stop):
        if work == "fails":
            raise RuntimeError("broken")
        assert stop.wait(30)

    with pytest.raises(RuntimeError, match="broken"):
        in_lanes(["lasts", "fails", "never begun"], "ab", run)


def test_works_are_shared_by_their_weight():
    first, second = shares([3, 6, 4, 5], 2, int)
    assert sorted([*first, *second]) == [3, 4, 5, 6]
    assert sum(first) == sum(second) == 9
