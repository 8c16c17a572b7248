"""Before the second ring: who it is, said on the card."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from .listeners import wait_for

PRIYA = "+61 3 7010 1235"
UNKNOWN = "+61 3 7010 4711"


# the worker that all tabs share is slow to take a new one in
SLOW_WORKER = """
    const { SharedWorker } = window;
    window.SharedWorker = function (...args) {
        const waiting = [];
        let port;
        const later =
            (name) =>
            (...args) =>
                port ? port[name](...args) : waiting.push([name, args]);
        setTimeout(() => {
            port = new SharedWorker(...args).port;
            for (const [name, args] of waiting) {
                port[name](...args);
            }
        }, %s);
        const [addEventListener, postMessage, start] = [
            "addEventListener",
            "postMessage",
            "start",
        ].map(later);
        return { port: { addEventListener, postMessage, start } };
    };
"""


@pytest.fixture
def ready(anna, odoo_url):
    anna.goto(f"{odoo_url}/odoo/contacts")
    expect(anna.locator(".o_noojee_phone_menu")).to_be_visible()
    return anna


@pytest.fixture
def card(ready):
    return ready.locator(".o_noojee_incoming_card")


@pytest.fixture
def other(ready, odoo_url):
    """A second tab of the same browser."""
    page = ready.context.new_page()
    page.goto(f"{odoo_url}/odoo/contacts")
    expect(page.locator(".o_noojee_phone_menu")).to_be_visible()
    return page


def ring(simulator, caller=PRIYA, **params):
    simulator.control("ring", desks=["101"], caller=caller, **params)


def remembered(query):
    [[count]] = query("SELECT count(*) FROM noojee_number")
    return count


def test_what_is_known_stands_on_the_card(
    ready, card, simulator, call_kw, record_id, query
):
    priya = record_id("partner_priya_raman")
    call_kw(
        "res.partner",
        "activity_schedule",
        [priya],
        "mail.mail_activity_data_todo",
        summary="Send offer",
    )
    before = remembered(query)
    ring(simulator)
    expect(card).to_contain_text("Priya Raman")
    picture = card.locator("img.o_noojee_avatar")
    expect(picture).to_have_attribute("src", re.compile(f"/res.partner/{priya}/"))
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    expect(card.locator(".o_noojee_owner")).to_contain_text("Send offer")
    card.locator(".o_noojee_open_record").first.click()
    expect(ready.locator(".o_form_view")).to_be_visible()
    card.get_by_role("button", name="Open Priya Raman").click()
    expect(ready.locator(".o_form_view [name=name] input").first).to_have_value(
        "Priya Raman"
    )
    # opening a record says nothing about who calls
    assert remembered(query) == before


# more than a day apart
BEHIND, AHEAD = "Etc/GMT+12", "Pacific/Kiritimati"


@pytest.fixture
def behind(log_in, call_kw, query):
    """Anna's browser on a computer whose clock is far ahead of her own."""
    [[user_id, before]] = query(
        "SELECT res_users.id, tz FROM res_users"
        " JOIN res_partner ON res_partner.id = partner_id WHERE login = 'anna'"
    )
    call_kw("res.users", "write", [user_id], {"tz": BEHIND})
    yield log_in("anna", timezone_id=AHEAD)
    call_kw("res.users", "write", [user_id], {"tz": before})


def test_days_are_counted_by_the_users_own_clock(behind, simulator, call_kw, record_id):
    li_wei = record_id("partner_li_wei")
    call_kw(
        "res.partner",
        "activity_schedule",
        [li_wei],
        "mail.mail_activity_data_todo",
        date_deadline=datetime.now(ZoneInfo(BEHIND)).date().isoformat(),
        summary="Send plan",
    )
    [partner] = call_kw("res.partner", "read", [li_wei], ["phone"])
    ring(simulator, partner["phone"])
    owner = behind.locator(".o_noojee_incoming_card .o_noojee_owner")
    expect(owner).to_contain_text("Send plan, today")


def test_call_ignored_in_one_tab_is_ignored_in_all(ready, card, other, simulator):
    ring(simulator)
    cards = [card, other.locator(".o_noojee_incoming_card")]
    for each in cards:
        expect(each).to_contain_text("Priya Raman")
    card.get_by_role("button", name="Ignore").click()
    for each in cards:
        expect(each).to_have_count(0)
    other.reload()
    expect(other.locator(".o_noojee_counter")).to_have_text("1")
    expect(cards[1]).to_have_count(0)
    other.locator(".o_noojee_phone_menu").click()
    panel = other.locator(".o_noojee_phone_panel")
    expect(panel.locator(".o_noojee_call_name")).to_have_text("Priya Raman")
    expect(panel.get_by_role("button", name="Answer")).to_be_visible()


