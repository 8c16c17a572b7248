"""A whole row of each kind, as the document writes it, and the whole object of it."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from client import (
    ActiveRoster,
    CallEvent,
    CallRecord,
    CallStatus,
    Direction,
    Field,
    Health,
    NamedRow,
    NoojeeClient,
    RecordingLeg,
)

from .conftest import PLACE, http
from .secrecy import API_KEY

ZONE = ZoneInfo("Australia/Melbourne")
LEG = {
    "Source": "0370101235",
    "Destination": "101",
    "DID": "0390000000",
    "UniqueId": "1412750652.496",
    "CallRecordId": "8801",
    "Leg": "2",
    "Username": "anna",
    "Tag": "S00042",
    "Start": "Tue Sep 14 15:03:30 AEST 2021",
    "Duration": "95",
    "Direction": "Inbound",
    "callend": "Tue Sep 14 15:05:05 AEST 2021",
}
FIELD = {"id": 5, "name": "Born", "type": "date", "required": True, "phone": "false"}
RECORD = {
    "id": 9001,
    "name": "Priya Raman",
    "njExternalLeadId": "o-17",
    "disposition": "Sale",
    "agentLoginName": "anna",
    "uniqueId": "1412750652.496",
    "startTime": "2026-11-02 10:15:00",
    "duration": "95",
    "phoneNumber": "0370101235",
    "tag": "S00042",
}
HEALTH = {
    "ioWait": 0.1,
    "loadAverage": 0.2,
    "cpuPercent": 3.5,
    "cores": 4,
    "memoryAvailableMB": 5000,
    "memoryTotalMB": 6000,
    "freeDiskSpacePercent": 70.5,
    "threadPoolUsagePercent": 8,
    "schedulerPoolUsagePercent": 9,
    "steal": 1.5,
    "dbPoolSize": 50,
    "dbPoolUsage": 11,
    "lastBackupAttempt": "2026-11-02 02:00",
    "lastBackupSuccess": "2026/11/01 02:07",
    "backupStarting": "2026-11-03T02:01:02",
    "pingData": {"sip.trunk.example.com": 18, "10.0.0.7": "2.5", "10.0.0.8": "away"},
}
ROSTER = {
    "id": 201,
    "login": "anna",
    "extension": "101",
    "phoneNumber": "0390001101",
    "mobileNumber": "0491570156",
    "email": "anna@example.com",
    "statckPostion": "3",
}


def at(*moment):
    return datetime(*moment, tzinfo=ZONE)


def entities(row):
    return {"type": "it", "code": 0, "message": "OK", "entities": [row]}


@pytest.mark.parametrize(
    ("body", "row", "ask", "whole"),
    [
        (
            [LEG],
            LEG,
            lambda noojee: noojee.retrieve_metadata("S00042")[0],
            RecordingLeg(
                source="0370101235",
                destination="101",
                did="0390000000",
                unique_id="1412750652.496",
                call_record_id="8801",
                leg="2",
                username="anna",
                tag="S00042",
                start=at(2021, 9, 14, 15, 3, 30),
                call_end=at(2021, 9, 14, 15, 5, 5),
                duration=95,
                direction=Direction.INBOUND,
                direction_word="Inbound",
            ),
        ),
        (
            entities({"id": 7, "name": "Winter", "closed": False}),
            {"id": 7, "name": "Winter", "closed": False},
            lambda noojee: noojee.get_campaigns("1")[0],
            NamedRow(id="7", name="Winter"),
        ),
        (
            entities(FIELD),
            FIELD,
            lambda noojee: noojee.get_fields("1")[0],
            Field(id="5", name="Born", type="date", is_required=True, is_phone=False),
        ),
        (
            entities(RECORD),
            RECORD,
            lambda noojee: noojee.get_call_records(*PLACE)[0],
            CallRecord(
                id="9001",
                name="Priya Raman",
                external_lead_id="o-17",
                disposition="Sale",
                agent_login="anna",
                unique_id="1412750652.496",
                start=at(2026, 11, 2, 10, 15),
                duration=95,
                phone_number="0370101235",
                tag="S00042",
            ),
        ),
        (
            entities(HEALTH),
            HEALTH,
            lambda noojee: noojee.system_health(),
            Health(
                code=0,
                message="OK",
                io_wait=0.1,
                load_average=0.2,
                cpu_percent=3.5,
                cores=4,
                memory_available_mb=5000,
                memory_total_mb=6000,
                free_disk_space_percent=70.5,
                thread_pool_usage_percent=8,
                scheduler_pool_usage_percent=9,
                steal=1.5,
                db_pool_size=50,
                db_pool_usage=11,
                last_backup_attempt=at(2026, 11, 2, 2, 0),
                last_backup_success=at(2026, 11, 1, 2, 7),
                backup_starting=at(2026, 11, 3, 2, 1, 2),
                ping_ms={"sip.trunk.example.com": 18, "10.0.0.7": 2.5},
            ),
        ),
    ],
    ids=["leg", "campaign", "field", "call record", "health"],
)
def test_row(one_answer, body, row, ask, whole):
    with one_answer(http(json.dumps(body).encode())) as (url, _received):
        with NoojeeClient(url, API_KEY, time_zone=ZONE.key) as noojee:
            found = ask(noojee)
    assert found == whole
    # numbers with a point come as text: a call id would lose digits
    assert found.row == json.loads(json.dumps(row), parse_float=str)


def test_active_roster(one_answer):
    with one_answer(http(json.dumps(entities(ROSTER)).encode())) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            [found] = noojee.get_active_rosters("Sales")
    assert found == ActiveRoster(
        id="201",
        login="anna",
        extension="101",
        phone_number="0390001101",
        mobile_number="0491570156",
        email="anna@example.com",
        stack_position=3,
    )


def test_event(one_answer):
    data = {
        "canAnswer": True,
        "callerId": "400",
        "uniqueCallId": "1412750652.496",
        "secondaryUniqueCallId": "1412750652.497",
        "otherPartyCallerId": "0370101235",
        "connectedCallerIdNum": "0370101236",
        "outboundDestination": "0370101237",
        "callStartTime": "2014/10/08 17:44",
        "isQueueCall": True,
        "isClickToDialCall": False,
        "inbound": False,
        "status": "dialing out",
    }
    event = {"CallData": data, "CallID": 10, "Code": 3}
    body = {"Data": {"410": [event]}, "seq": 114, "Code": 0}
    with one_answer(http(json.dumps(body).encode())) as (url, _received):
        with NoojeeClient(url, API_KEY, time_zone=ZONE.key) as noojee:
            batch = noojee.subscribe("410", 0, 0)
    assert batch.sequence_number == 114
    assert batch.events == (
        CallEvent(
            extension="410",
            status=CallStatus.DIALING_OUT,
            status_word="dialing out",
            call_id="10",
            unique_call_id="1412750652.496",
            secondary_unique_call_id="1412750652.497",
            caller_id="400",
            other_party_caller_id="0370101235",
            connected_caller_id="0370101236",
            outbound_destination="0370101237",
            inbound=False,
            can_answer=True,
            is_queue_call=True,
            is_click_to_dial=False,
            call_start=at(2014, 10, 8, 17, 44),
            code=3,
        ),
    )


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("inbound", "inbound"),
        ("canAnswer", "can_answer"),
        ("isQueueCall", "is_queue_call"),
        ("isClickToDialCall", "is_click_to_dial"),
    ],
)
def test_each_flag_of_an_event_by_itself(name, flag):
    flags = ("inbound", "can_answer", "is_queue_call", "is_click_to_dial")
    event = CallEvent.from_wire("410", {"status": "Ringing", name: True}, ZONE.key)
    assert [other for other in flags if getattr(event, other)] == [flag]
