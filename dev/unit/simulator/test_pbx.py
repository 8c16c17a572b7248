"""The call model, on a clock that stands still."""

import re
import threading

import pytest

from simulator.call_api import CallApi
from simulator.pbx import Pbx
from simulator.replies import Refusal
from simulator.switch import Behaviour

YEALINK = r"Call-Info:\; answer-after=0"
OUTSIDE = "0412345678"


def statuses(pbx, number):
    """(CallID, status) of each event of a desk."""
    return [
        (event.row["CallID"], event.row["CallData"]["status"])
        for event in pbx.events.since({number}, 0)
    ]


def words(pbx, number):
    return [status for _call, status in statuses(pbx, number)]


def data(pbx, number):
    return [event.row["CallData"] for event in pbx.events.since({number}, 0)]


def test_click_to_dial_from_ringing_to_hungup(pbx, clock):
    session = pbx.dial(OUTSIDE, pbx.desk("101"), YEALINK)
    clock.advance(0.9)
    assert words(pbx, "101") == ["Ringing"]
    clock.advance(0.2)
    assert words(pbx, "101") == ["Ringing", "Dialing Out"]
    clock.advance(4)
    pbx.hang_up_target("101")
    assert statuses(pbx, "101") == [
        (session, status)
        for status in ("Ringing", "Dialing Out", "Connected", "Hungup")
    ]
    ringing, dialing, connected, _hungup = data(pbx, "101")
    assert ringing["isClickToDialCall"] and not ringing["inbound"]
    assert not ringing["outboundDestination"] and not ringing["secondaryUniqueCallId"]
    assert dialing["outboundDestination"] == OUTSIDE
    assert connected["secondaryUniqueCallId"] not in ("", connected["uniqueCallId"])
    assert connected["callStartTime"] == "2026-03-02 10:00:05"


def test_unique_id_is_the_start_and_a_counter(pbx, clock):
    pbx.dial(OUTSIDE, pbx.desk("101"), YEALINK)
    pbx.dial(OUTSIDE, pbx.desk("101"), YEALINK)
    ids = [row["uniqueCallId"] for row in data(pbx, "101")]
    assert len(set(ids)) == 2
    for unique_id in ids:
        assert re.fullmatch(r"\d{10}\.\d+", unique_id)
        assert int(unique_id.split(".")[0]) == int(clock.now().timestamp())


@pytest.mark.parametrize("string", ["", "Call-Info:\\\\; answer-after=0", "anything"])
def test_a_string_that_does_not_fit_keeps_ringing(pbx, clock, string):
    pbx.dial(OUTSIDE, pbx.desk("101"), string)
    clock.advance(29)
    assert words(pbx, "101") == ["Ringing"]
    clock.advance(2)
    assert words(pbx, "101") == ["Ringing", "Hungup"]


def test_with_patience_a_desk_rings_longer(clock):
    pbx = Pbx(range(100, 110), clock, patience=10)
    pbx.dial(OUTSIDE, pbx.desk("102"), "")
    pbx.dial("101", pbx.desk("101"), YEALINK)
    clock.advance(29)
    assert words(pbx, "102") == ["Ringing"]
    assert words(pbx, "101") == ["Ringing", "Dialing Out"]
    clock.advance(3)
    assert words(pbx, "101") == ["Ringing", "Dialing Out", "Hungup"]
    clock.advance(270)
    assert words(pbx, "102") == ["Ringing", "Hungup"]


def test_answered_by_hand_late_the_client_still_rings_its_time(pbx, clock):
    pbx.dial(OUTSIDE, pbx.desk("101"), "")
    clock.advance(28)
    pbx.answer(pbx.channel("101"))
    clock.advance(10)
    assert words(pbx, "101") == ["Ringing", "Dialing Out", "Connected"]


@pytest.mark.parametrize(
    ("behaviour", "seconds"),
    [(Behaviour("busy", 2), 2), (Behaviour("no-answer", 9), 9)],
)
def test_a_number_that_does_not_answer(pbx, clock, behaviour, seconds):
    pbx.behaviours[OUTSIDE] = behaviour
    pbx.call_out(pbx.desk("101"), "0412 345 678")
    clock.advance(seconds - 0.1)
    assert words(pbx, "101") == ["Dialing Out"]
    clock.advance(0.2)
    assert words(pbx, "101") == ["Dialing Out", "Hungup"]


