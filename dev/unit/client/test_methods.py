"""Each method against the simulator: what is sent, and what is read."""

import time
from datetime import UTC, date, datetime

import pytest

from client import (
    NO_CHANGE,
    ApiError,
    CallStatus,
    Conventions,
    Direction,
    HttpError,
    KeyRefused,
    LeadRefusal,
    LeadRefused,
    LineState,
    NoojeeClient,
    RecordingBase,
)

from .conftest import PLACE, http
from .secrecy import API_KEY

PATIENCE = 20
YEALINK = r"Call-Info:\; answer-after=0"


def dial_and_connect(noojee, desk="101"):
    """:return: the unique id of a connected call"""
    noojee.dial("0370101235", desk, YEALINK)
    batch = noojee.subscribe([desk], 0, 0)
    end = time.monotonic() + PATIENCE
    while CallStatus.CONNECTED not in [event.status for event in batch.events]:
        assert time.monotonic() < end, "nobody was connected"
        time.sleep(0.1)
        batch = noojee.subscribe([desk], batch.sequence_number, 2)
    return batch.events[-1].unique_call_id


def wait_for_leg(noojee, tag):
    end = time.monotonic() + PATIENCE
    while not (legs := noojee.retrieve_metadata(tag)):
        assert time.monotonic() < end, f"no leg has the tag {tag}"
        time.sleep(0.05)
    return legs


def test_dial(noojee, simulator):
    result = noojee.dial(
        "0370101235",
        "101",
        YEALINK,
        technology="PJSIP",
        caller_id="03 9000 0000",
        phone_caption="Priya & Söhne",
        record=True,
        tag="S00042",
    )
    assert result.code == 0
    assert result.session_id.isdigit()
    sent = simulator.requests("dial")[-1]
    assert sent["verb"] == "POST"
    assert sent["params"] == {
        "apiKey": "***",
        "number": "0370101235",
        "extenOrUniqueId": "PJSIP/101",
        "autoAnswer": YEALINK,
        "callerId": "03 9000 0000",
        "phoneCaption": "Priya & Söhne",
        "monitored": "yes",
        "record": "true",
        "tag": "S00042",
    }
    assert not sent["ignored"]


def test_dial_leaves_out_what_is_not_wanted(noojee, simulator):
    noojee.dial("0370101235", "101", YEALINK, tag="only with record")
    sent = simulator.requests("dial")[-1]["params"]
    assert not {"callerId", "phoneCaption", "record", "tag"} & set(sent)
    assert sent["extenOrUniqueId"] == "SIP/101"


def test_empty_is_left_out_where_it_is_optional(noojee, simulator):
    noojee.dial(
        "0370101235", "101", "", caller_id="", phone_caption="", record=True, tag=""
    )
    noojee.start_recording("101", tag="", agent_login="")
    noojee.stop_recording("101", agent_login="")
    noojee.subscribe(["101"], 0, 0, debug="")
    sent = simulator.requests("dial")[-1]["params"]
    assert sent["autoAnswer"] == ""
    assert not {"callerId", "phoneCaption", "tag"} & set(sent)
    for method in ("start", "stop"):
        sent = simulator.requests(method)[-1]["params"]
        assert set(sent) == {"apiKey", "extenOrUniqueId"}
    assert "xDebugArg" not in simulator.requests("subscribe")[-1]["params"]


def test_check_state(noojee, simulator):
    unique_id = dial_and_connect(noojee)
    states = noojee.check_state(["101", "102"], 0)
    assert states["101"].message == "On Call"
    assert states["101"].unique_call_id == unique_id
    assert states["102"].message == ""
    sent = simulator.requests("checkState")[-1]["params"]
    assert (sent["extenOrUniqueId"], sent["timeOut"]) == ("101,102", "0")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("", LineState.IDLE),
        ("RINGING AGENT", LineState.RINGING_AGENT),
        ("ringing client", LineState.RINGING_CLIENT),
        ("OnCall", LineState.ON_CALL),
        ("On hold", LineState.ON_HOLD),
        ("Hung up", LineState.HUNG_UP),
        ("Parked", LineState.UNKNOWN),
    ],
)
def test_words_of_a_line_in_any_case(one_answer, words, state):
    body = b'{"State": {"101": {"Message": "%s", "Code": 0}}, "Code": 0}'
    with one_answer(http(body % words.encode())) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            assert noojee.check_state(["101"], 0)["101"].line_state is state


