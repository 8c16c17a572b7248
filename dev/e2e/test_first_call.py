"""A first call end to end, as a salesperson sees it."""

import threading

import pytest
from playwright.sync_api import expect

PRIYA = "+61 3 7010 1235"


def open_partner(page, odoo_url, partner_id):
    page.goto(f"{odoo_url}/odoo/contacts/{partner_id}")
    expect(page.locator(".o_form_view")).to_be_visible()


def press_call(page):
    page.locator("button[name=action_noojee_call]").click()


def test_call_from_a_contact(anna, odoo_url, simulator, record_id):
    open_partner(anna, odoo_url, record_id("partner_priya_raman"))
    press_call(anna)
    current = anna.locator(".o_noojee_current_call")
    expect(current).to_contain_text("Priya Raman")
    expect(current).to_have_attribute("data-state", "ringing")
    expect(current).to_have_attribute("data-state", "connected")
    current.get_by_role("button", name="Hang up").click()
    expect(current).to_have_attribute("data-state", "ended")
    [dialled] = simulator.requests("dial")
    assert dialled["params"]["extenOrUniqueId"] == "SIP/101"
    assert dialled["params"]["number"] == "0370101235"
    [hung_up] = simulator.requests("hangup")
    assert "." in hung_up["params"]["extenOrUniqueId"]


@pytest.fixture
def quotation(database, record_id):
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM sale_order WHERE state = 'draft' AND id IN ("
            "SELECT res_id FROM ir_model_data"
            " WHERE module = 'noojee' AND model = 'sale.order') ORDER BY id LIMIT 1"
        )
        return cursor.fetchone()


def test_call_from_an_order_and_its_confirmation(anna, odoo_url, simulator, quotation):
    order_id, name = quotation
    anna.goto(f"{odoo_url}/odoo/action-sale.action_quotations/{order_id}")
    expect(anna.locator(".o_form_view")).to_be_visible()
    press_call(anna)
    current = anna.locator(".o_noojee_current_call")
    expect(current).to_have_attribute("data-state", "connected")
    anna.get_by_role("button", name="Confirm", exact=True).click()
    [started] = simulator.wait_for_request("start")
    assert started["params"]["tag"] == name
    assert started["params"]["agentLoginName"] == "anna"
    # what the automation did stands on the order
    anna.reload()
    expect(anna.locator(".o-mail-Chatter")).to_contain_text("Recording started")


def test_customer_calls(anna, odoo_url, simulator):
    # calls come while she looks at something else
    anna.goto(f"{odoo_url}/odoo/contacts")
    expect(anna.locator(".o_noojee_phone_menu")).to_be_visible()
    simulator.control("ring", desks=["101"], caller=PRIYA)
    card = anna.locator(".o_noojee_incoming_card")
    expect(card).to_contain_text("Priya Raman")
    assert anna.url.rstrip("/").endswith("/contacts")
    card.locator(".o_noojee_open").click()
    expect(anna.locator(".o_form_view")).to_contain_text("Coastal Solar")
    expect(
        anna.locator("input#name_0, .o_field_widget[name=name] input")
    ).to_have_value("Priya Raman")
    simulator.control("hangup", desk="101")
    expect(card).to_have_count(0)


def test_card_is_withdrawn_where_a_colleague_answers(anna, odoo_url, simulator):
    anna.goto(f"{odoo_url}/odoo/contacts")
    expect(anna.locator(".o_noojee_phone_menu")).to_be_visible()
    simulator.control("ring", desks=["101", "102"], queue=True, caller=PRIYA)
    card = anna.locator(".o_noojee_incoming_card")
    expect(card).to_contain_text("Priya Raman")
    simulator.control("answer", desk="102")
    expect(card.get_by_role("status")).to_have_text("Answered by Ben Osei")
    expect(card.get_by_role("button")).to_have_count(0)
    expect(card).to_have_count(0)


def test_call_is_answered_from_the_card(anna, odoo_url, simulator):
    anna.goto(f"{odoo_url}/odoo/contacts")
    expect(anna.locator(".o_noojee_phone_menu")).to_be_visible()
    simulator.control("ring", desks=["101"], caller=PRIYA)
    anna.locator(".o_noojee_incoming_card").get_by_role("button", name="Answer").click()
    expect(anna.locator(".o_noojee_current_call")).to_have_attribute(
        "data-state", "connected"
    )


def test_request_that_runs_twice_dials_once(
    anna, simulator, database, record_id, call_kw
):
    """A transaction that collides after it dialled: Odoo repeats the request."""
    partner_id = record_id("partner_li_wei")
    code = (
        "record.action_noojee_call()\nrecord.write({'comment': 'called by the action'})"
    )
    [model_id] = call_kw("ir.model", "search", [["model", "=", "res.partner"]])
    action_id = call_kw(
        "ir.actions.server",
        "create",
        {"name": "Call", "model_id": model_id, "state": "code", "code": code},
    )
    simulator.faults({"kind": "latency", "seconds": 1.5, "method": "dial"})
    context = {"active_model": "res.partner", "active_id": partner_id}
    running = threading.Thread(
        target=call_kw,
        args=("ir.actions.server", "run", [action_id]),
        kwargs={"context": context},
    )
    running.start()
    simulator.wait_for_request("dial")
    with database.cursor() as cursor:
        # the request's snapshot is older than this
        cursor.execute(
            "UPDATE res_partner SET comment = 'meanwhile' WHERE id = %s", [partner_id]
        )
    running.join()
    with database.cursor() as cursor:
        cursor.execute("SELECT comment FROM res_partner WHERE id = %s", [partner_id])
        assert "called by the action" in cursor.fetchone()[0]
    assert len(simulator.requests("dial")) == 1
