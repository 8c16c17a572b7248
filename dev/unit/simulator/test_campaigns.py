"""Campaigns, rosters and health over HTTP (noojee-api.md sections 6 and 8)."""

import pytest


def test_the_lists_lead_from_one_to_the_next(simulator):
    templates = simulator.campaign("getCampaignTemplateList")
    assert templates["code"] == 0 and templates["message"] == "OK"
    for template in templates["entities"]:
        words = {"fTemplateId": template["id"]}
        campaigns = simulator.campaign("getCampaignList", **words)["entities"]
        assert campaigns and simulator.campaign("getFieldList", **words)["entities"]
        assert simulator.campaign("getDispositionList", **words)["entities"]
        for campaign in campaigns:
            allocations = simulator.campaign(
                "getAllocationList", fCampaignId=campaign["id"]
            )["entities"]
            assert all(row["id"] and row["name"] for row in allocations)
            records = simulator.campaign(
                "getCallRecordList",
                campaignId=campaign["id"],
                allocationId=allocations[0]["id"],
                **words,
            )["entities"]
            assert all(row["id"] and row["name"] for row in records)


def test_some_fields_hold_phone_numbers(simulator):
    fields = simulator.campaign("getFieldList", fTemplateId="1")["entities"]
    assert [row["name"] for row in fields if row.get("phone")] == ["Phone", "Mobile"]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("getCampaignList", {"fTemplateId": "99"}),
        ("getAllocationList", {"fCampaignId": "99"}),
        ("getFieldList", {"templateId": "1"}),
        ("getCallRecordList",
         {"fTemplateId": "1", "fCampaignId": "11", "fAllocationId": "111"}),
        ("getCallRecordList",
         {"fTemplateId": "2", "campaignId": "11", "allocationId": "111"}),
    ],
)  # fmt: skip
def test_unknown_or_misspelt(simulator, method, params):
    reply = simulator.campaign(method, **params)
    assert reply["code"] < 0 and reply["entities"] == []


def test_call_records_belong_to_one_allocation_and_keep_their_ids(simulator):
    def records(allocation, campaign="11"):
        place = {"fTemplateId": "1", "campaignId": campaign, "allocationId": allocation}
        rows = simulator.campaign("getCallRecordList", **place)["entities"]
        return {row["name"]: row["id"] for row in rows}

    def put(name, method="insertLeadFast", **fields):
        body = {"Name": name, "Phone": f"03 7010 {len(name):04}", **fields}
        key = {"njExternalLeadId": name}
        reply = simulator.lead(method, body | key, fAllocationId="112").json()
        assert reply["code"] == 0, reply

    assert set(records("111")) == {"Priya Raman", "Li Wei"}
    assert records("112") == records("121", "12") == {}
    for name in ("Ana", "Bert"):
        put(name)
    put("Bert", "updateLeadFast", njDisposition="Sale")
    [number] = records("112").values()
    put("Ana", "updateLeadFast", njDisposition="Sale")
    both = records("112")
    assert both["Bert"] == number and len(set(both.values())) == 2
    assert "Ana" not in records("111")


def test_an_agent_calls_leads(simulator):
    for name in ("Ana", "Bert"):
        body = {"Name": name, "Phone": f"03 7010 {len(name):04}"}
        simulator.lead("insertLeadFast", {**body, "njExternalLeadId": name})
    simulator.control("call-leads", leads={"Bert": "Sale"}, agent="ben", duration=20)
    simulator.control("call-records", rows=[{"id": "7"}])
    place = {"fTemplateId": "1", "campaignId": "11", "allocationId": "111"}
    alone, called = simulator.campaign("getCallRecordList", **place)["entities"]
    assert alone == {"id": "7"}
    assert called["njExternalLeadId"] == "Bert" and called["disposition"] == "Sale"
    assert called["agentLoginName"] == "ben" and called["duration"] == "20"
    assert called["uniqueId"] and called["startTime"] and called["phoneNumber"]
    with pytest.raises(AssertionError, match="no lead Zoe"):
        simulator.control("call-leads", leads={"Zoe": "Sale"})
    with pytest.raises(AssertionError, match="allocation id 9"):
        simulator.control("call-records", rows=[], allocation="9")


def test_health(simulator):
    path = "servicemanager/rest/systemHealth/test"
    [row] = simulator.ask("GET", path).json()["entities"]
    assert set(row) == {
        "ioWait", "loadAverage", "cpuPercent", "cores", "memoryAvailableMB",
        "memoryTotalMB", "freeDiskSpacePercent", "threadPoolUsagePercent",
        "schedulerPoolUsagePercent", "steal", "dbPoolSize", "dbPoolUsage",
        "lastBackupAttempt", "lastBackupSuccess", "backupStarting", "pingData",
    }  # fmt: skip


def test_rosters(simulator):
    path = "servicemanager/rest/rosterApi/getActiveRosters"
    rows = simulator.ask("GET", path, teamName="Sales").json()["entities"]
    assert [row["extension"] for row in rows] == ["101", "102"]
    assert set(rows[0]) == {
        "id", "login", "extension", "phoneNumber", "mobileNumber", "email",
        "statckPostion",
    }  # fmt: skip
    assert simulator.ask("GET", path, teamName="Nobody").json()["entities"] == []


def test_what_is_taken_away_is_in_no_list_and_takes_no_lead(simulator):
    simulator.control("campaigns", gone={"allocations": ["111"], "fields": ["3"]})
    rows = simulator.campaign("getAllocationList", fCampaignId="11")["entities"]
    assert [row["id"] for row in rows] == ["112"]
    fields = simulator.campaign("getFieldList", fTemplateId="1")["entities"]
    assert "Mobile" not in [row["name"] for row in fields]
    body = {"Phone": "0370101235", "njExternalLeadId": "odoo-1"}
    assert simulator.lead("insertLeadFast", body).json()["code"] < 0
    assert simulator.leads == []
    simulator.control("campaigns", gone={})
    assert simulator.lead("insertLeadFast", body).json()["code"] == 0
    [lead] = simulator.leads
    assert lead["key"] == "odoo-1" and lead["allocation"] == "111"