def test_hangup(noojee):
    unique_id = dial_and_connect(noojee)
    assert noojee.hangup(unique_id).message == "Channel Hungup"
    with pytest.raises(ApiError):
        noojee.hangup(unique_id)


def test_answer(noojee, simulator):
    simulator.control("ring", desks=["101"], caller="0370101235")
    [event] = noojee.subscribe(["101"], 0, 0).events
    assert (event.status, event.inbound, event.can_answer) == (
        CallStatus.RINGING,
        True,
        True,
    )
    noojee.answer(event.unique_call_id, "101", YEALINK)
    sent = simulator.requests("answer")[-1]["params"]
    assert sent["exten"] == "SIP/101"
    assert noojee.check_state(["101"], 0)["101"].message == "On Call"


def test_subscribe_returns_at_the_first_event(noojee, simulator):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    simulator.control("ring", desks=["101"], caller="+61 3 7010 1235")
    batch = noojee.subscribe(["101", "102"], number, 30, debug="a test")
    [event] = batch.events
    assert (event.extension, event.caller_id) == ("101", "+61 3 7010 1235")
    assert batch.sequence_number > number
    sent = simulator.requests("subscribe")[-1]["params"]
    assert sent["exten"] == "101,102"
    assert sent["lastSequenceNumber"] == str(number)
    assert sent["xDebugArg"] == "a test"


def test_subscribe_without_news(noojee):
    number = noojee.subscribe(["101"], 0, 0).sequence_number
    time.sleep(0.1)
    batch = noojee.subscribe(["101"], number, 0)
    assert (batch.events, batch.sequence_number) == ((), number)


def test_extension_that_is_refused_among_others(one_answer, caplog):
    refused = b'{"Code": -3, "Message": "Unknown extension 999"}'
    event = b'{"CallData": {"status": "Ringing", "uniqueCallId": 1412750652.490}}'
    data = b'{"Code": 0, "seq": 7, "Data": {"999": [%s], "101": [%s]}}'
    with one_answer(http(data % (refused, event))) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            batches = [noojee.subscribe(["999", "101"], 0, 0) for _turn in range(2)]
    [event] = batches[0].events
    # a number without quotes keeps its digits
    assert (event.extension, event.unique_call_id) == ("101", "1412750652.490")
    told = [record for record in caplog.records if record.levelname == "WARNING"]
    assert [record.getMessage() for record in told] == [
        "Extension 999: no event but Unknown extension 999 (code -3)"
    ]


def test_recording_from_start_to_audio(noojee, simulator):
    unique_id = dial_and_connect(noojee)
    noojee.start_recording(unique_id, tag="S 1/2", agent_login="anna")
    sent = simulator.requests("start")[-1]["params"]
    assert (sent["tag"], sent["agentLoginName"]) == ("S 1/2", "anna")
    noojee.tag_recording(unique_id, "S00043", agent_login="anna")
    time.sleep(0.5)
    noojee.stop_recording(unique_id, agent_login="anna")
    [leg] = wait_for_leg(noojee, "S00043")
    assert leg.username == "anna"
    assert leg.direction is Direction.OUTBOUND
    assert leg.start.utcoffset() is not None
    assert noojee.retrieve_metadata_by_unique_id(leg.unique_id) == (leg,)
    by_tag = noojee.retrieve(tag="S00043", leg=leg.leg)
    assert by_tag.media_type == "audio/wav"
    by_id = noojee.retrieve(unique_id=leg.unique_id, leg=leg.leg)
    by_record = noojee.retrieve_by_call_record_id(leg.call_record_id, leg=leg.leg)
    assert by_tag == by_id == by_record


def test_no_legs(noojee):
    assert noojee.retrieve_metadata("nothing has this tag") == ()


def test_audio_of_a_leg_that_is_not_there(noojee):
    with pytest.raises(HttpError) as caught:
        noojee.retrieve(tag="nothing has this tag", leg="1")
    assert caught.value.status == 404


def test_retrieve_wants_one_name(noojee):
    with pytest.raises(ValueError):
        noojee.retrieve(tag="S1", unique_id="1.1")


def test_hour_list(noojee, simulator):
    day = datetime.now(UTC).date()
    noojee.retrieve_metadata_by_hour(day, 7)
    sent = simulator.requests("retrieveMetaDataByHour")[-1]["params"]
    assert sent["date"] == f"{day:%Y/%m/%d}"
    with pytest.raises(ApiError):
        noojee.retrieve_metadata_by_hour(date(2026, 1, 2), 8)


