"""Events that come twice, out of order, or from a PBX that counts anew."""

import time

import pytest

from client import CallStatus, NoojeeClient

from .conftest import http
from .secrecy import API_KEY


def test_restart_shows_as_a_lower_number(noojee, simulator):
    simulator.control("ring", desks=["101"], caller="0370101235")
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    assert number > 0
    simulator.control("restart", down_seconds=0)
    batch = noojee.subscribe(["101"], number, 5)
    assert batch.sequence_number < number
    assert batch.events == ()


@pytest.mark.parametrize(("kind", "least"), [("flood", 50), ("duplicates", 2)])
def test_more_events_than_happened(noojee, simulator, kind, least):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    simulator.control("ring", desks=["101"], caller="0370101235")
    more = {"count": 50} if kind == "flood" else {}
    simulator.faults({"kind": kind, **more})
    events = noojee.subscribe(["101"], number, 5).events
    assert len(events) >= least
    assert len(set(events)) == 1


def test_events_out_of_order_all_come(noojee, simulator):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    simulator.faults({"kind": "out_of_order", "seconds": 0.5})
    simulator.control("call-out", desk="101", number="0370101235")
    batch = noojee.subscribe(["101"], number, 5)
    assert [event.status for event in batch.events] == [
        CallStatus.CONNECTED,
        CallStatus.DIALING_OUT,
    ]
    assert batch.sequence_number > number


def test_when_a_request_was_sent(tls_server):
    """The next one goes by it: connecting may take long before."""
    url, bundle = tls_server(http(b'{"seq": 7, "Code": 0}'), 0.3)
    sent_at = []
    with NoojeeClient(url, API_KEY, verify=bundle) as noojee:
        before = time.monotonic()
        noojee.subscribe(["101"], on_sent=lambda: sent_at.append(time.monotonic()))
    assert len(sent_at) == 1
    assert sent_at[0] - before >= 0.3


def test_long_poll_that_was_sent_waits_for_its_answer(noojee):
    sent_at = []
    noojee.subscribe(["101"], 0, 1, on_sent=lambda: sent_at.append(time.monotonic()))
    assert time.monotonic() - sent_at[0] >= 0.9


def test_desk_of_which_an_error_comes(one_answer):
    """Nothing is known of it, not that nothing runs there."""
    body = (
        b'{"Data": {"101": [{"Code": -3, "Message": "busy"}], "102": []},'
        b' "seq": 5, "Code": 0}'
    )
    with one_answer(http(body)) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            batch = noojee.subscribe(["101", "102"], 0, 0)
    assert batch.unreadable == {"101"}
    assert not batch.events