@pytest.mark.parametrize("milliseconds", [1000, 4000])
def test_tab_that_hears_the_bus_late(ready, card, simulator, odoo_url, milliseconds):
    other = ready.context.new_page()
    other.add_init_script(SLOW_WORKER % milliseconds)
    other.goto(f"{odoo_url}/odoo/contacts")
    expect(other.locator(".o_noojee_phone_menu")).to_be_visible()
    ring(simulator)
    expect(card).to_contain_text("Priya Raman")
    expect(other.locator(".o_noojee_incoming_card")).to_contain_text("Priya Raman")


def test_unknown_caller_becomes_a_contact(ready, card, simulator):
    ring(simulator, UNKNOWN)
    card.get_by_role("button", name="New contact").click()
    dialog = ready.locator(".modal")
    expect(dialog.locator("[name=phone] input")).to_have_value(UNKNOWN)
    dialog.locator("[name=name] input, [name=name] textarea").first.fill("Nora New")
    dialog.locator(".o_form_button_save").click()
    expect(card).to_contain_text("Nora New")
    expect(card.locator(".o_noojee_remembered")).to_contain_text("Nora New")


def test_caller_is_said_taken_back_and_remembered(ready, card, simulator, database):
    ring(simulator)
    card.get_by_role("button", name="Other…").click()
    card.get_by_role("button", name="Attach to…").click()
    search = card.locator(".o_noojee_link_search")
    search.fill("Li Wei")
    card.locator(".o_noojee_link_results button", has_text="Li Wei").first.click()
    expect(card.locator(".o_noojee_remembered")).to_contain_text("Li Wei")
    expect(card.locator(".o_noojee_call_name")).to_have_text("Li Wei")
    # the way back is there after a reload as well
    ready.reload()
    card.get_by_role("button", name="Undo").click()
    expect(card.locator(".o_noojee_remembered")).to_have_count(0)
    expect(card.locator(".o_noojee_call_name")).to_have_text("Priya Raman")


def test_remembered_caller_is_known_the_next_time(ready, card, simulator):
    ring(simulator, UNKNOWN.replace("4711", "4712"))
    card.get_by_role("button", name="Attach to…").click()
    card.locator(".o_noojee_link_search").fill("Li Wei")
    card.locator(".o_noojee_link_results button", has_text="Li Wei").first.click()
    expect(card.locator(".o_noojee_remembered")).to_be_visible()
    simulator.control("hangup", desk="101")
    expect(card).to_have_count(0)
    ring(simulator, UNKNOWN.replace("4711", "4712"))
    expect(card.locator(".o_noojee_call_name")).to_have_text("Li Wei")


def choose(page, name):
    page.locator(".o_noojee_phone_menu").click()
    page.locator(".o_noojee_pop_settings_toggle").click()
    with page.expect_response("**/set_res_users_settings"):
        page.get_by_label(name).check()
    page.keyboard.press("Escape")


@pytest.fixture
def as_it_was(database):
    yield
    with database.cursor() as cursor:
        cursor.execute("UPDATE res_users_settings SET noojee_pop = 'card'")


@pytest.mark.usefixtures("as_it_was")
def test_customer_opens_in_one_new_tab(ready, card, simulator, odoo_url):
    choose(ready, "Open the customer in a new tab")
    other = ready.context.new_page()
    other.goto(f"{odoo_url}/odoo/contacts")
    expect(other.locator(".o_noojee_phone_menu")).to_be_visible()
    with ready.context.expect_page() as opened:
        ring(simulator)
    expect(opened.value.locator(".o_form_view")).to_contain_text("Coastal Solar")
    expect(opened.value.locator(".o_noojee_incoming_card")).to_have_count(1)
    # neither the other tab nor the new one opens another
    ready.wait_for_timeout(1000)
    assert len(ready.context.pages) == 3


@pytest.mark.usefixtures("as_it_was")
def test_customer_opens_here_but_not_over_what_is_written(
    ready, card, simulator, odoo_url, record_id
):
    choose(ready, "Open the customer here, unless I am at work")
    ready.goto(f"{odoo_url}/odoo/contacts/{record_id('partner_li_wei')}")
    name = ready.locator(".o_form_view [name=name] input, [name=name] textarea").first
    name.fill("Li Wei written")
    ring(simulator)
    expect(card.locator(".o_noojee_pop_words")).to_contain_text("Not opened by itself")
    expect(name).to_have_value("Li Wei written")
    simulator.control("hangup", desk="101")
    expect(card).to_have_count(0)
    ready.locator(".o_form_button_cancel").click()
    ready.locator("body").click(position={"x": 5, "y": 500})
    ring(simulator)
    expect(ready.locator(".o_form_view [name=name] input").first).to_have_value(
        "Priya Raman"
    )


