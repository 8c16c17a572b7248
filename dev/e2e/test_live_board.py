"""A supervisor's board: it shows by itself what happens at the desks."""

import re

import pytest
from playwright.sync_api import expect

PRIYA = "+61 3 7010 1235"


def tile(page, number="101"):
    return page.locator(f".o_noojee_desk[data-desk='{number}']")


@pytest.fixture
def chloe(log_in, odoo_url):
    """The browser of the leader of Anna's and Ben's team."""
    page = log_in("chloe")
    open_board(page, odoo_url)
    return page


def open_board(page, odoo_url):
    page.goto(f"{odoo_url}/odoo/noojee-live")
    expect(tile(page)).to_be_visible()


def answered(page):
    return int(page.locator("[data-total=answered] dd").inner_text())


def missed(page, number):
    found = re.search(r"(\d+) missed", tile(page, number).inner_text())
    return int(found[1]) if found else 0


def test_from_ringing_to_the_end(chloe, anna, odoo_url, simulator):
    before = answered(chloe)
    expect(tile(chloe)).to_have_attribute("data-state", "free")
    simulator.control("ring", desks=["101"], caller=PRIYA)
    expect(tile(chloe)).to_have_attribute("data-state", "ringing")
    expect(tile(chloe)).to_contain_text("Anna Berg")
    expect(tile(chloe)).to_contain_text("Priya Raman")
    expect(tile(chloe, "102")).to_have_attribute("data-state", "free")

    simulator.control("answer", desk="101")
    expect(tile(chloe)).to_have_attribute("data-state", "connected")
    timer = tile(chloe).get_by_role("timer")
    first = timer.inner_text()
    expect(timer).not_to_have_text(first)

    card = anna.locator(".o_noojee_current_call")
    card.get_by_role("button", name="Record", exact=True).click()
    expect(tile(chloe)).to_contain_text("Recording")

    # read anew where nothing was told: in the middle of the call
    chloe.reload()
    expect(tile(chloe)).to_have_attribute("data-state", "connected")
    tile(chloe).locator(".o_noojee_desk_call").click()
    expect(chloe.locator(".o_form_view")).to_contain_text("Priya Raman")
    open_board(chloe, odoo_url)
    simulator.control("hangup", desk="101")
    expect(tile(chloe)).to_have_attribute("data-state", "free")
    expect(chloe.locator("[data-total=answered] dd")).to_have_text(str(before + 1))


def test_dial_and_missed_queue_call(chloe, anna, odoo_url, simulator, record_id):
    before = missed(chloe, "102")
    simulator.control("ring", desks=["101", "102"], queue=True, caller=PRIYA)
    for number in ("101", "102"):
        expect(tile(chloe, number)).to_contain_text("from a queue")
    for number in ("101", "102"):
        simulator.control("hangup", desk=number)
    expect(tile(chloe, "102")).to_have_attribute("data-state", "free")
    expect(tile(chloe, "102")).to_contain_text(f"{before + 1} missed")

    anna.goto(f"{odoo_url}/odoo/contacts/{record_id('partner_marek_kowal')}")
    anna.locator("button[name=action_noojee_call]").click()
    expect(tile(chloe)).to_contain_text("Marek Kowal")
    expect(tile(chloe)).to_have_attribute("data-state", "connected")


def test_phone_system_that_is_away(chloe, anna, odoo_url, simulator, record_id):
    anna.goto(f"{odoo_url}/odoo/contacts/{record_id('partner_marek_kowal')}")
    simulator.control("restart", down_seconds=6)
    anna.locator("button[name=action_noojee_call]").click()
    trouble = chloe.locator(".o_noojee_board_trouble")
    expect(trouble).to_contain_text("Melbourne has not answered since")
    # it heals by itself
    expect(trouble).to_have_count(0)


def test_narrow_screen(log_in, odoo_url, simulator):
    page = log_in("chloe", viewport={"width": 380, "height": 740})
    open_board(page, odoo_url)
    simulator.control("ring", desks=["101"], caller=PRIYA)
    expect(tile(page)).to_have_attribute("data-state", "ringing")
    box = tile(page).bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 380
