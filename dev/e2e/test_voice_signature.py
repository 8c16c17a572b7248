"""A customer signs by voice: read, recorded, fetched, proven; void once the order is
changed."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from .listeners import wait_for
from .rpc import Rpc

CARD = ".o_noojee_current_call"
DIALOG = ".o_noojee_voice_signature"
TEXT = f"{DIALOG} .o_noojee_voice_text"
TAB = ".o_field_widget[name=noojee_signature_ids]"


@pytest.fixture
def order(call_kw, record_id, query):
    """A quotation of Priya's.

    :return: ``{"id", "name", "line_id"}``
    """
    line = {"product_id": record_id("product_roof_12kw"), "product_uom_qty": 1}
    order_id = call_kw(
        "sale.order",
        "create",
        {
            "partner_id": record_id("partner_priya_raman"),
            "order_line": [(0, 0, line)],
        },
    )
    [order] = call_kw("sale.order", "read", [order_id], ["name", "order_line"])
    yield {"id": order_id, "name": order["name"], "line_id": order["order_line"][0]}
    query("DELETE FROM noojee_voice_signature_passage")
    query("DELETE FROM noojee_voice_signature")
    query("DELETE FROM noojee_recording")


@pytest.fixture
def talking(anna, odoo_url, order):
    """Anna, in a call with Priya, looking at the quotation."""
    anna.goto(f"{odoo_url}/odoo/sales/{order['id']}")
    anna.locator("button[name=action_noojee_call]").click()
    expect(anna.locator(CARD)).to_have_attribute("data-state", "connected")
    return anna


def open_dialog(page):
    page.locator("button[name=action_noojee_sign]").click()
    expect(page.locator(TEXT)).to_be_visible()


def read_all(page):
    """Everything that is left is answered yes."""
    while not page.locator(f"{DIALOG} .o_noojee_voice_read").is_visible():
        before = page.locator(TEXT).inner_text()
        page.keyboard.press("y")
        expect(
            page.locator(f"{DIALOG} .o_noojee_voice_read").or_(
                page.locator(TEXT).filter(has_not_text=before[:40])
            )
        ).to_be_visible()


def take_of(call_kw, order):
    domain = [("order_id", "=", order["id"])]
    fields = ["state", "reason", "audio_state", "audio_sha256", "order_sha256"]
    [take] = call_kw("noojee.voice.signature", "search_read", domain, fields, limit=1)
    return take


def test_whole_story(talking, simulator, order, call_kw, odoo_url):
    open_dialog(talking)
    expect(talking.locator(TEXT)).to_contain_text(
        f"your agreement to order {order['name']}"
    )
    talking.keyboard.press("y")
    expect(talking.locator(TEXT)).to_contain_text("My name is Anna")
    expect(talking.locator(f"{DIALOG} .o_noojee_recording_dot")).to_be_visible()
    [started] = simulator.requests("start")
    assert started["params"]["tag"] == order["name"]
    talking.keyboard.press("y")
    expect(talking.locator(TEXT)).to_contain_text("18 years")

    # the page is loaded anew in the middle of it
    talking.reload()
    open_dialog(talking)
    expect(talking.locator(TEXT)).to_contain_text("18 years")
    expect(talking.locator(f"{DIALOG} .o_noojee_voice_time")).to_have_text(
        re.compile(r"^00:\d\d$")
    )

    read_all(talking)
    talking.locator(f"{DIALOG} .o_noojee_voice_stop").click()
    outcome = talking.locator(f"{DIALOG} .o_noojee_voice_outcome")
    expect(outcome).to_contain_text("Signed")
    assert len(simulator.requests("stop")) == 1
    talking.locator(f"{CARD} .o_noojee_hang_up").wait_for(state="attached")
    simulator.control("hangup", desk="101")

    # the audio comes home while the agent looks on
    digest = talking.locator(f"{DIALOG} .o_noojee_voice_sha256")
    expect(digest).to_have_text(re.compile(r"^[0-9a-f]{64}$"), timeout=60000)
    take = take_of(call_kw, order)
    assert take["audio_state"] == "stored"
    assert digest.inner_text() == take["audio_sha256"]
    talking.locator(f"{DIALOG} .o_noojee_voice_close").click()

    talking.get_by_role("tab", name="Voice signatures").click()
    row = talking.locator(f"{TAB} .o_data_row")
    expect(row).to_contain_text("Signed")
    talking.goto(f"{odoo_url}/report/html/noojee.report_voice_signature/{take['id']}")
    for value in (take["audio_sha256"], take["order_sha256"], order["name"]):
        expect(talking.locator("body")).to_contain_text(value)

    # the order says something else now
    call_kw("sale.order.line", "write", [order["line_id"]], {"product_uom_qty": 2})
    take = take_of(call_kw, order)
    assert (take["state"], "its lines" in take["reason"]) == ("void", True)
    talking.goto(f"{odoo_url}/odoo/sales/{order['id']}")
    talking.get_by_role("tab", name="Voice signatures").click()
    expect(row).to_contain_text("Void")


def test_start_that_is_refused_and_stop_without_an_answer(
    talking, simulator, order, call_kw
):
    open_dialog(talking)
    simulator.faults({"kind": "html", "method": "start"})
    talking.keyboard.press("y")
    expect(talking.locator(f"{DIALOG} .o_noojee_voice_failure")).to_contain_text(
        "Not recorded."
    )
    domain = [("order_id", "=", order["id"])]
    assert not call_kw("noojee.voice.signature", "search_count", domain)
    simulator.clear_faults()
    # the circuit lets nobody wait for a PBX that was away a moment ago
    call_kw("noojee.pbx", "action_test_connection", call_kw("noojee.pbx", "search", []))
    talking.locator(f"{DIALOG} .o_noojee_voice_yes").click()
    expect(talking.locator(TEXT)).to_contain_text("My name is Anna")
    read_all(talking)
    simulator.faults({"kind": "html", "method": "stop"})
    talking.locator(f"{DIALOG} .o_noojee_voice_stop").click()
    expect(talking.locator(f"{DIALOG} .o_noojee_still_recorded")).to_contain_text(
        "Still recorded."
    )
    simulator.clear_faults()
    talking.locator(f"{DIALOG} .o_noojee_voice_stop").click()
    expect(talking.locator(f"{DIALOG} .o_noojee_voice_outcome")).to_contain_text(
        "Signed"
    )


def test_first_to_read_an_edited_script(odoo_url, database, order, call_kw, record_id):
    """Several agents open the dialogue at the same moment."""
    name = database.info.dbname
    agents = [Rpc(odoo_url, name, login) for login in ("anna", "ben", "anna", "ben")]
    script_id = record_id("voice_script_order")
    notice = call_kw("noojee.voice.script", "read", [script_id], ["notice"])[0]

    def open_dialog_of(agent):
        return agent.call("noojee.voice.signature", "get_dialog", order["id"])

    with ThreadPoolExecutor(len(agents)) as pool:
        for attempt in range(4):
            words = f"{notice['notice']} ({attempt})"
            call_kw("noojee.voice.script", "write", [script_id], {"notice": words})
            for told, error in pool.map(open_dialog_of, agents):
                assert not error, error["data"]["message"]
                assert told["scripts"][0]["passages"][0]["text"].endswith(
                    f"({attempt})"
                )
    call_kw("noojee.voice.script", "write", [script_id], {"notice": notice["notice"]})


def test_call_that_is_dropped(talking, simulator, order, call_kw):
    open_dialog(talking)
    talking.keyboard.press("y")
    expect(talking.locator(TEXT)).to_contain_text("My name is Anna")
    simulator.control("hangup", desk="101")
    outcome = talking.locator(f"{DIALOG} .o_noojee_voice_outcome")
    expect(outcome).to_contain_text("Incomplete")
    expect(outcome).to_contain_text("The call ended before all was read.")
    wait_for(lambda: take_of(call_kw, order)["state"] == "incomplete")


def test_call_that_ends_while_recording_is_begun(talking, simulator, order, call_kw):
    open_dialog(talking)
    # less than the read time-out
    slow = {"kind": "latency", "method": "start", "when": "after", "seconds": 2}
    simulator.faults(slow)
    talking.keyboard.press("y")
    expect(talking.locator(DIALOG)).to_contain_text("Starting to record")
    # it has begun there, and Odoo does not know yet
    wait_for(lambda: simulator.requests("start"))
    simulator.control("hangup", desk="101")
    outcome = talking.locator(f"{DIALOG} .o_noojee_voice_outcome")
    expect(outcome).to_contain_text("Incomplete")
    expect(outcome).to_contain_text("The call ended before all was read.")
    assert take_of(call_kw, order)["state"] == "incomplete"


def test_customer_says_no(talking, simulator, order):
    open_dialog(talking)
    talking.keyboard.press("y")
    expect(talking.locator(TEXT)).to_contain_text("My name is Anna")
    talking.keyboard.press("n")
    expect(talking.locator(f"{DIALOG} .o_noojee_voice_read")).to_contain_text(
        "The customer said no"
    )
    talking.locator(f"{DIALOG} .o_noojee_voice_stop").click()
    outcome = talking.locator(f"{DIALOG} .o_noojee_voice_outcome")
    expect(outcome).to_contain_text("Declined")
    expect(outcome).to_contain_text("Who and when")
    assert len(simulator.requests("stop")) == 1