@pytest.mark.usefixtures("as_it_was")
def test_choice_reaches_tabs_that_are_open(ready, other, simulator):
    choose(ready, "Open the customer in a new tab")
    ready.close()
    with other.context.expect_page() as opened:
        ring(simulator)
    expect(opened.value.locator(".o_form_view")).to_contain_text("Coastal Solar")


@pytest.fixture
def half_written(ready, card, simulator):
    """The name in the dialogue of a new contact, who rings."""
    ring(simulator, UNKNOWN.replace("4711", "4713"))
    card.get_by_role("button", name="New contact").click()
    dialog = ready.locator(".modal")
    name = dialog.locator("[name=name] input, [name=name] textarea").first
    name.fill("Half written")
    return name


def test_card_is_reached_by_the_keyboard_over_a_dialogue(ready, card, half_written):
    ready.keyboard.press("Alt+Shift+R")
    expect(card.get_by_role("button", name="Answer")).to_be_focused()
    for name in ("Ignore", "Decline", "New contact", "New lead", "Attach to…"):
        ready.keyboard.press("Tab")
        expect(card.get_by_role("button", name=name)).to_be_focused()
    ready.keyboard.press("Escape")
    expect(half_written).to_be_focused()
    ready.keyboard.press("Alt+Shift+R")
    ready.keyboard.press("Tab")
    ready.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(half_written).to_be_focused()
    expect(half_written).to_have_value("Half written")


def test_panel_is_opened_over_a_dialogue(ready, half_written):
    ready.keyboard.press("Alt+Shift+P")
    panel = ready.locator(".o_noojee_phone_panel")
    expect(panel.get_by_role("button", name="Answer")).to_be_focused()
    # it stands above all, within reach of the mouse as well
    panel.get_by_role("button", name="Ignore").click()
    ready.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(half_written).to_be_focused()
    expect(half_written).to_have_value("Half written")


def test_customer_is_opened_beside_a_dialogue(ready, half_written, simulator):
    ring(simulator, PRIYA)
    with ready.context.expect_page() as opened:
        ready.get_by_role("button", name="Open Priya Raman").click()
    expect(opened.value.locator(".o_form_view")).to_contain_text("Coastal Solar")
    expect(half_written).to_have_value("Half written")


# keeps what is said on cards that are withdrawn, however short
NOTE_WITHDRAWN = """() => {
    window.withdrawnWords = [];
    const note = ({ textContent }) =>
        textContent && window.withdrawnWords.push(textContent);
    new MutationObserver(() => {
        document.querySelectorAll(".o_noojee_withdrawn_words").forEach(note);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def is_connected(simulator, number):
    [desk] = [desk for desk in simulator.state["desks"] if desk["desk"] == number]
    return any(call["status"] == "Connected" for call in desk["calls"])


def test_call_that_a_colleague_made_is_handed_on(ready, card, simulator):
    simulator.control("call-out", desk="102", number="0370101235")
    wait_for(lambda: is_connected(simulator, "102"))
    # so long it is no call of hers
    expect(card).to_have_count(0)
    simulator.control("transfer", desk="102", to="101")
    expect(card.locator(".o_noojee_call_name")).to_have_text("Priya Raman")
    card.get_by_role("button", name="Answer").click()
    current = ready.locator(".o_noojee_current_call")
    expect(current).to_have_attribute("data-state", "connected")
    expect(card).to_have_count(0)


def test_ignored_call_that_is_handed_on_has_a_card(ready, card, other, simulator):
    simulator.control("ring", desks=["101", "102"], queue=True, caller=PRIYA)
    cards = [card, other.locator(".o_noojee_incoming_card")]
    card.get_by_role("button", name="Ignore").click()
    for each in cards:
        expect(each).to_have_count(0)
    simulator.control("answer", desk="102")
    simulator.control("transfer", desk="102", to="101")
    for each in cards:
        expect(each.get_by_role("button", name="Answer")).to_be_visible()


def test_declined_call_is_missed_in_no_tab(ready, card, other, simulator):
    ring(simulator)
    cards = [card, other.locator(".o_noojee_incoming_card")]
    for each in cards:
        expect(each).to_be_visible()
    for page in (ready, other):
        page.evaluate(NOTE_WITHDRAWN)
    card.get_by_role("button", name="Decline").click()
    for each in cards:
        expect(each).to_have_count(0)
    for page in (ready, other):
        assert page.evaluate("() => window.withdrawnWords") == []
        expect(page.locator(".o_noojee_missed_counter")).to_be_hidden()
    ready.reload()
    expect(ready.locator(".o_noojee_phone_menu")).to_be_visible()
    expect(ready.locator(".o_noojee_missed_counter")).to_be_hidden()
