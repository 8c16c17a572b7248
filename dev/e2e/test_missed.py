"""Missed calls: listed by themselves, taken once, gone when the number was reached."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from .rpc import Rpc
from .test_listener import wait_for

STRANGER = "+61 491 577 644"
STRANGER_AT_HOME = "0491 577 644"


def open_missed(page, odoo_url):
    page.goto(f"{odoo_url}/odoo/noojee-missed")
    expect(page.locator(".o_action .o_control_panel")).to_be_visible()


def row(page):
    return page.locator(".o_data_row").filter(has_text=STRANGER_AT_HOME)


def miss(simulator, caller=STRANGER):
    """A queue call that rings at Anna's and at Ben's desk until the caller gives up."""
    simulator.control("ring", desks=["101", "102"], queue=True, caller=caller)
    for desk in ("101", "102"):
        simulator.control("hangup", desk=desk)


@pytest.fixture
def ben(log_in):
    return log_in("ben")


def open_entry(database, number):
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM noojee_missed_call WHERE state = 'open' AND number = %s",
            [number],
        )
        return cursor.fetchone()


def test_listed_taken_called_back_closed(anna, ben, odoo_url, simulator, database):
    for page in (anna, ben):
        open_missed(page, odoo_url)
    miss(simulator)
    for page in (anna, ben):
        expect(row(page)).to_contain_text("Solar sales")
    miss(simulator)
    expect(row(ben).locator("[name=count]")).to_have_text("2")

    row(anna).get_by_role("button", name="Take it").click()
    expect(row(anna)).to_contain_text("Taken")
    # it is nobody else's any more
    expect(row(ben)).to_have_count(0)
    badge = ben.locator(".o_noojee_missed_counter")
    expect(badge).to_be_visible()

    row(anna).get_by_role("button", name="Give back").click()
    expect(row(anna)).to_contain_text("Open")
    expect(row(ben)).to_contain_text("Open")

    row(anna).get_by_role("button", name="Call back").click()
    card = anna.locator(".o_noojee_current_call")
    expect(card).to_have_attribute("data-state", "connected")
    expect(row(anna)).to_have_count(0)
    expect(badge).to_be_hidden()


def test_taken_by_one_of_two_at_the_same_moment(odoo_url, simulator, database):
    miss(simulator, "+61491578957")
    entry = wait_for(lambda: open_entry(database, "+61491578957"))
    sessions = [Rpc(odoo_url, database.info.dbname, login) for login in ("anna", "ben")]
    with ThreadPoolExecutor() as executor:
        answers = list(
            executor.map(
                lambda rpc: rpc.call("noojee.missed.call", "action_claim", list(entry)),
                sessions,
            )
        )
    [refusal] = [error["data"]["message"] for _result, error in answers if error]
    assert "has taken this call already" in refusal


def test_known_customer_is_in_his_owners_list(anna, odoo_url, simulator):
    open_missed(anna, odoo_url)
    miss(simulator, "+61 3 7010 1235")
    known = anna.locator(".o_data_row").filter(has_text="Priya Raman")
    expect(known).to_contain_text("Anna Berg")
    anna.keyboard.press("Alt+Shift+P")
    anna.get_by_role("tab", name="To call").click()
    # a campaign may want her called as well
    items = anna.locator(".o_noojee_to_call_item").filter(has_text="Priya Raman")
    item = items.filter(has_text="Call back: missed")
    expect(item).to_be_visible()
    anna.keyboard.press("Escape")
    # the customer tries again and gets through
    simulator.control("ring", desks=["102"], caller="+61 3 7010 1235")
    simulator.control("answer", desk="102")
    expect(known).to_have_count(0)
    anna.keyboard.press("Alt+Shift+P")
    expect(item).to_have_count(0)


def test_supervisor_sees_what_is_others_come_and_go(log_in, odoo_url, simulator):
    chloe = log_in("chloe")
    open_missed(chloe, odoo_url)
    caller = "+61 491 577 426"
    simulator.control("ring", desks=["101"], caller=caller)
    simulator.control("hangup", desk="101")
    listed = chloe.locator(".o_data_row").filter(has_text="0491 577 426")
    expect(listed).to_contain_text("Anna Berg")
    simulator.control("ring", desks=["101"], caller=caller)
    simulator.control("answer", desk="101")
    expect(listed).to_have_count(0)


def test_stranger_is_called_by_next(anna, odoo_url, simulator):
    """Nobody knows who called: the number stands among the calls to make."""
    open_missed(anna, odoo_url)
    simulator.control("ring", desks=["101"], caller=STRANGER)
    simulator.control("hangup", desk="101")
    expect(row(anna)).to_contain_text("Anna Berg")
    anna.keyboard.press("Alt+Shift+P")
    anna.get_by_role("tab", name="To call").click()
    item = anna.locator(".o_noojee_to_call_item").filter(has_text=STRANGER_AT_HOME)
    expect(item).to_contain_text("Call back: missed")
    item.get_by_role("button").click()
    card = anna.locator(".o_noojee_current_call")
    expect(card).to_have_attribute("data-state", "connected")
    # reached: it is nobody's to call any more
    expect(row(anna)).to_have_count(0)
    expect(item).to_have_count(0)


def test_cards_on_a_narrow_screen(log_in, odoo_url, simulator):
    ben = log_in("ben", viewport={"width": 380, "height": 740})
    ben.goto(f"{odoo_url}/odoo/noojee-missed")
    expect(ben.locator(".o_kanban_view")).to_be_visible()
    miss(simulator, "+61491578957")
    entry = ben.locator(".o_kanban_record").filter(has_text="0491 578 957")
    expect(entry).to_contain_text("Solar sales")
    entry.get_by_role("button", name="Done").click()
    expect(entry).to_have_count(0)