def test_one_name_is_no_list_of_letters(noojee, simulator):
    noojee.subscribe("101", 0, 0)
    assert simulator.requests("subscribe")[-1]["params"]["exten"] == "101"


def test_retrieve_by_names_that_are_the_same(simulator):
    names = Conventions(retrieve_tag="id", retrieve_unique_id="id")
    with NoojeeClient(simulator.url, API_KEY, conventions=names) as noojee:
        with pytest.raises(ApiError):
            noojee.retrieve(tag="S1")
    assert simulator.requests("retrieve")[-1]["params"]["id"] == "S1"


def test_tag_by_names_that_are_set(simulator):
    names = Conventions(tag_tag="reference", tag_agent="login")
    with NoojeeClient(simulator.url, API_KEY, conventions=names) as noojee:
        with pytest.raises(ApiError):
            noojee.tag_recording("101", "S1", agent_login="anna")
    sent = simulator.requests("tag")[-1]["params"]
    assert (sent["reference"], sent["login"]) == ("S1", "anna")


def test_recording_base_is_found(noojee, older_simulator):
    assert noojee.find_recording_base() is RecordingBase.CURRENT
    with NoojeeClient(older_simulator.url, API_KEY) as older:
        assert older.find_recording_base() is RecordingBase.OLDER
        assert older.system_health() is None
        conventions = Conventions(recording_base=RecordingBase.OLDER)
    with NoojeeClient(older_simulator.url, API_KEY, conventions=conventions) as older:
        assert older.retrieve_metadata("nothing has this tag") == ()


REFUSED = http(b"<html>", "403 Forbidden")
MISSING = http(b"<html>", "404 Not Found")


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ([REFUSED, http(b"[]")], RecordingBase.OLDER),
        ([MISSING, http(b"[]")], RecordingBase.OLDER),
        ([REFUSED, MISSING], KeyRefused),
        ([MISSING, http(b'{"Code": -1, "Message": "Bad key"}')], KeyRefused),
        # it knows the method
        ([MISSING, http(b'{"Code": -1, "Message": "No"}')], RecordingBase.OLDER),
        ([http(b'{"Code": -2}')], RecordingBase.CURRENT),
        ([MISSING, REFUSED], KeyRefused),
        ([MISSING, MISSING], HttpError),
    ],
)
def test_recording_base_of_other_servers(answers_by_turns, answers, outcome):
    url = answers_by_turns(*answers)
    with NoojeeClient(url, API_KEY) as noojee:
        if isinstance(outcome, RecordingBase):
            assert noojee.find_recording_base() is outcome
        else:
            with pytest.raises(outcome):
                noojee.find_recording_base()


def test_recording_base_that_is_set_is_asked_first(answers_by_turns):
    older = Conventions(recording_base=RecordingBase.OLDER)
    for answers, found in [
        ([http(b"[]")], RecordingBase.OLDER),
        ([MISSING, http(b"[]")], RecordingBase.CURRENT),
    ]:
        url = answers_by_turns(*answers)
        with NoojeeClient(url, API_KEY, conventions=older) as noojee:
            assert noojee.find_recording_base() is found


def test_what_the_first_recording_base_said_is_told(answers_by_turns):
    url = answers_by_turns(http(b"<html>", "500 Error"), MISSING)
    with NoojeeClient(url, API_KEY) as noojee, pytest.raises(HttpError) as caught:
        noojee.find_recording_base()
    assert caught.value.status == 500


def test_campaign_lists(noojee):
    template = noojee.get_campaign_templates()[0]
    campaign = noojee.get_campaigns(template.id)[0]
    allocation = noojee.get_allocations(campaign.id)[0]
    assert template.name and campaign.name and allocation.name
    assert noojee.get_dispositions(template.id)
    assert any(field.is_phone for field in noojee.get_fields(template.id))
    records = noojee.get_call_records(template.id, campaign.id, allocation.id)
    assert all(record.id for record in records)


def lead(**more):
    return {"Name": "Priya", "Phone": "03 7010 9911", "njExternalLeadId": "o-1"} | more


def test_lead_is_inserted_and_updated(noojee):
    assert noojee.insert_lead(*PLACE, lead()).code == 0
    disposition = noojee.get_dispositions(PLACE[0])[0].name
    noojee.update_lead(*PLACE, lead(njDisposition=disposition))
    noojee.update_lead(*PLACE, lead(njDisposition=NO_CHANGE), old=True)


