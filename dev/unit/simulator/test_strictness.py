"""Paths, verbs, keys and parameters (noojee-api.md sections 1 and 2)."""

from urllib.parse import quote

import pytest
import requests

SERVICE = "servicemanager/rest"
CALLS = f"{SERVICE}/CallManagementAPI"
CAMPAIGNS = f"{SERVICE}/CampaignAPI"
RECORDINGS = "njadmin/rest/RecordingAPI"
POSTS = [
    *(f"{CALLS}/{m}" for m in ("dial", "checkState", "hangup", "answer", "subscribe")),
    f"{CALLS}/tag",
    *(f"{RECORDINGS}/retrieve{m}" for m in ("", "MetaData", "MetaDataByUniqueId")),
    f"{RECORDINGS}/retrieveMetaDataByHour",
    f"{RECORDINGS}/retrieveByCallRecordId",
]
GETS = [
    *(f"{CAMPAIGNS}/getCampaign{m}" for m in ("TemplateList", "List")),
    *(f"{CAMPAIGNS}/get{m}List" for m in ("Allocation", "Disposition", "Field")),
    f"{CAMPAIGNS}/getCallRecordList",
    f"{SERVICE}/rosterApi/getActiveRosters",
    f"{SERVICE}/systemHealth/test",
]
LEADS = [
    f"{CAMPAIGNS}/{m}"
    for m in ("insertLeadFast", "updateLeadFast", "insertLead", "updateLead")
]


def is_html(reply):
    return reply.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    [
        f"{CALLS}/Dial",
        f"{SERVICE}/callManagementApi/dial",
        f"{CALLS}/dial/",
        f"{CALLS}/dial/more",
        f"{SERVICE}/RecordingAPI/retrieveMetaData",
        f"{CALLS}/retrieveMetaData",
        "njadmin/rest/CallManagementAPI/dial",
        "servicemanager/CallManagementAPI/dial",
    ],
)
def test_wrong_path(simulator, path):
    reply = simulator.ask("POST", path)
    assert reply.status_code == 404 and is_html(reply)


@pytest.mark.parametrize(
    ("verb", "path"),
    [("GET", path) for path in POSTS + LEADS] + [("POST", path) for path in GETS],
)
def test_wrong_verb(simulator, verb, path):
    reply = simulator.ask(verb, path)
    assert reply.status_code == 405 and is_html(reply)


@pytest.mark.parametrize("key", [None, "", "wrong"])
@pytest.mark.parametrize("path", POSTS + GETS + LEADS)
def test_refused_key(simulator, path, key):
    verb = "GET" if path in GETS else "POST"
    reply = simulator.ask(verb, path, key=key, json={} if path in LEADS else None)
    assert reply.status_code == 200
    if path.startswith((CALLS, RECORDINGS)):
        assert reply.json() == {"Message": "Invalid API key", "Code": -1}
    else:
        told = reply.json()
        assert told.pop("type")
        assert told == {"code": -1, "message": "Invalid API key", "entities": []}


