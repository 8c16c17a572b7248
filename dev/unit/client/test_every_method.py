"""Every method of the client: what is sent, and whether it is sent once more."""

import inspect
from contextlib import suppress
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from client import (
    CannotConnect,
    CannotConnectReason,
    Conventions,
    NoojeeClient,
    NoojeeError,
    RecordingBase,
)

from .conftest import PLACE, http
from .secrecy import API_KEY, caught_from

CALLS = "/servicemanager/rest/CallManagementAPI"
RECORDINGS = "/njadmin/rest/RecordingAPI"
CAMPAIGNS = "/servicemanager/rest/CampaignAPI"
TEMPLATE = {"fTemplateId": "1"}
LEAD_PLACE = {"fTemplateId": "1", "fCampaignId": "11", "fAllocationId": "111"}
LEAD = {"Phone": "03 7010 9911", "njExternalLeadId": "o-1"}
WITHOUT_KEY = {"Phone": "03 7010 9911"}
# (method, arguments, keywords, verb, path, parameters, body)
CASES = [
    (
        *("dial", ("0370101235", "101", "Ring Answer")),
        {
            "technology": "PJSIP",
            "caller_id": "0390000000",
            "phone_caption": "Priya",
            "record": True,
            "tag": "S1",
        },
        *("POST", f"{CALLS}/dial"),
        {
            "number": "0370101235",
            "extenOrUniqueId": "PJSIP/101",
            "autoAnswer": "Ring Answer",
            "callerId": "0390000000",
            "phoneCaption": "Priya",
            "monitored": "yes",
            "record": "true",
            "tag": "S1",
        },
        None,
    ),
    (
        *("check_state", (["101", "102"], 0), {}, "POST", f"{CALLS}/checkState"),
        {"extenOrUniqueId": "101,102", "timeOut": "0"},
        None,
    ),
    (
        *("hangup", ("1.2",), {}, "POST", f"{CALLS}/hangup"),
        {"extenOrUniqueId": "1.2"},
        None,
    ),
    (
        *("answer", ("1.2", "101", "Ring Answer"), {"technology": "PJSIP"}),
        *("POST", f"{CALLS}/answer"),
        {"uniqueId": "1.2", "exten": "PJSIP/101", "answerString": "Ring Answer"},
        None,
    ),
    (
        *("start_recording", ("1.2",), {"tag": "S1", "agent_login": "anna"}),
        *("POST", f"{CALLS}/start"),
        {"extenOrUniqueId": "1.2", "tag": "S1", "agentLoginName": "anna"},
        None,
    ),
    (
        *("stop_recording", ("1.2",), {"agent_login": "anna"}),
        *("POST", f"{CALLS}/stop"),
        {"extenOrUniqueId": "1.2", "agentLoginName": "anna"},
        None,
    ),
    (
        *("tag_recording", ("1.2", "S1"), {"agent_login": "anna"}),
        *("POST", f"{CALLS}/tag"),
        {"extenOrUniqueId": "1.2", "tag": "S1", "agentLoginName": "anna"},
        None,
    ),
    (
        *("subscribe", (["101", "102"], 7, 0), {"debug": "a test"}),
        *("POST", f"{CALLS}/subscribe"),
        {
            "exten": "101,102",
            "lastSequenceNumber": "7",
            "timeOut": "0",
            "xDebugArg": "a test",
        },
        None,
    ),
    (
        *("retrieve_metadata", ("S1",), {}, "POST", f"{RECORDINGS}/retrieveMetaData"),
        {"tag": "S1"},
        None,
    ),
    (
        *("retrieve_metadata_by_unique_id", ("1.2",), {}),
        *("POST", f"{RECORDINGS}/retrieveMetaDataByUniqueId"),
        {"uniqueId": "1.2"},
        None,
    ),
    (
        *("retrieve_metadata_by_hour", (date(2026, 1, 2), 8), {}),
        *("POST", f"{RECORDINGS}/retrieveMetaDataByHour"),
        {"date": "2026/01/02", "hour": "8"},
        None,
    ),
    (
        *("retrieve", (), {"tag": "S1", "leg": "2"}),
        *("POST", f"{RECORDINGS}/retrieve"),
        {"tag": "S1", "leg": "2"},
        None,
    ),
    (
        *("retrieve", (), {"unique_id": "1.2"}),
        *("POST", f"{RECORDINGS}/retrieve"),
        {"uniqueId": "1.2"},
        None,
    ),
    (
        *("retrieve_by_call_record_id", ("5",), {"leg": "2"}),
        *("POST", f"{RECORDINGS}/retrieveByCallRecordId"),
        {"callRecordId": "5", "leg": "2"},
        None,
    ),
    (
        *("find_recording_base", (), {}, "POST", f"{RECORDINGS}/retrieveMetaData"),
        {"tag": "noojee-connection-test"},
        None,
    ),
    (
        *("get_campaign_templates", (), {}),
        *("GET", f"{CAMPAIGNS}/getCampaignTemplateList", {}, None),
    ),
    (
        *("get_campaigns", ("1",), {}),
        *("GET", f"{CAMPAIGNS}/getCampaignList", TEMPLATE, None),
    ),
    (
        *("get_allocations", ("11",), {}, "GET", f"{CAMPAIGNS}/getAllocationList"),
        {"fCampaignId": "11"},
        None,
    ),
    (
        *("get_dispositions", ("1",), {}),
        *("GET", f"{CAMPAIGNS}/getDispositionList", TEMPLATE, None),
    ),
    (
        *("get_fields", ("1",), {}),
        *("GET", f"{CAMPAIGNS}/getFieldList", TEMPLATE, None),
    ),
    (
        *("get_call_records", PLACE, {}, "GET", f"{CAMPAIGNS}/getCallRecordList"),
        {"fTemplateId": "1", "campaignId": "11", "allocationId": "111"},
        None,
    ),
    (
        *("insert_lead", (*PLACE, LEAD), {"allow_duplicates": True}),
        *("POST", f"{CAMPAIGNS}/insertLeadFast"),
        LEAD_PLACE | {"allowDuplicates": "true"},
        LEAD,
    ),
    (
        *("insert_lead", (*PLACE, LEAD), {"old": True}),
        *("POST", f"{CAMPAIGNS}/insertLead", LEAD_PLACE, [LEAD]),
    ),
    (
        *("update_lead", (*PLACE, LEAD), {}),
        *("POST", f"{CAMPAIGNS}/updateLeadFast", LEAD_PLACE, LEAD),
    ),
    (
        *("update_lead", (*PLACE, LEAD), {"allow_duplicates": True, "old": True}),
        *("POST", f"{CAMPAIGNS}/updateLead"),
        LEAD_PLACE | {"allowDuplicates": "true", "njExternalLeadId": "o-1"},
        [WITHOUT_KEY],
    ),
    (
        *("system_health", (), {}),
        *("GET", "/servicemanager/rest/systemHealth/test", {}, None),
    ),
    (
        *("get_active_rosters", ("Sales",), {}),
        *("GET", "/servicemanager/rest/rosterApi/getActiveRosters"),
        {"teamName": "Sales"},
        None,
    ),
]
IDS = [f"{case[4].rpartition('/')[2]}-{number}" for number, case in enumerate(CASES)]
# what is asked twice does no harm; a long poll is begun anew by whoever listens, and
# the hour list may be asked once a minute
REPEATED = {
    "check_state",
    "find_recording_base",
    "get_active_rosters",
    "get_allocations",
    "get_call_records",
    "get_campaign_templates",
    "get_campaigns",
    "get_dispositions",
    "get_fields",
    "retrieve_metadata",
    "retrieve_metadata_by_unique_id",
    "system_health",
}


