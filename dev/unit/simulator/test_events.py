"""The long poll (noojee-api.md section 4)."""

import threading
import time

import pytest


def ring(simulator, *desks, queue=False):
    words = {"desks": list(desks), "caller": "0390001234", "queue": queue}
    return simulator.control("ring", **words)["calls"]


def test_documented_shape(simulator):
    [call] = ring(simulator, "101")
    reply = simulator.poll(seconds=0)
    assert set(reply) == {"Data", "seq", "Code"} and reply["Code"] == 0
    [event] = reply["Data"]["101"]
    assert set(event) == {"CallData", "CallID", "Code"}
    assert event["CallID"] == call["CallID"]
    assert event["CallData"] == {
        "canAnswer": True,
        "callerId": "0390001234",
        "uniqueCallId": call["uniqueCallId"],
        "secondaryUniqueCallId": "",
        "callStartTime": "",
        "isQueueCall": False,
        "isClickToDialCall": False,
        "inbound": True,
        "otherPartyCallerId": "0390001234",
        "connectedCallerIdNum": "",
        "outboundDestination": "",
        "status": "Ringing",
    }


def test_nothing_runs(simulator):
    reply = simulator.poll(seconds=0)
    assert reply == {"Data": {}, "seq": simulator.seq, "Code": 0}


def test_no_news_leaves_the_number_unchanged(simulator):
    ring(simulator, "101")
    before = simulator.poll(seconds=0)["seq"]
    ring(simulator, "105")
    reply = simulator.poll("101", before, 0.3)
    assert reply == {"Data": {}, "seq": before, "Code": 0}


@pytest.mark.parametrize("is_first", [True, False])
def test_it_waits_and_returns_at_the_first_event(simulator, is_first):
    last = 0 if is_first else simulator.seq
    timer = threading.Timer(0.5, ring, [simulator, "101"])
    timer.start()
    begun = time.monotonic()
    reply = simulator.poll("101,102", last, 10)
    took = time.monotonic() - begun
    timer.join()
    assert list(reply["Data"]) == ["101"]
    assert 0.4 < took < 5


def test_it_waits_its_time_out(simulator):
    begun = time.monotonic()
    simulator.poll("101", 0, 0.5)
    assert 0.5 <= time.monotonic() - begun < 5


def test_first_poll_answers_at_once_if_anything_runs(simulator):
    ring(simulator, "101")
    begun = time.monotonic()
    assert simulator.poll("101", 0, 10)["Data"]
    assert time.monotonic() - begun < 5


def test_each_reply_holds_only_its_own_extensions(simulator):
    last = simulator.seq
    ring(simulator, "101", "102", "103")
    assert list(simulator.poll("101", last)["Data"]) == ["101"]
    assert list(simulator.poll("102,103", last)["Data"]) == ["102", "103"]


def test_one_counter_for_the_whole_pbx(simulator):
    last = simulator.seq
    ring(simulator, "101", "102", "103")
    assert simulator.poll("101", last)["seq"] == last + 3


def test_events_of_one_call_keep_their_order(simulator):
    last = simulator.seq
    ring(simulator, "101")
    simulator.control("answer", desk="101")
    simulator.control("hangup", desk="101")
    events = simulator.poll("101", last)["Data"]["101"]
    statuses = [event["CallData"]["status"] for event in events]
    assert statuses == ["Ringing", "Connected", "Hungup"]


def test_a_number_of_an_earlier_life_is_answered_at_once(simulator):
    begun = time.monotonic()
    reply = simulator.poll("101", simulator.seq + 1000, 10)
    assert reply == {"Data": {}, "seq": simulator.seq, "Code": 0}
    assert time.monotonic() - begun < 5


def test_unknown_extensions(simulator):
    ring(simulator, "101")
    assert list(simulator.poll("999,101", seconds=0)["Data"]) == ["101"]
    assert simulator.poll("999", seconds=0)["Code"] < 0


def test_too_often_is_answered_and_logged(simulator):
    # on a busy machine two in a row may be far enough from each other
    for turn in range(1, 21):
        # each for other extensions, as it is written
        assert simulator.poll(",".join(["101"] * turn), seconds=0)["Code"] == 0
    time.sleep(0.15)
    simulator.poll(seconds=0)
    told = [entry["too_often"] for entry in simulator.requests("subscribe")]
    assert True in told
    assert told[0] is told[-1] is False


def test_reset_goes_on_counting_and_disturbs_nobody(simulator):
    ring(simulator, "101")
    last = simulator.seq
    replies = []
    poll = threading.Thread(
        target=lambda: replies.append(simulator.poll("101", last, 5))
    )
    poll.start()
    simulator.wait_for_request("subscribe")
    simulator.control("reset")
    assert simulator.seq == last
    ring(simulator, "101")
    poll.join()
    assert replies[0]["seq"] == last + 1


def test_restart_counts_from_the_beginning(simulator):
    ring(simulator, "101")
    assert simulator.seq > 0
    failures = []

    def poll():
        try:
            simulator.poll("101", simulator.seq, 10)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=poll)
    thread.start()
    simulator.wait_for_request("subscribe")
    time.sleep(0.3)
    simulator.control("restart", down_seconds=0.5)
    thread.join()
    with pytest.raises(OSError):
        simulator.poll(seconds=0)
    time.sleep(0.5)
    assert len(failures) == 1
    assert simulator.poll(seconds=0) == {"Data": {}, "seq": 0, "Code": 0}