def test_what_the_lead_methods_are_sent(noojee, simulator):
    noojee.insert_lead(*PLACE, lead())
    noojee.insert_lead(*PLACE, {"Phone": "1"}, allow_duplicates=True, old=True)
    fields = lead(njDisposition="Sale")
    noojee.update_lead(*PLACE, fields, allow_duplicates=True)
    noojee.update_lead(*PLACE, fields, old=True)
    place = {"fTemplateId": "1", "fCampaignId": "11", "fAllocationId": "111"}
    place["apiKey"] = "***"
    duplicates = {"allowDuplicates": "true"}
    key = {"njExternalLeadId": "o-1"}
    without_key = {"Name": "Priya", "Phone": "03 7010 9911", "njDisposition": "Sale"}
    for method, params, body in (
        ("insertLeadFast", place, lead()),
        ("insertLead", place | duplicates, [{"Phone": "1"}]),
        ("updateLeadFast", place | duplicates, fields),
        ("updateLead", place | key, [without_key]),
    ):
        [sent] = simulator.requests(method)
        assert (sent["verb"], sent["params"], sent["body"]) == ("POST", params, body)
        assert not sent["ignored"]


@pytest.mark.parametrize(
    ("code", "status", "maybe_done"),
    [(105, 400, False), (103, 500, True), (109, 400, True)],
)
def test_lead_that_may_have_been_saved(one_answer, code, status, maybe_done):
    answer = http(b'{"code": %d}' % code, f"{status} No")
    with one_answer(answer) as (url, _received):
        with NoojeeClient(url, API_KEY) as noojee:
            with pytest.raises(LeadRefused) as caught:
                noojee.insert_lead(*PLACE, lead())
    assert caught.value.maybe_done is maybe_done


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (lead(Phone=""), LeadRefusal.NO_PHONE_FIELDS),
        (lead(Name=NO_CHANGE), LeadRefusal.IMPORT_BUT_NOCHANGE_SPECIFIED),
    ],
)
def test_lead_refused(noojee, fields, reason):
    with pytest.raises(LeadRefused) as caught:
        noojee.insert_lead(*PLACE, fields)
    assert caught.value.reason is reason
    assert not caught.value.may_retry


def test_lead_that_is_there_already(noojee):
    noojee.insert_lead(*PLACE, lead(), old=True)
    with pytest.raises(LeadRefused) as caught:
        noojee.insert_lead(*PLACE, lead(Phone="03 7010 9912"))
    assert caught.value.reason is LeadRefusal.DUPLICATE
    assert caught.value.is_there
    noojee.insert_lead(*PLACE, lead(njExternalLeadId="o-2"), allow_duplicates=True)


def test_update_of_a_lead_that_is_not_there(noojee):
    with pytest.raises(LeadRefused) as caught:
        noojee.update_lead(*PLACE, lead(njDisposition="Sale"))
    assert caught.value.reason is LeadRefusal.COULDNT_FIND_THE_LEAD
    assert not caught.value.is_there


@pytest.mark.parametrize("written", ["<No Change>", "<NO CHANGE>", "<no change>"])
def test_marker_is_sent_in_one_spelling(noojee, simulator, written):
    noojee.insert_lead(*PLACE, lead(njDisposition="Sale"))
    noojee.update_lead(*PLACE, lead(Phone=written, njDisposition="Sale"))
    assert simulator.requests("updateLeadFast")[-1]["body"]["Phone"] == "<No Change>"


def test_import_by_hand_may_be_tried_again(noojee, simulator):
    simulator.control("importing", importing=True)
    with pytest.raises(LeadRefused) as caught:
        noojee.insert_lead(*PLACE, lead(), old=True)
    assert caught.value.reason is LeadRefusal.EXCEPTION
    assert caught.value.may_retry


def test_health(noojee):
    health = noojee.system_health()
    assert health.load_average > 0
    assert health.cores
    assert health.ping_ms
    assert health.last_backup_success


def test_active_rosters(noojee, simulator):
    rosters = noojee.get_active_rosters("Sales")
    assert [roster.extension for roster in rosters]
    assert rosters[0].stack_position is not None
    sent = simulator.requests("getActiveRosters")[-1]
    assert (sent["verb"], sent["params"]["teamName"]) == ("GET", "Sales")