@pytest.mark.parametrize(
    ("method", "params", "missing"),
    [
        ("dial", {"extenOrUniqueId": "SIP/101", "autoAnswer": "x"}, "number"),
        ("dial", {"number": "1", "autoAnswer": "x"}, "extenOrUniqueId"),
        ("dial", {"number": "1", "extenOrUniqueId": "SIP/101"}, "autoAnswer"),
        ("dial", {"number": "1", "exten": "SIP/101"}, "extenOrUniqueId"),
        ("hangup", {"uniqueId": "101"}, "extenOrUniqueId"),
        ("answer", {"exten": "SIP/101", "answerString": "x"}, "uniqueId"),
        ("answer", {"uniqueId": "1.1", "answerString": "x"}, "exten"),
        ("answer", {"uniqueId": "1.1", "exten": "SIP/101"}, "answerString"),
        ("tag", {"extenOrUniqueId": "101"}, "tag"),
        ("subscribe", {"lastSequenceNumber": "0"}, "exten"),
        ("subscribe", {"exten": "101"}, "lastSequenceNumber"),
        ("subscribe", {"exten": "101", "lastSequenceNumber": "x"}, "lastSequence"),
        ("checkState", {"extenOrUniqueId": "101", "timeOut": "soon"}, "timeOut"),
        ("checkState", {"extenOrUniqueId": "101", "timeOut": "nan"}, "timeOut"),
        ("checkState", {"extenOrUniqueId": "101", "timeOut": "-1"}, "timeOut"),
        ("subscribe", {"exten": "101", "lastSequenceNumber": "-5"}, "lastSequence"),
        ("subscribe", {"exten": " , ", "lastSequenceNumber": "0"}, "exten"),
        ("checkState", {"extenOrUniqueId": " , "}, "extenOrUniqueId"),
    ],
)
def test_missing_or_wrong_parameter(simulator, method, params, missing):
    reply = simulator.call(method, **params)
    assert reply["Code"] < -1 and missing in reply["Message"]


def test_missing_parameter_in_lower_case(simulator):
    reply = simulator.campaign("getCampaignList")
    assert reply["code"] < -1 and "fTemplateId" in reply["message"]
    assert reply["entities"] == []


def test_unknown_parameters_are_ignored_and_told(simulator):
    simulator.dial(Number="1", autoanswer="x")
    [entry] = simulator.requests("dial")
    assert entry["ignored"] == ["Number", "autoanswer"]
    assert entry["status"] == 200 and entry["code"] == 0


def test_parameters_count_only_in_the_query(simulator):
    reply = requests.post(
        f"{simulator.url}/{CALLS}/hangup",
        params={"apiKey": "k3y of/the tests"},
        data={"extenOrUniqueId": "101"},
        timeout=10,
    )
    assert "extenOrUniqueId" in reply.json()["Message"]


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        (f"{CALLS}/hangup", "application/json", 415),
        (f"{CAMPAIGNS}/insertLeadFast", "application/x-www-form-urlencoded", 415),
        (f"{CALLS}/hangup", "application/x-www-form-urlencoded; charset=UTF-8", 200),
        (f"{CALLS}/hangup", None, 200),
    ],
)
def test_content_type(simulator, path, content_type, status):
    headers = {"Content-Type": content_type} if content_type else {}
    reply = requests.post(f"{simulator.url}/{path}", headers=headers, timeout=10)
    assert reply.status_code == status


def test_one_connection_takes_many_requests(simulator):
    with requests.Session() as session:
        for path in (f"{CALLS}/nothing", f"{CALLS}/hangup", f"{CALLS}/hangup"):
            url = f"{simulator.url}/{path}"
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            reply = session.post(url, data=b"left=over", headers=headers, timeout=10)
            assert reply.status_code in (200, 404)
        pools = session.get_adapter(simulator.url).poolmanager.pools
        [address] = pools.keys()
        assert pools[address].num_connections == 1


def test_the_key_is_in_no_log(start):
    made = start()
    key = "k3y of/the tests"
    made.dial()
    made.ask("POST", f"{CALLS}/dial", key=None, apikey=key, number=key)
    made.ask("POST", f"{CALLS}/nothing")
    # in places where it has no business
    made.ask("POST", f"{CALLS}/hangup", **{f"x{key}": "1"})
    made.ask("POST", f"{CALLS}/{quote(key, safe='')}")
    made.lead("insertLeadFast", {"Phone": "03 7010 1235", key: f"of {key}"})
    entries = made.requests("dial") + made.requests("nothing")
    assert [entry["params"].get("apiKey") for entry in entries] == ["***", None, "***"]
    entries = made.requests()
    assert len(entries) == 6
    logged = made.stop()
    assert len(logged.splitlines()) == 6
    for text in (str(entries), logged):
        assert "***" in text and "k3y" not in text
