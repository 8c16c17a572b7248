"""The simulator's own page, as who tries the addon or trains with it uses it."""

import pytest
from playwright.sync_api import expect

from dev.stack.processes import API_KEY

FIRST, SECOND = "03 7010 1235", "0491 570 156"


@pytest.fixture
def page(browser, simulator):
    window = browser.new_context()
    page = window.new_page()
    page.goto(simulator.url)
    yield page
    window.close()


@pytest.fixture
def desk(page):
    def find(number):
        return page.locator(f"[data-desk='{number}']")

    return find


@pytest.fixture
def ring(page, desk):
    """Ring desk 101 from a number, and find the call there."""

    def ring_from(number):
        form = page.locator("#ring")
        form.get_by_label("Ring desk").fill("101")
        form.get_by_label("from").fill(number)
        form.get_by_role("button", name="Ring").click()
        return desk("101").locator(".call").filter(has_text=number)

    return ring_from


def press(call, name):
    call.get_by_role("button", name=name).click()


def test_call_from_ringing_to_its_end(page, ring, desk):
    call = ring(FIRST)
    expect(call).to_contain_text("Ringing")
    press(call, "Answer")
    expect(call).to_contain_text("Connected")
    press(call, "Hang up")
    expect(call).to_have_count(0)
    expect(desk("101")).to_contain_text("idle")
    # an empty alert is not shown
    expect(page.locator("#message")).to_be_empty()


def test_each_call_has_its_own_buttons(page, ring, desk):
    first = ring(FIRST)
    press(first, "Answer")
    expect(first).to_contain_text("Connected")
    second = ring(SECOND)
    press(second, "Answer")
    expect(second).to_contain_text("Connected")
    page.once("dialog", lambda dialog: dialog.accept("102"))
    press(second, "Transfer")
    expect(desk("102")).to_contain_text(SECOND)
    expect(second).to_have_count(0)
    expect(first).to_contain_text("Connected")


def test_request_log_masks_the_key(page):
    # the listener's polls
    log = page.locator("#requests")
    expect(log).to_contain_text("subscribe")
    expect(log).to_contain_text("apiKey=***")
    assert API_KEY not in page.content()


def test_what_is_refused_is_told(page):
    page.get_by_label("Ring desk").fill("999")
    page.locator("#ring").get_by_role("button", name="Ring").click()
    expect(page.get_by_role("alert")).to_contain_text("999")
