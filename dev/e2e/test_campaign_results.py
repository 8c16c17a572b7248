"""What agents say about a supervisor's leads, back in Odoo."""

import pytest
from playwright.sync_api import expect

from .campaigns import COUNT, campaigns, chloe, leads, open_leads, push_all
from .listeners import wait_for

__all__ = ["campaigns", "chloe", "leads"]
HALF = COUNT // 2


@pytest.fixture
def dispositions(simulator):
    """Agents call all leads: half of them buy, the others do not want it."""

    def call():
        keys = [lead["key"] for lead in simulator.leads]
        said = dict.fromkeys(keys[:HALF], "Sale")
        said |= dict.fromkeys(keys[HALF:], "Not interested")
        simulator.control("call-leads", leads=said, agent="anna", duration=95)

    return call


def open_results(page, odoo_url, name="results"):
    page.goto(f"{odoo_url}/odoo/action-noojee.noojee_campaign_{name}")
    page.wait_for_selector(".o_list_view")


def test_forty_leads_move_by_what_agents_said(
    chloe, odoo_url, campaigns, leads, dispositions, query
):
    push_all(chloe, odoo_url)
    dispositions()
    open_results(chloe, odoo_url, "result_action")
    chloe.get_by_role("button", name="Fetch results now").click()
    expect(chloe.locator(".o_notification", has_text="are up to date")).to_be_visible(
        timeout=60000
    )
    done = chloe.locator(".o_data_row .o_field_badge[name=state]", has_text="Done")
    expect(done.first).to_be_visible()
    # those that are lost are no open leads any more
    open_leads(chloe, odoo_url, HALF)
    [(lost,)] = query(
        "SELECT COUNT(*) FROM crm_lead WHERE id = ANY(%s) AND NOT active"
        " AND lost_reason_id IS NOT NULL",
        leads,
    )
    assert lost == HALF
    [(moved,)] = query(
        "SELECT COUNT(*) FROM crm_lead JOIN crm_stage ON crm_stage.id = stage_id"
        " WHERE crm_lead.id = ANY(%s) AND crm_lead.active AND crm_stage.id ="
        " (SELECT res_id FROM ir_model_data"
        "  WHERE module = 'crm' AND name = 'stage_lead2')",
        leads,
    )
    assert moved == HALF
    chloe.locator(".o_data_row").first.click()
    chloe.locator("button[name=action_noojee_pushes]").click()
    expect(chloe.locator(".o_data_row [name=last_disposition]")).to_have_text("Sale")

    chloe.goto(f"{odoo_url}/odoo/action-noojee.noojee_campaign_report_action")
    expect(chloe.locator(".o_graph_renderer canvas")).to_be_visible()
    chloe.locator(".o_switch_view.o_pivot").click()
    figures = chloe.locator(".o_pivot tr", has_text="Spring offer").locator("td")
    # pushed, dialled, and how many of those that were pushed
    expect(figures.nth(0)).to_have_text(f"{COUNT}")
    expect(figures.nth(1)).to_have_text(f"{COUNT}")
    expect(figures.nth(2)).to_have_text("100.00")


def test_a_call_to_somebody_unknown_becomes_a_lead(
    chloe, odoo_url, campaigns, simulator, call_kw, query
):
    simulator.control(
        "call-records",
        rows=[
            {
                "id": "7",
                "name": "Rosa Lind",
                "phoneNumber": "0370104999",
                "disposition": "Sale",
                "agentLoginName": "anna",
                "duration": "61",
            }
        ],
    )
    open_results(chloe, odoo_url, "result_action_unmatched")
    chloe.get_by_role("button", name="Fetch results now").click()
    row = chloe.locator(".o_data_row", has_text="Rosa Lind")
    expect(row).to_be_visible(timeout=60000)
    row.get_by_role("button", name="Create lead").click()
    expect(chloe.locator("[name=contact_name] input")).to_have_value("Rosa Lind")
    chloe.locator(".o_form_button_save").click()
    expect(chloe.locator(".o_form_button_save")).to_be_hidden()

    def is_linked():
        return query(
            "SELECT lead_id FROM noojee_campaign_result"
            " WHERE name = 'Rosa Lind' AND state = 'done'"
        )

    [(lead_id,)] = wait_for(is_linked, 60)
    query("DELETE FROM noojee_campaign_result")
    call_kw("crm.lead", "unlink", [lead_id])