def test_inbound_call(pbx):
    [channel] = pbx.ring([pbx.desk("101")], "+61 3 9000 1234", is_queue=False)
    pbx.answer(channel)
    pbx.hang_up(channel)
    assert words(pbx, "101") == ["Ringing", "Connected", "Hungup"]
    ringing, connected, _hungup = data(pbx, "101")
    assert ringing["inbound"] and ringing["canAnswer"]
    assert ringing["callerId"] == "+61 3 9000 1234"
    assert not ringing["secondaryUniqueCallId"] and connected["secondaryUniqueCallId"]
    assert not connected["canAnswer"]


def test_queue_call_rings_everywhere_and_ends_where_it_is_not_answered(pbx):
    desks = [pbx.desk(number) for number in ("101", "102", "103")]
    channels = pbx.ring(desks, "0390001234", is_queue=True)
    assert len({channel.unique_id for channel in channels}) == 3
    assert len({channel.secondary_id for channel in channels}) == 1
    pbx.answer(channels[1])
    assert words(pbx, "101") == ["Ringing", "Hungup"]
    assert words(pbx, "102") == ["Ringing", "Connected"]
    assert all(row["isQueueCall"] for row in data(pbx, "103"))


def test_a_queue_call_declined_at_one_desk_rings_on(pbx):
    desks = [pbx.desk(number) for number in ("101", "102")]
    channels = pbx.ring(desks, "0390001234", is_queue=True)
    pbx.hang_up(channels[0])
    assert words(pbx, "102") == ["Ringing"]
    pbx.hang_up(channels[1])
    assert words(pbx, "102") == ["Ringing", "Hungup"]


def test_the_caller_of_a_queue_gives_up(pbx):
    desks = [pbx.desk(number) for number in ("101", "102")]
    channels = pbx.ring(desks, "0390001234", is_queue=True)
    pbx.hang_up_target(channels[0].secondary_id)
    assert words(pbx, "101") == words(pbx, "102") == ["Ringing", "Hungup"]


def test_internal_call_shows_at_both_ends(pbx, clock):
    pbx.dial("103", pbx.desk("101"), YEALINK)
    clock.advance(1)
    pbx.answer(pbx.channel("103"))
    caller, called = data(pbx, "101")[-1], data(pbx, "103")[-1]
    assert caller["status"] == called["status"] == "Connected"
    assert caller["secondaryUniqueCallId"] == called["uniqueCallId"]
    assert called["secondaryUniqueCallId"] == caller["uniqueCallId"]
    assert called["otherPartyCallerId"] == called["callerId"] == "101"
    pbx.hang_up_target("103")
    assert words(pbx, "101")[-1] == words(pbx, "103")[-1] == "Hungup"


def test_a_desk_that_dials_itself_is_a_ring_test(pbx, clock):
    pbx.dial("101", pbx.desk("101"), YEALINK)
    clock.advance(1)
    assert words(pbx, "101") == ["Ringing", "Dialing Out"]
    clock.advance(5)
    assert words(pbx, "101") == ["Ringing", "Dialing Out", "Hungup"]


def test_transfer_keeps_the_secondary_id(pbx):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=False)
    pbx.answer(channel)
    pbx.transfer(channel, pbx.desk("102"))
    assert words(pbx, "101")[-1] == "Hungup"
    before, moved = data(pbx, "101")[-1], data(pbx, "102")[-1]
    assert moved["status"] == "Ringing" and moved["callerId"] == "0390001234"
    assert moved["secondaryUniqueCallId"] == before["secondaryUniqueCallId"]
    assert moved["uniqueCallId"] != before["uniqueCallId"]


def test_only_a_connected_call_is_transferred(pbx):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=False)
    with pytest.raises(Refusal):
        pbx.transfer(channel, pbx.desk("102"))


def test_several_calls_at_one_desk(pbx):
    first, second = (
        pbx.ring([pbx.desk("101")], f"039000000{n}", is_queue=False)[0] for n in (1, 2)
    )
    pbx.answer(second)
    assert pbx.running_at("101") == [first, second]
    pbx.hang_up_target(second.unique_id)
    assert pbx.running_at("101") == [first]


def test_state_words(pbx, clock):
    assert pbx.state("101") == {"Code": 0}
    pbx.dial(OUTSIDE, pbx.desk("101"), YEALINK)
    unique_id = pbx.channel("101").unique_id
    seen = [pbx.state("101")["Message"]]
    for seconds in (1, 4):
        clock.advance(seconds)
        seen.append(pbx.state(unique_id)["Message"])
    pbx.hang_up_target("101")
    seen.append(pbx.state(unique_id)["Message"])
    assert seen == ["Ringing Agent", "Ringing Client", "On Call", "Hung Up"]


