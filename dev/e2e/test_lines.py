"""Shared desks: signing on and off, and whose card a call pops."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from .rpc import Rpc

PRIYA = "+61 3 7010 1235"


@pytest.fixture
def nobody_sits(database):
    """Shared desks are free before and after a test."""

    def free():
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE noojee_extension SET user_id = NULL WHERE desk = 'shared'"
            )
            cursor.execute(
                "UPDATE noojee_sign_on SET until = now() WHERE until IS NULL AND"
                " extension_id IN"
                " (SELECT id FROM noojee_extension WHERE desk = 'shared')"
            )
            # a new browser is told again what it missed in the last minute
            cursor.execute(
                "DELETE FROM bus_bus WHERE message LIKE '%noojee.phone/line%'"
            )

    free()
    yield
    free()


@pytest.fixture
def dana(nobody_sits, log_in, odoo_url):
    """Dana's browser; she has no desk of her own."""
    page = log_in("dana")
    page.goto(f"{odoo_url}/odoo/contacts")
    # an action that opens late closes the panel
    expect(page.locator(".o_action .o_control_panel")).to_be_visible()
    return page


def open_panel(page):
    page.locator(".o_noojee_phone_menu").click()
    expect(page.locator(".o_noojee_phone_panel")).to_be_visible()


def sign_on(page, number):
    page.locator(f".o_noojee_desk[data-number='{number}']").get_by_role(
        "button", name="Sign on"
    ).click()
    expect(page.locator(".o_noojee_line")).to_contain_text(f"Desk {number}")


def test_calls_follow_who_sits_there(dana, odoo_url, simulator, log_in, database):
    open_panel(dana)
    sign_on(dana, "110")
    card = dana.locator(".o_noojee_incoming_card")
    simulator.control("ring", desks=["110"], caller=PRIYA)
    expect(card).to_contain_text("Priya Raman")
    # a running call keeps her there
    simulator.control("answer", desk="110")
    expect(card).to_have_count(0)
    dana.locator(".o_noojee_change_desk").click()
    dana.get_by_role("button", name="Sign off: Desk 110").click()
    expect(dana.locator(".o_noojee_desk_error")).to_contain_text("Hang up first")
    simulator.control("hangup", desk="110")
    expect(dana.locator(".o_noojee_current_call[data-state='ended']")).to_be_visible()
    dana.get_by_role("button", name="Sign off: Desk 110").click()
    expect(dana.locator(".o_noojee_no_line")).to_be_visible()

    simulator.control("ring", desks=["110"], caller=PRIYA)
    with database.cursor() as cursor:
        for _attempt in range(100):
            cursor.execute(
                "SELECT user_id FROM noojee_call_channel WHERE extension_number = '110'"
                " AND state = 'ringing'"
            )
            if row := cursor.fetchone():
                break
            dana.wait_for_timeout(100)
    assert row == (None,)
    dana.wait_for_timeout(1500)
    expect(card).to_have_count(0)


def test_the_call_button_uses_the_desk(dana, odoo_url, simulator, record_id):
    open_panel(dana)
    sign_on(dana, "111")
    dana.keyboard.press("Escape")
    dana.goto(f"{odoo_url}/odoo/contacts/{record_id('partner_priya_raman')}")
    dana.locator("button[name=action_noojee_call]").click()
    expect(dana.locator(".o_noojee_current_call")).to_contain_text("Priya Raman")
    [dialled] = simulator.wait_for_request("dial")
    assert dialled["params"]["extenOrUniqueId"] == "SIP/111"


def test_signing_on_by_keyboard(dana):
    dana.locator(".o_noojee_phone_menu").focus()
    dana.keyboard.press("Enter")
    desk = dana.locator(".o_noojee_sign_on").last
    expect(desk).to_be_visible()
    expect(dana.get_by_label("Name or number to call")).to_be_focused()
    dana.keyboard.press("Shift+Tab")
    expect(desk).to_be_focused()
    dana.keyboard.press("Enter")
    expect(dana.locator(".o_noojee_line")).to_contain_text("Desk 111")


def together(*actions):
    with ThreadPoolExecutor(len(actions)) as executor:
        futures = [executor.submit(action) for action in actions]
        return [future.result() for future in futures]


def test_two_at_the_same_moment(odoo_url, database, record_id, call_kw, nobody_sits):
    """One sits down, the other is told in plain words."""
    name = database.info.dbname
    values = {"name": "Emil", "login": "emil", "password": "emil"}
    values["group_ids"] = [[4, record_id("group_user")]]
    call_kw("res.users", "create", values)
    sessions = [Rpc(odoo_url, name, "dana"), Rpc(odoo_url, name, "emil")]
    desk_id = record_id("extension_110")
    for _round in range(5):
        answers = together(
            *(
                lambda session=session: session.call(
                    "noojee.extension", "sign_on", [desk_id]
                )
                for session in sessions
            )
        )
        [told] = [error for _line, error in answers if error]
        [line] = [line for line, error in answers if not error]
        assert line["number"] == "110"
        assert told["data"]["name"] == "odoo.exceptions.UserError"
        assert "desk" in told["data"]["message"]
        for session in sessions:
            assert not session.call("noojee.extension", "sign_off")[1]
    # one user in two tabs, at two desks: he sits at one of them
    for _round in range(5):
        answers = together(
            *(
                lambda tab=tab, id_=id_: tab.call("noojee.extension", "sign_on", [id_])
                for tab, id_ in zip(
                    (sessions[0], Rpc(odoo_url, name, "dana")),
                    (desk_id, record_id("extension_111")),
                    strict=True,
                )
            )
        )
        for _line, error in answers:
            if error:
                assert error["data"]["name"] == "odoo.exceptions.UserError"
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM noojee_extension WHERE user_id IS NOT NULL AND"
                " desk = 'shared'"
            )
            assert cursor.fetchone()[0] == 1
        assert not sessions[0].call("noojee.extension", "sign_off")[1]
    # the history tells the same
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM noojee_sign_on WHERE until IS NULL AND number IN"
            " ('110', '111')"
        )
        assert cursor.fetchone()[0] == 0
