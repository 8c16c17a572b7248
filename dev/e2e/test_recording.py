"""What is said is recorded from where one looks, and stopped in time."""

import re

import pytest
from playwright.sync_api import expect

CARD = ".o_noojee_current_call"
BAR = f"{CARD} .o_noojee_recording"


@pytest.fixture
def talking(anna, odoo_url, record_id, call_kw, simulator):
    """Anna, in a call with Priya, looking at a quotation of hers."""
    partner_id = record_id("partner_priya_raman")
    order_id = call_kw("sale.order", "create", {"partner_id": partner_id})
    [order] = call_kw("sale.order", "read", [order_id], ["name"])
    anna.goto(f"{odoo_url}/odoo/sales/{order_id}")
    anna.locator("button[name=action_noojee_call]").click()
    expect(anna.locator(CARD)).to_have_attribute("data-state", "connected")
    anna.order_name = order["name"]
    return anna


def test_recorded_on_an_order(talking, simulator):
    talking.locator(".o_noojee_form_record").click()
    words = talking.locator(f"{BAR} .o_noojee_recording_words")
    expect(words).to_contain_text("Recorded 00:0")
    expect(words).to_contain_text(talking.order_name)
    [started] = simulator.requests("start")
    assert started["params"]["tag"] == talking.order_name
    talking.locator(".o_noojee_form_stop").click()
    expect(words).to_have_text("Recording stopped")
    assert len(simulator.requests("stop")) == 1


def test_card_data_is_not_recorded(talking, simulator):
    talking.locator(f"{BAR} .o_noojee_start_recording").click()
    talking.locator(f"{BAR} .o_noojee_pause_recording").click()
    expect(talking.locator(f"{BAR} [role=status]")).to_have_text(
        "Stopped for card data"
    )
    talking.locator(f"{BAR} .o_noojee_resume_recording").click()
    expect(talking.locator(f"{BAR} .o_noojee_pause_recording")).to_be_visible()
    assert len(simulator.requests("start")) == 2


def test_stop_that_is_refused_is_red(talking, simulator):
    talking.locator(f"{BAR} .o_noojee_start_recording").click()
    simulator.faults({"kind": "html", "method": "stop"})
    talking.locator(f"{BAR} .o_noojee_pause_recording").click()
    expect(talking.locator(f"{BAR} .o_noojee_still_recorded")).to_contain_text(
        "Still recorded."
    )
    simulator.clear_faults()
    talking.locator(f"{BAR} .o_noojee_pause_recording").click()
    expect(talking.locator(f"{BAR} .o_noojee_resume_recording")).to_be_visible()
    expect(talking.locator(f"{BAR} .o_noojee_still_recorded")).to_have_count(0)


def test_another_tag(talking, simulator):
    talking.locator(f"{BAR} .o_noojee_start_recording").click()
    talking.locator(f"{BAR} .o_noojee_tag").click()
    dialogue = talking.get_by_role("dialog")
    dialogue.get_by_label("Tag").fill("CONTRACT &?# 7")
    dialogue.get_by_role("button", name="Tag", exact=True).click()
    expect(talking.locator(f"{BAR} .o_noojee_recording_words")).to_contain_text(
        "CONTRACT &?# 7"
    )
    [sent] = simulator.wait_for_request("tag")
    assert sent["params"]["tag"] == "CONTRACT &?# 7"


def test_tag_from_the_order_that_is_open(talking, simulator):
    talking.locator(f"{BAR} .o_noojee_start_recording").click()
    talking.locator(".o_noojee_form_tag").click()
    dialogue = talking.get_by_role("dialog")
    expect(dialogue.get_by_label("Tag")).to_have_value(talking.order_name)
    expect(dialogue).to_contain_text("File on")
    dialogue.get_by_role("button", name="Tag", exact=True).click()
    expect(talking.locator(f"{BAR} .o_noojee_recording_words")).to_contain_text(
        talking.order_name
    )
    [sent] = simulator.wait_for_request("tag")
    assert sent["params"]["tag"] == talking.order_name


def test_agent_tells_first_and_objection_stops(talking, simulator, call_kw, pbx_id):
    teams = call_kw("crm.team", "search", [])
    call_kw("crm.team", "write", teams, {"noojee_recording_notice": "agent"})
    call_kw("noojee.pbx", "write", [pbx_id], {"noojee_recording_notice": "agent"})
    try:
        talking.reload()
        talking.locator(f"{BAR} .o_noojee_confirm_notice").click()
        expect(talking.locator(f"{BAR} .o_noojee_stop_recording")).to_be_visible()
        talking.locator(f"{BAR} .o_noojee_object").click()
        expect(talking.locator(f"{BAR} [role=status]")).to_have_text(
            re.compile("the other side said no")
        )
        expect(talking.locator(".o_noojee_form_record")).to_have_count(0)
        assert len(simulator.requests("stop")) == 1
    finally:
        call_kw("crm.team", "write", teams, {"noojee_recording_notice": "none"})
        call_kw("noojee.pbx", "write", [pbx_id], {"noojee_recording_notice": "none"})