def test_legs_split_when_answered_and_transferred(pbx, clock):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=False)
    pbx.start_recording(channel, "anna", "S1")
    clock.advance(3)
    pbx.answer(channel)
    clock.advance(10)
    moved = pbx.transfer(channel, pbx.desk("102"))
    clock.advance(2)
    pbx.answer(moved)
    clock.advance(5)
    assert [leg.seconds for leg in pbx.recordings.tagged("S1")] == [3, 10, 2]
    pbx.hang_up(moved)
    legs = pbx.recordings.tagged("S1")
    assert [(leg.number, leg.seconds) for leg in legs] == [
        (1, 3), (2, 10), (3, 2), (4, 5),
    ]  # fmt: skip
    assert [leg.username for leg in legs] == ["anna", "anna", "ben", "ben"]
    assert len({(leg.call_record_id, leg.unique_id) for leg in legs}) == 1


def test_legs_of_a_queue_call(pbx, clock):
    desks = [pbx.desk(number) for number in ("101", "102")]
    channel, other = pbx.ring(desks, "0390001234", is_queue=True)
    pbx.start_recording(channel, "anna", "S1")
    clock.advance(9)
    pbx.answer(other)
    clock.advance(10)
    pbx.hang_up(other)
    legs = pbx.recordings.tagged("S1")
    # announcement, queue, conversation
    assert [leg.seconds for leg in legs] == [2, 7, 10]
    assert [leg.username for leg in legs] == ["anna", "anna", "ben"]


def test_queue_call_that_is_answered_during_the_announcement(pbx, clock):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=True)
    pbx.start_recording(channel, "anna", "S1")
    clock.advance(1)
    pbx.answer(channel)
    clock.advance(10)
    pbx.hang_up(channel)
    assert [leg.seconds for leg in pbx.recordings.tagged("S1")] == [1, 10]


def test_connected_call_is_put_into_a_queue(pbx, clock):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=False)
    pbx.start_recording(channel, "anna", "S1")
    clock.advance(3)
    pbx.answer(channel)
    clock.advance(10)
    desks = [pbx.desk(number) for number in ("102", "103")]
    first, second = pbx.enqueue(channel, desks)
    assert words(pbx, "101")[-1] == "Hungup"
    ids = {channel.secondary_id, first.secondary_id, second.secondary_id}
    assert len(ids) == 1
    clock.advance(4)
    pbx.answer(second)
    assert words(pbx, "102") == ["Ringing", "Hungup"]
    assert all(row["isQueueCall"] for row in data(pbx, "103"))
    clock.advance(5)
    pbx.hang_up(second)
    assert [leg.seconds for leg in pbx.recordings.tagged("S1")] == [3, 10, 4, 5]


def test_queue_that_nobody_answers_ends_a_colleagues_call(pbx, clock):
    pbx.dial("103", pbx.desk("101"), YEALINK)
    clock.advance(1)
    pbx.answer(pbx.channel("103"))
    [channel] = pbx.running_at("103")
    pbx.enqueue(channel, [pbx.desk("104"), pbx.desk("105")])
    clock.advance(60)
    assert not pbx.running_at("101")


def test_a_call_that_ends_while_its_recording_is_started(pbx, monkeypatch):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=False)
    find = pbx.channel
    other = threading.Thread(target=pbx.hang_up, args=(channel,))

    def find_slowly(target):
        found = find(target)
        other.start()
        other.join(0.2)
        return found

    monkeypatch.setattr(pbx, "channel", find_slowly)
    CallApi(pbx).start({"extenOrUniqueId": "101", "tag": "S1"})
    other.join()
    assert [leg.end is None for leg in pbx.recordings.legs if leg.tag == "S1"] == [
        False
    ]


def test_a_recording_begun_again_goes_on_counting_legs(pbx, clock):
    [channel] = pbx.ring([pbx.desk("101")], "0390001234", is_queue=False)
    for _turn in range(2):
        pbx.start_recording(channel, "anna", "S1")
        clock.advance(2)
        assert pbx.recordings.stop(channel.call)
    assert [leg.number for leg in pbx.recordings.tagged("S1")] == [1, 2]


def test_history_is_forgotten_after_a_thousand_events(pbx):
    for number in range(1100):
        pbx.events.add("101", {"n": number})
    assert len(pbx.events.since({"101"}, 0)) == 1000
    assert pbx.events.number == 1100


def test_what_was_to_come_does_not_come_after_a_restart(pbx, clock):
    pbx.dial(OUTSIDE, pbx.desk("101"), YEALINK)
    pbx.restart()
    clock.advance(60)
    assert pbx.events.number == 0
    assert not pbx.running_at("101")
