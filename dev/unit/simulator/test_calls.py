"""Call control over HTTP (noojee-api.md section 3)."""

import time

import pytest

from .conftest import YEALINK

CALLS = "servicemanager/rest/CallManagementAPI"


def test_dial_and_its_reply(simulator):
    reply = simulator.dial()
    assert reply["Code"] == 0 and isinstance(reply["SessionID"], int)
    events, _last = simulator.follow("101", 0, "Connected")
    assert {event["CallID"] for event in events} == {reply["SessionID"]}
    assert all(event["Code"] == 0 for event in events)


@pytest.mark.parametrize(
    "params",
    [
        {"extenOrUniqueId": "101"},
        {"extenOrUniqueId": "IAX/101"},
        {"extenOrUniqueId": "SIP/999"},
        {"number": "nobody"},
    ],
)
def test_dial_is_refused(simulator, params):
    assert simulator.dial(**params)["Code"] < 0
    assert simulator.seq == simulator.poll(seconds=0)["seq"]
    assert not simulator.poll(seconds=0)["Data"]


def test_pjsip_is_a_technology_too(simulator):
    assert simulator.dial(extenOrUniqueId="PJSIP/101")["Code"] == 0


def test_hangup_by_unique_id_and_by_extension(simulator):
    for by_id in (True, False):
        simulator.dial()
        events, last = simulator.follow("101", 0, "Ringing")
        unique_id = events[0]["CallData"]["uniqueCallId"]
        reply = simulator.call("hangup", extenOrUniqueId=unique_id if by_id else "101")
        assert reply == {"Message": "Channel Hungup", "Code": 0}
        simulator.follow("101", last, "Hungup")


@pytest.mark.parametrize("target", ["101", "SIP/101", "1412750652.496", "999"])
def test_hangup_of_what_does_not_run(simulator, target):
    assert simulator.call("hangup", extenOrUniqueId=target)["Code"] < 0


def ring(simulator, desk="101"):
    reply = simulator.control("ring", desks=[desk], caller="0390001234")
    return reply["calls"][0]["uniqueCallId"]


def status_of(simulator, exten="101"):
    rows = simulator.poll(exten, seconds=0)["Data"].get(exten, [])
    return [row["CallData"]["status"] for row in rows]


def test_answer_with_the_right_string(simulator):
    reply = simulator.call(
        "answer", uniqueId=ring(simulator), exten="SIP/101", answerString=YEALINK
    )
    assert reply["Code"] == 0
    assert status_of(simulator) == ["Connected"]


def test_answer_with_a_wrong_string_keeps_ringing(simulator):
    reply = simulator.call(
        "answer", uniqueId=ring(simulator), exten="SIP/101", answerString="x"
    )
    assert reply["Code"] == 0
    assert status_of(simulator) == ["Ringing"]


@pytest.mark.parametrize("exten", ["101", "SIP/102", "SIP/999"])
def test_answer_at_the_wrong_extension(simulator, exten):
    reply = simulator.call(
        "answer", uniqueId=ring(simulator), exten=exten, answerString=YEALINK
    )
    assert reply["Code"] < 0


def test_answer_of_a_dial_at_its_own_desk(simulator):
    simulator.dial(autoAnswer="")
    events, _last = simulator.follow("101", 0, "Ringing")
    data = events[0]["CallData"]
    assert data["canAnswer"] is False
    words = {"uniqueId": data["uniqueCallId"], "answerString": YEALINK}
    assert simulator.call("answer", exten="SIP/101", **words)["Code"] < 0
    assert status_of(simulator) == ["Ringing"]


def test_answer_twice(simulator):
    words = {"exten": "SIP/101", "answerString": YEALINK}
    unique_id = ring(simulator)
    assert simulator.call("answer", uniqueId=unique_id, **words)["Code"] == 0
    assert simulator.call("answer", uniqueId=unique_id, **words)["Code"] < 0


def test_check_state_at_once_and_in_the_documents_shape(simulator):
    unique_id = ring(simulator, "102")
    reply = simulator.call("checkState", extenOrUniqueId="102,101", timeOut=0)
    ringing = {"uniqueCallId": unique_id, "Message": "Ringing Agent", "Code": 0}
    assert reply == {"State": {"102": ringing, "101": {"Code": 0}}, "Code": 0}


def test_check_state_waits_for_a_change(simulator):
    simulator.dial()
    begun = time.monotonic()
    reply = simulator.call("checkState", extenOrUniqueId="101", timeOut=5)
    assert reply["State"]["101"]["Message"] == "Ringing Client"
    assert time.monotonic() - begun < 4


def test_check_state_does_not_wait_for_others(simulator):
    simulator.dial(extenOrUniqueId="SIP/100")
    begun = time.monotonic()
    simulator.call("checkState", extenOrUniqueId="101", timeOut=0.6)
    assert time.monotonic() - begun >= 0.6


def test_check_state_of_unknown_targets(simulator):
    reply = simulator.call("checkState", extenOrUniqueId="999,101", timeOut=0)
    assert reply["Code"] == 0 and reply["State"]["999"]["Code"] < 0
    assert simulator.call("checkState", extenOrUniqueId="999", timeOut=0)["Code"] < 0


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("target", ["101", "SIP/101", "PJSIP/101"])
def test_start_and_stop_take_what_each_source_says(simulator, verb, target):
    ring(simulator)
    for method in ("start", "stop"):
        reply = simulator.ask(verb, f"{CALLS}/{method}", extenOrUniqueId=target)
        assert reply.json()["Code"] == 0
    assert simulator.call("stop", extenOrUniqueId=target)["Code"] < 0


def test_start_without_a_call(simulator):
    assert simulator.call("start", extenOrUniqueId="101", tag="S1")["Code"] < 0


def test_tag_needs_a_recording(simulator):
    unique_id = ring(simulator)
    words = {"extenOrUniqueId": unique_id, "tag": "S7"}
    assert simulator.call("tag", **words)["Code"] < 0
    simulator.call("start", extenOrUniqueId=unique_id)
    assert simulator.call("tag", **words)["Code"] == 0
