"""Leads of a campaign as a supervisor's browser sees them."""

import pytest
from playwright.sync_api import expect

from .listeners import wait_for

COUNT = 40


@pytest.fixture
def chloe(log_in):
    """The supervisor's browser."""
    return log_in("chloe")


@pytest.fixture
def campaigns(call_kw, query, pbx_id):
    """The PBX's campaigns are known."""
    call_kw("noojee.pbx", "action_refresh_campaigns", [pbx_id])
    wait_for(lambda: query("SELECT 1 FROM noojee_campaign WHERE name = 'Spring offer'"))


@pytest.fixture
def leads(call_kw, query):
    """Leads with a number of their own each; they go with the test."""
    rows = [
        {
            "name": f"Roof of street {n:02}",
            "type": "lead",
            "contact_name": f"Person {n:02}",
            "phone": f"03 7010 {3000 + n}",
        }
        for n in range(COUNT)
    ]
    ids = call_kw("crm.lead", "create", rows)
    yield ids
    query("DELETE FROM noojee_campaign_result")
    query("DELETE FROM noojee_lead_push_job")
    call_kw("crm.lead", "unlink", ids)


def choose(page, field, name):
    page.locator(f".modal .o_field_widget[name={field}] input").click()
    page.locator(".o-autocomplete--dropdown-item", has_text=name).first.click()


def open_leads(page, odoo_url, count=COUNT):
    page.goto(f"{odoo_url}/odoo/action-crm.crm_lead_all_leads?view_type=list")
    search = page.locator(".o_searchview_input")
    search.fill("Roof of street")
    search.press("Enter")
    expect(page.locator(".o_data_row")).to_have_count(count)


def push_all(page, odoo_url):
    """Send all leads to the first campaign, and wait until they are there."""
    open_leads(page, odoo_url)
    page.locator("thead .o_list_record_selector input").check()
    page.locator(".o_control_panel").get_by_role("button", name="Actions").click()
    page.get_by_role("menuitem", name="Send to a campaign").click()
    choose(page, "template_id", "Solar sales")
    choose(page, "campaign_id", "Spring offer")
    choose(page, "allocation_id", "Melbourne team")
    modal = page.locator(".modal")
    expect(modal.locator("[name=sendable_count]")).to_have_text(str(COUNT))
    modal.get_by_role("button", name="Send", exact=True).click()
    # it fills by itself
    words = page.locator(".noojee_push_words")
    expect(words).to_contain_text("to go")
    expect(words).to_have_text(f"{COUNT} of {COUNT} in the campaign", timeout=60000)
    modal.get_by_role("button", name="Show the leads").click()
    expect(page.locator(".modal")).to_have_count(0)
    expect(page.locator(".o_data_row")).to_have_count(COUNT)
