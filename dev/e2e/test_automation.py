"""What automation does with calls by a real listener, on the record and in the list."""

import time

import pytest
from playwright.sync_api import expect

from .listeners import wait_for


@pytest.fixture
def connected(call_kw, query, record_id):
    """A call between the administrator and Li Wei."""

    def dial():
        partner_id = record_id("partner_li_wei")
        action = call_kw("res.partner", "action_noojee_call", partner_id)
        call_id = action["params"]["call"]["id"]
        is_connected = "SELECT id FROM noojee_call WHERE id = %s AND state = %s"
        wait_for(lambda: query(is_connected, call_id, "connected"))
        return call_id

    return dial


@pytest.fixture
def server_action(call_kw, query):
    """Make a server action on orders; it goes with the test."""
    made = []

    def make(state, **values):
        [[model_id]] = query("SELECT id FROM ir_model WHERE model = 'sale.order'")
        values |= {"name": state, "model_id": model_id, "state": f"noojee_{state}"}
        made.extend(call_kw("ir.actions.server", "create", [values]))
        return made[-1]

    yield make
    call_kw("ir.actions.server", "unlink", made)


@pytest.fixture
def order(call_kw, record_id):
    values = {"partner_id": record_id("partner_li_wei")}
    [order_id] = call_kw("sale.order", "create", [values])
    return order_id


@pytest.fixture
def run(call_kw):
    """Run a server action on an order."""

    def run_action(action_id, order_id):
        context = {
            "active_model": "sale.order",
            "active_id": order_id,
            "active_ids": [order_id],
        }
        call_kw("ir.actions.server", "run", [action_id], context=context)

    return run_action


@pytest.fixture
def command(query):
    """State, reason and attempts of an order's newest command."""

    def read(order_id):
        rows = query(
            "SELECT state, reason, attempts FROM noojee_command"
            " WHERE res_model = 'sale.order' AND res_id = %s ORDER BY id DESC LIMIT 1",
            order_id,
        )
        return rows[0] if rows else (None, None, 0)

    return read


@pytest.fixture
def outage(simulator, query):
    """The PBX fails what is asked of it, until the test ends it or is over."""
    simulator.faults({"kind": "http500", "method": "start"})
    yield simulator.clear_faults
    simulator.clear_faults()
    query("UPDATE noojee_circuit SET failing_since = NULL, retry_at = NULL")


@pytest.fixture
def admin(log_in):
    return log_in("admin")


def open_order(page, odoo_url, order_id):
    page.goto(f"{odoo_url}/odoo/action-sale.action_quotations/{order_id}")
    expect(page.locator(".o_form_view")).to_be_visible()


def test_order_is_confirmed_while_the_pbx_is_dead(
    admin, odoo_url, connected, outage, order, command
):
    connected()
    open_order(admin, odoo_url, order)
    admin.get_by_role("button", name="Confirm", exact=True).click()
    # the first attempt has failed
    wait_for(lambda: command(order)[1])
    admin.reload()
    chatter = admin.locator(".o-mail-Chatter")
    expect(chatter).to_contain_text("The call was not recorded:")
    expect(chatter).to_contain_text("It is tried again.")
    state = admin.locator(".o_statusbar_status button[aria-checked=true]")
    expect(state).to_contain_text("Sales Order")
    outage()
    wait_for(lambda: command(order)[0] == "done", 100)
    admin.reload()
    expect(chatter).to_contain_text("Recording started, tagged")


def test_next_call_is_recorded(
    simulator, connected, order, command, server_action, run
):
    action = server_action(
        "start_recording", noojee_tag="{{ object.name }}", noojee_if_no_call="arm"
    )
    run(action, order)
    assert command(order)[0] == "armed"
    connected()
    simulator.wait_for_request("start")
    wait_for(lambda: command(order)[0] == "done")


def test_failure_is_tried_again_from_the_list(
    admin, odoo_url, simulator, connected, order, command, server_action, run
):
    action = server_action("start_recording", noojee_if_no_call="fail")
    run(action, order)
    assert command(order)[0] == "failed"
    admin.goto(f"{odoo_url}/odoo/action-noojee.noojee_command_action")
    row = admin.locator(".o_data_row").first
    expect(row).to_contain_text("was not in a call")
    row.locator("button[name=action_retry]").click()
    expect(admin.locator(".modal")).to_contain_text("is in no call with this customer")
    admin.locator(".modal .btn-primary").click()
    connected()
    row.locator("button[name=action_retry]").click()
    simulator.wait_for_request("start")
    wait_for(lambda: command(order)[0] == "done")


def test_tag_is_previewed_in_the_actions_form(admin, odoo_url, order, server_action):
    action = server_action("start_recording", noojee_tag="{{ object.name }}")
    admin.goto(f"{odoo_url}/odoo/action-base.action_server_action/{action}")
    preview = admin.locator(".o_field_widget[name=noojee_preview]")
    expect(preview).to_contain_text("S0")
    tag = admin.locator(".o_field_widget[name=noojee_tag] input")
    tag.fill("{{ object.partner_id.name }}!")
    tag.press("Tab")
    expect(preview).to_contain_text("Li Wei!")
    tag.fill("{{ object.nothing.upper() }}")
    tag.press("Tab")
    fault = admin.locator(".o_field_widget[name=noojee_preview_fault]")
    expect(fault).to_contain_text("does not fit")


def test_no_transaction_waits_while_it_dials(
    simulator, query, order, server_action, run, command, holder
):
    simulator.faults({"kind": "latency", "seconds": 1.5, "method": "dial"})
    run(server_action("call"), order)
    simulator.wait_for_request("dial")
    time.sleep(0.5)
    open_since = query(
        "SELECT now() - xact_start, query FROM pg_stat_activity"
        " WHERE application_name LIKE %s AND now() - xact_start > '0.4 s'",
        f"%{holder.pid}",
    )
    assert not open_since
    simulator.clear_faults()
    wait_for(lambda: command(order)[0] == "done")
