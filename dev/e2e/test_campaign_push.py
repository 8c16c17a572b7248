"""Leads that a supervisor sends to a campaign from their list."""

from playwright.sync_api import expect

from .campaigns import COUNT, campaigns, chloe, leads, push_all

__all__ = ["campaigns", "chloe", "leads"]


def test_forty_leads_from_the_list_to_their_receipts(
    chloe, odoo_url, campaigns, leads, simulator
):
    push_all(chloe, odoo_url)
    keys = {lead["key"] for lead in simulator.leads}
    assert len(keys) == len(simulator.leads) == COUNT
    badge = chloe.locator(".o_data_row .o_field_badge[name=state]")
    expect(badge.first).to_have_text("In the campaign")
