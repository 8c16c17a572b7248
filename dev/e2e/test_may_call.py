"""A number that must not be called now, as a salesperson and his supervisor see it."""

import pytest
from playwright.sync_api import expect

CHECK = ".o_noojee_call_check"


@pytest.fixture
def lead_id(database, record_id):
    """A lead of the demo's telemarketers, whose hours have just ended for two days."""
    hours_id = record_id("calling_hours_au_telemarketing")
    lines = "noojee_calling_hours_line"
    with database.cursor() as cursor:
        cursor.execute(
            f"SELECT weekday, hour_from, hour_to FROM {lines} WHERE hours_id = %s",
            [hours_id],
        )
        before = cursor.fetchall()
        cursor.execute(f"DELETE FROM {lines} WHERE hours_id = %s", [hours_id])
        cursor.execute(
            f"INSERT INTO {lines} (hours_id, weekday, hour_from, hour_to) VALUES"
            " (%s, (extract(isodow FROM now() AT TIME ZONE 'Australia/Perth')::int"
            " + 1) %% 7, 9, 17)",
            [hours_id],
        )
    yield record_id("lead_solar_survey")
    with database.cursor() as cursor:
        cursor.execute(f"DELETE FROM {lines} WHERE hours_id = %s", [hours_id])
        cursor.executemany(
            f"INSERT INTO {lines} (hours_id, weekday, hour_from, hour_to)"
            " VALUES (%s, %s, %s, %s)",
            [(hours_id, *line) for line in before],
        )


def press_call(page, odoo_url, lead_id):
    page.goto(f"{odoo_url}/odoo/action-crm.crm_lead_all_leads/{lead_id}")
    expect(page.locator(".o_form_view")).to_be_visible()
    page.locator("button[name=action_noojee_call]").click()
    expect(page.locator(CHECK)).to_be_visible()


def test_salesperson_puts_the_call_off(anna, odoo_url, simulator, lead_id):
    press_call(anna, odoo_url, lead_id)
    check = anna.locator(CHECK)
    expect(check.locator(".modal-title")).to_contain_text("in Perth")
    expect(check.locator(".modal-body")).to_contain_text("by the customer's clock")
    expect(check.get_by_role("button", name="Call anyway")).to_have_count(0)
    expect(check.get_by_role("button", name="Ask a supervisor")).to_be_visible()
    check.get_by_role("button", name="Remind me").click()
    expect(anna.locator(".o_notification")).to_contain_text("in your calls to make")
    expect(check).to_have_count(0)
    anna.reload()
    expect(anna.locator(".o-mail-Activity")).to_contain_text("May be called from")
    assert not simulator.requests("dial")


def test_supervisor_calls_anyway(log_in, odoo_url, simulator, lead_id):
    chloe = log_in("chloe")
    press_call(chloe, odoo_url, lead_id)
    check = chloe.locator(CHECK)
    check.locator(".o_noojee_override_reason").fill("She asked for a call at seven")
    check.get_by_role("button", name="Call anyway").click()
    current = chloe.locator(".o_noojee_current_call")
    expect(current).to_have_attribute("data-state", "connected")
    expect(check).to_have_count(0)
    [dialled] = simulator.requests("dial")
    assert dialled["params"]["extenOrUniqueId"] == "SIP/103"
    chloe.reload()
    expect(chloe.locator(".o-mail-Chatter")).to_contain_text(
        "Reason: She asked for a call at seven"
    )
