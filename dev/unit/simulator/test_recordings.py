"""Legs and their audio over HTTP (noojee-api.md section 5)."""

import io
import re
import time
import wave
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests

NEWER = re.compile(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d AE[SD]T \d{4}")
OLDER = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.0")
YESTERDAY = "S00001"


def record_a_call(simulator, tag="S77"):
    reply = simulator.control("ring", desks=["101"], caller="0390001234")
    unique_id = reply["calls"][0]["uniqueCallId"]
    simulator.call("start", extenOrUniqueId=unique_id, tag=tag, agentLoginName="chloe")
    time.sleep(0.4)
    simulator.control("answer", desk="101")
    time.sleep(0.3)
    return unique_id


def legs(simulator, **params):
    method = "retrieveMetaDataByUniqueId" if "uniqueId" in params else None
    return simulator.recording(method or "retrieveMetaData", **params).json()


def test_a_leg_is_listed_when_it_is_finished(simulator):
    unique_id = record_a_call(simulator)
    assert [leg["Leg"] for leg in legs(simulator, tag="S77")] == ["1"]
    simulator.control("hangup", desk="101")
    found = legs(simulator, tag="S77")
    assert [leg["Leg"] for leg in found] == ["1", "2"]
    assert found == legs(simulator, uniqueId=unique_id)
    first = found[0]
    assert set(first) == {
        "Source", "Destination", "DID", "UniqueId", "CallRecordId", "Leg", "Username",
        "Tag", "Start", "Duration", "Direction", "callend",
    }  # fmt: skip
    assert all(isinstance(value, str) for leg in found for value in leg.values())
    assert first["Source"] == "0390001234" and first["Destination"] == "101"
    assert first["UniqueId"] == unique_id and first["Username"] == "chloe"
    assert found[1]["Username"] == "anna" and first["Direction"] == "Inbound"
    assert NEWER.fullmatch(first["Start"]) and NEWER.fullmatch(first["callend"])


def test_audio_is_as_long_as_the_leg(simulator):
    record_a_call(simulator)
    assert simulator.recording("retrieve", tag="S77", leg="2").status_code == 404
    simulator.control("hangup", desk="101")
    [record_id] = {leg["CallRecordId"] for leg in legs(simulator, tag="S77")}
    by_tag = simulator.recording("retrieve", tag="S77", leg="1")
    by_record = simulator.recording(
        "retrieveByCallRecordId", callRecordId=record_id, leg="1"
    )
    assert by_tag.headers["Content-Type"] == "audio/wav"
    assert by_tag.content == by_record.content
    with wave.open(io.BytesIO(by_tag.content)) as reader:
        assert 0.4 <= reader.getnframes() / reader.getframerate() < 5


def test_finished_calls_are_there_from_the_start(simulator):
    found = legs(simulator, tag=YESTERDAY)
    assert [leg["Leg"] for leg in found] == ["1", "2", "3"]
    for leg in found:
        content = simulator.recording(
            "retrieve", uniqueId=leg["UniqueId"], leg=leg["Leg"]
        ).content
        with wave.open(io.BytesIO(content)) as reader:
            assert reader.getnframes() == int(leg["Duration"]) * 8000


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("retrieve", {"tag": "none"}),
        ("retrieve", {"tag": YESTERDAY, "leg": "9"}),
        ("retrieveByCallRecordId", {"callRecordId": "1"}),
    ],
)
def test_no_audio(simulator, method, params):
    assert simulator.recording(method, **params).status_code == 404


def test_nothing_found(simulator):
    assert legs(simulator, tag="none") == []
    assert legs(simulator, uniqueId="1412750652.496") == []


def test_retrieve_without_a_call(simulator):
    assert simulator.recording("retrieve", leg="1").json()["Code"] < 0


