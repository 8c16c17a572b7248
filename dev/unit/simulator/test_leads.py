"""Leads: every code of the table in noojee-api.md section 7."""

import threading
import time

import pytest
import requests

from simulator.leads import Leads
from simulator.replies import LeadRefusal

from .conftest import API_KEY

RESOURCE = "servicemanager/rest/CampaignAPI"
PLACE = {"fTemplateId": "1", "fCampaignId": "11", "fAllocationId": "111"}
LEAD = {"Name": "Priya Raman", "Phone": "03 7010 1235", "njExternalLeadId": "odoo-1"}
MESSAGES = {
    101: "COULDNT_FIND_THE_LEAD",
    102: "NO_PHONE_FIELDS",
    103: "EXCEPTION",
    104: "DNC",
    105: "DUPLICATE",
    106: "INVALID_DISPOSTION",
    107: "DISPOSTION_ISNT_SET_AND_NOCHANGE_SPECIFIED",
    108: "IMPORT_BUT_NOCHANGE_SPECIFIED",
}


def check(reply, code):
    """A reply's code, with its message and HTTP status."""
    told = reply.json()
    assert told["code"] == code, told
    assert told["message"] == MESSAGES.get(code, "OK")
    assert reply.status_code == {0: 200, 103: 500}.get(code, 400)


def insert(simulator, body=LEAD, **params):
    return simulator.lead("insertLeadFast", body, **params)


def update(simulator, **fields):
    body = {"njExternalLeadId": "odoo-1", "Phone": "<No Change>", **fields}
    return simulator.lead("updateLeadFast", body)


def test_insert_then_update(simulator):
    check(insert(simulator), 0)
    check(update(simulator, njDisposition="Call back"), 0)
    records = simulator.campaign(
        "getCallRecordList", fTemplateId="1", campaignId="11", allocationId="111"
    )
    [row] = [r for r in records["entities"] if r.get("njExternalLeadId") == "odoo-1"]
    assert row["disposition"] == "Call back" and row["name"] == "Priya Raman"


@pytest.mark.parametrize("written", ["0370101235", "+61 3 7010 1235"])
def test_the_same_number_is_a_duplicate(simulator, written):
    insert(simulator)
    other = {"Mobile": written, "njExternalLeadId": "odoo-2"}
    check(insert(simulator, other), 105)
    check(insert(simulator, other, allowDuplicates="true"), 0)


def test_the_same_number_in_another_campaign_is_none(simulator):
    insert(simulator)
    other = {**LEAD, "njExternalLeadId": "odoo-2"}
    check(insert(simulator, other, fCampaignId="12", fAllocationId="121"), 0)


def test_the_same_key_is_a_duplicate_whatever_is_allowed(simulator):
    insert(simulator)
    other = {**LEAD, "Phone": "0370101299"}
    check(insert(simulator, other, allowDuplicates="true"), 105)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Phone": ""}, 102),
        ({"Phone": "0491 570 110"}, 104),
        ({"Phone": "+61 491 570 110"}, 104),
        ({"Name": "<NO CHANGE>"}, 108),
        ({"njPriority": "<No Change>"}, 108),
        ({"njCallBackDate": "<No Change>"}, 108),
    ],
)
def test_refused_inserts(simulator, fields, code):
    check(insert(simulator, {**LEAD, **fields}), code)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"njExternalLeadId": "odoo-9", "njDisposition": "Sale"}, 101),
        ({"njDisposition": "Sale", "Phone": ""}, 102),
        ({"njDisposition": "Sale", "Phone": "", "Mobile": "<No Change>"}, 102),
        ({"njDisposition": "Sale", "Mobile": "0491570110"}, 104),
        ({"njDisposition": "sold it"}, 106),
        ({}, 106),
        ({"njDisposition": "<No Change>"}, 107),
        ({"njDisposition": "<NO CHANGE>"}, 107),
    ],
)
def test_refused_updates(simulator, fields, code):
    insert(simulator)
    check(update(simulator, **fields), code)


def test_no_change_keeps_disposition_and_number(simulator):
    insert(simulator)
    check(update(simulator, njDisposition="Sale"), 0)
    check(update(simulator, njDisposition="<no change>"), 0)
    check(insert(simulator, {**LEAD, "njExternalLeadId": "odoo-2"}), 105)


def test_no_change_keeps_system_fields(simulator):
    insert(simulator)
    kept = dict.fromkeys(
        ("njPriority", "njCallBackDate", "njContactHours"), "<No Change>"
    )
    check(update(simulator, njDisposition="Sale", **kept), 0)


def test_an_update_to_a_number_of_another_lead(simulator):
    insert(simulator)
    insert(simulator, {"Phone": "0370101236", "njExternalLeadId": "odoo-2"})
    body = {**LEAD, "Phone": "0370101236", "njDisposition": "Sale"}
    check(simulator.lead("updateLeadFast", body), 105)
    check(simulator.lead("updateLeadFast", body, allowDuplicates="true"), 0)
    # it has this number already
    check(simulator.lead("updateLeadFast", body), 0)