def every(*names):
    """Parametrize with some columns of the cases."""
    columns = ("method", "arguments", "keywords", "verb", "path", "params", "body")
    rows = [dict(zip(columns, case, strict=True)) for case in CASES]
    values = [tuple(row[name] for name in names) for row in rows]
    return pytest.mark.parametrize(names, values, ids=IDS)


def test_no_method_is_forgotten():
    methods = inspect.getmembers(NoojeeClient, inspect.isfunction)
    public = {name for name, _method in methods if not name.startswith("_")}
    assert public - {"close"} == {case[0] for case in CASES}


@every("method", "arguments", "keywords", "verb", "path", "params")
def test_address(one_answer, method, arguments, keywords, verb, path, params):
    with one_answer(http(b'{"Code": 0, "entities": []}')) as (url, received):
        with NoojeeClient(url, API_KEY) as noojee, suppress(NoojeeError):
            getattr(noojee, method)(*arguments, **keywords)
    [request] = received
    sent_verb, address, _version = request.split(b"\r\n")[0].decode().split(" ")
    address = urlsplit(address)
    assert (sent_verb, address.path) == (verb, path)
    sent = parse_qsl(address.query, keep_blank_values=True, strict_parsing=True)
    assert sorted(sent) == sorted({**params, "apiKey": API_KEY}.items())


@every("method", "arguments", "keywords", "verb", "params", "body")
def test_pbx_knows_all(
    noojee, simulator, method, arguments, keywords, verb, params, body
):
    # the calls and legs are not there
    with suppress(NoojeeError):
        getattr(noojee, method)(*arguments, **keywords)
    [sent] = simulator.requests()
    assert sent["verb"] == verb
    assert sent["params"] == {**params, "apiKey": "***"}
    assert sent["body"] == body
    assert sent["ignored"] == []
    assert sent["status"] in (200, 400, 404)
    # a parameter that is missing or cannot be read
    assert sent["code"] != -2


def test_older_system_has_its_recordings_elsewhere(one_answer):
    older = Conventions(recording_base=RecordingBase.OLDER)
    with one_answer(http(b"[]")) as (url, received):
        with NoojeeClient(url, API_KEY, conventions=older) as noojee:
            noojee.retrieve_metadata("S1")
    assert received[0].startswith(f"POST {CALLS}/retrieveMetaData?".encode())


@every("method", "arguments", "keywords")
def test_connection_that_breaks_off_once(
    noojee, simulator, method, arguments, keywords
):
    simulator.faults({"kind": "drop", "times": 1})

    def ask():
        getattr(noojee, method)(*arguments, **keywords)

    if method in REPEATED:
        with suppress(NoojeeError):
            ask()
        first, second = simulator.requests()
        assert first["status"] is None
        assert second["status"] == 200
    else:
        error = caught_from(ask, CannotConnect)
        assert error.reason is CannotConnectReason.BROKEN
        assert error.maybe_done
        assert len(simulator.requests()) == 1


def test_connection_that_breaks_off_twice(noojee, simulator):
    simulator.faults({"kind": "drop"})
    error = caught_from(noojee.system_health, CannotConnect)
    assert error.reason is CannotConnectReason.BROKEN
    assert len(simulator.requests()) == 2