def test_hour_list_and_its_limit(simulator):
    yesterday = datetime.now(ZoneInfo("Australia/Melbourne")) - timedelta(days=1)
    words = {"date": f"{yesterday:%Y/%m/%d}", "hour": str(yesterday.hour)}
    found = simulator.recording("retrieveMetaDataByHour", **words).json()
    assert len(found) == 10
    again = simulator.recording("retrieveMetaDataByHour", **words).json()
    assert again["Code"] < 0 and "minute" in again["Message"]


@pytest.mark.parametrize(
    "words",
    [
        {"date": "2026-01-02", "hour": "3"},
        {"date": "2026/01/02", "hour": "24"},
        {"date": "2026/01/02", "hour": "x"},
        {"date": "2026/01/02", "hour": " 3"},
        {"date": "2026/1/2", "hour": "3"},
        {"date": "2026/01/02"},
    ],
)
def test_hour_list_refuses(simulator, words):
    reply = simulator.recording("retrieveMetaDataByHour", **words).json()
    assert reply["Code"] < 0


def test_dial_with_recording(simulator):
    simulator.dial(record="true", tag="S9")
    simulator.follow("101", 0, "Connected")
    simulator.control("hangup", desk="101")
    found = legs(simulator, tag="S9")
    assert [leg["Direction"] for leg in found] == ["Outbound"] * 2
    assert {leg["Source"] for leg in found} == {"101"}


def test_tag_covers_the_legs_before(simulator):
    unique_id = record_a_call(simulator, tag="")
    simulator.call("tag", extenOrUniqueId=unique_id, tag="S8")
    simulator.control("hangup", desk="101")
    assert len(legs(simulator, tag="S8")) == 2


def test_an_older_system(start):
    older = start("--older")
    path = "servicemanager/rest/CallManagementAPI/retrieveMetaData"
    found = older.ask("POST", path, tag=YESTERDAY).json()
    assert OLDER.fullmatch(found[0]["Start"]) and found[0]["Direction"] == "2"
    assert "callend" not in found[0]
    current = older.recording("retrieveMetaData", tag=YESTERDAY)
    assert current.status_code == 404
    assert current.headers["Content-Type"].startswith("text/html")
    health = older.ask("GET", "servicemanager/rest/systemHealth/test").json()
    assert health["code"] == 0 and health["entities"] == []


def test_an_older_system_tells_only_of_monitored_dials(start):
    older = start("--older")
    older.call("dial", number="0412345678", extenOrUniqueId="SIP/101", autoAnswer="")
    assert not older.poll(seconds=0)["Data"]
    reply = older.call("checkState", extenOrUniqueId="101", timeOut=0)
    assert reply["State"]["101"]["Message"] == "Ringing Agent"
    older.dial(extenOrUniqueId="SIP/102")
    assert older.poll("102", seconds=0)["Data"]


@pytest.mark.parametrize(("flags", "spelling"), [
    (("--wire-times", "older"), OLDER), (("--older", "--wire-times", "newer"), NEWER),
])  # fmt: skip
def test_spelling_of_times_is_a_flag(start, flags, spelling):
    made = start(*flags)
    base = "njadmin/rest/RecordingAPI"
    if "--older" in flags:
        base = "servicemanager/rest/CallManagementAPI"
    [first, *_others] = made.ask(
        "POST", f"{base}/retrieveMetaData", tag=YESTERDAY
    ).json()
    assert spelling.fullmatch(first["Start"])


def test_audio_that_goes_wrong(simulator):
    def ask(**fault):
        simulator.clear_faults()
        simulator.faults({"method": "retrieve", **fault})
        return simulator.recording("retrieve", tag=YESTERDAY)

    assert ask(kind="http404").status_code == 404
    assert ask(kind="empty").content == b""
    for kind in ("cut", "huge"):
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            ask(kind=kind)
    simulator.clear_faults()
    assert simulator.recording("retrieve", tag=YESTERDAY).content[:4] == b"RIFF"


def test_leg_that_appears_late(simulator):
    simulator.faults({"kind": "unlisted", "times": 2, "count": 2})
    assert [len(legs(simulator, tag=YESTERDAY)) for _ in range(3)] == [1, 1, 3]
    assert simulator.struck == [2]