def test_the_key_of_an_update_may_stand_in_the_url(simulator):
    insert(simulator)
    body = {"Phone": "<No Change>", "njDisposition": "Sale"}
    for method, sent in (("updateLeadFast", body), ("updateLead", [body])):
        check(simulator.lead(method, sent, njExternalLeadId="odoo-1"), 0)
    assert simulator.lead("updateLeadFast", body).json()["code"] < 0


def test_the_old_methods_take_a_list_and_stop_during_an_import(simulator):
    assert simulator.lead("insertLead", LEAD).json()["code"] < 0
    assert simulator.lead("insertLead", [LEAD, LEAD]).json()["code"] < 0
    simulator.control("importing", importing=True)
    check(simulator.lead("insertLead", [LEAD]), 103)
    check(insert(simulator), 0)
    simulator.control("importing", importing=False)
    other = {"Phone": "0370101236"}
    check(simulator.lead("insertLead", [other]), 0)


@pytest.mark.parametrize(
    "body",
    [
        {**LEAD, "njPriority": "101"},
        {**LEAD, "njPriority": 10},
        {**LEAD, "njPriority": "\N{ARABIC-INDIC DIGIT FIVE}"},
        {**LEAD, "njCallBackDate": "2026-03-02 10:00"},
        {**LEAD, "njCallBackDate": "2026/3/2 1:5"},
        [LEAD],
        "text",
    ],
)
def test_malformed_leads(simulator, body):
    assert insert(simulator, body).json()["code"] < 0


def test_json_that_goes_too_deep(simulator):
    reply = requests.post(
        f"{simulator.url}/servicemanager/rest/CampaignAPI/insertLeadFast",
        params={"apiKey": API_KEY, **PLACE},
        data="[" * 100_000,
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert reply.json()["code"] < 0


def test_duplicates_may_be_named_on_update(simulator):
    insert(simulator)
    body = {**LEAD, "njDisposition": "Sale"}
    check(simulator.lead("updateLeadFast", body, allowDuplicates="true"), 0)
    [entry] = simulator.requests("updateLeadFast")
    assert entry["ignored"] == []


def test_system_fields_and_unknown_ones(simulator):
    fields = {"njPriority": "0", "njCallBackDate": "2026/03/02 10:00", "Colour": "red"}
    check(insert(simulator, {**LEAD, **fields}), 0)
    [entry] = simulator.requests("insertLeadFast")
    assert entry["ignored"] == ["Colour"] and entry["body"]["Colour"] == "red"


def test_a_field_that_is_gone_is_ignored_a_phone_field_too(simulator):
    simulator.control("campaigns", gone={"fields": ["2", "5"]})
    check(insert(simulator, {**LEAD, "Mobile": "0491570156", "Note": "roof"}), 0)
    [entry] = simulator.requests("insertLeadFast")
    assert entry["ignored"] == ["Note", "Phone"]
    check(insert(simulator, {**LEAD, "njExternalLeadId": "odoo-2"}), 102)


def test_older_systems_have_the_old_methods_alone(start):
    older = start("--older")
    assert older.ask("POST", f"{RESOURCE}/insertLeadFast", json=LEAD).status_code == 404
    check(older.lead("insertLead", [LEAD]), 0)
    body = {"Phone": "<No Change>", "njDisposition": "Sale"}
    check(older.lead("updateLead", [body], njExternalLeadId="odoo-1"), 0)


def test_the_place_must_be_right(simulator):
    for place in ({"fTemplateId": "2"}, {"fCampaignId": "12"}, {"fAllocationId": ""}):
        assert insert(simulator, **place).json()["code"] < 0


def start_all(target, count):
    threads = [threading.Thread(target=target) for _turn in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_two_leads_at_a_time():
    leads = Leads({"Phone"})
    begun = time.monotonic()
    for thread in start_all(lambda: leads.take(lambda: None), 20):
        thread.join()
    # one after the other takes 2 s, all at once 0.1 s
    assert 1 <= time.monotonic() - begun < 1.9


def test_a_lead_that_waits_too_long():
    leads = Leads({"Phone"}, queue_seconds=0.05)
    gate = threading.Event()
    # both places are taken: by one that works, and one that waits for it
    threads = start_all(lambda: leads.take(lambda: gate.wait(10)), 2)
    time.sleep(0.5)
    with pytest.raises(LeadRefusal) as refusal:
        leads.take(lambda: None)
    gate.set()
    for thread in threads:
        thread.join()
    assert refusal.value.code == 109 and refusal.value.status == 400


def test_the_old_methods_take_one_lead_at_a_time():
    leads = Leads({"Phone"}, queue_seconds=0.05)
    with leads.alone(), pytest.raises(LeadRefusal) as refusal, leads.alone():
        pass
    assert refusal.value.code == 109
