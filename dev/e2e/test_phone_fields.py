"""Phone fields dial where they stand, and nothing else on the page moves."""

import pytest
from playwright.sync_api import expect

from .test_live_line import assert_inside, narrowed

PRIYA = "0370101235"


def open_contacts(page, odoo_url, view):
    page.goto(f"{odoo_url}/odoo/contacts?view_type={view}")
    expect(page.locator(f".o_{view}_view")).to_be_visible()
    page.get_by_role("searchbox").fill("Priya")
    page.get_by_role("link", name="Search Name for: Priya").click()
    # the rows of before would go with the keyboard's focus
    rows = page.locator(f".o_{view}_view").locator(".o_data_row, .o_kanban_record")
    expect(rows.filter(visible=True)).to_have_count(1)


def phone_in(page, row):
    return page.locator(row, has_text="Priya Raman").locator(".o_field_phone a")


def expect_call_of_priya(page, simulator, number=PRIYA):
    [dialled] = simulator.wait_for_request("dial")
    assert dialled["params"]["number"] == number
    current = page.locator(".o_noojee_current_call")
    expect(current).to_have_attribute("data-state", "connected")
    return current


def test_click_in_the_list(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url, "list")
    row = anna.locator(".o_data_row", has_text="Priya Raman")
    row.locator(".o_list_record_selector input").check()
    phone_in(anna, ".o_data_row").click()
    current = expect_call_of_priya(anna, simulator)
    expect(current).to_contain_text("Priya Raman")
    expect(anna.locator(".o_list_view")).to_be_visible()
    expect(row.locator(".o_list_record_selector input")).to_be_checked()


def test_click_in_the_kanban(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url, "kanban")
    phone_in(anna, ".o_kanban_record").click()
    current = expect_call_of_priya(anna, simulator)
    expect(current).to_contain_text("Priya Raman")
    expect(anna.locator(".o_kanban_view")).to_be_visible()


def test_keyboard_in_the_list(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url, "list")
    phone_in(anna, ".o_data_row").focus()
    anna.keyboard.press("Enter")
    expect_call_of_priya(anna, simulator)
    expect(anna.locator(".o_list_view")).to_be_visible()


def test_click_in_a_form_with_changes(anna, odoo_url, simulator, record_id, call_kw):
    partner_id = record_id("partner_priya_raman")
    anna.goto(f"{odoo_url}/odoo/contacts/{partner_id}")
    job = anna.locator(".o_field_widget[name=function] input")
    job.fill("Head of roofs")
    phone = anna.locator(".o_field_widget[name=phone]")
    phone.hover()
    phone.locator(".o_phone_form_link").click()
    current = expect_call_of_priya(anna, simulator)
    expect(current).to_contain_text("Priya Raman")
    expect(job).to_have_value("Head of roofs")
    [stored] = call_kw("res.partner", "read", [partner_id], ["function"])
    assert stored["function"] != "Head of roofs"
    # leaving the page would save it
    anna.get_by_role("button", name="Discard all changes").click()


@pytest.fixture
def lineless(call_kw, database):
    """Somebody of the phone's users who sits at no desk."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT res_id FROM ir_model_data"
            " WHERE module = 'noojee' AND name = 'group_user'"
        )
        [group_id] = cursor.fetchone()
    values = {"name": "Lin Eless", "login": "lineless", "password": "lineless"}
    user_id = call_kw("res.users", "create", {**values, "group_ids": [[4, group_id]]})
    yield "lineless"
    call_kw(
        "res.users", "write", [user_id], {"active": False, "login": f"gone{user_id}"}
    )


@pytest.fixture
def without_line(log_in, lineless):
    """His browser; what is opened in it is kept in `opened`."""
    page = log_in(lineless)
    page.add_init_script("window.opened = []; window.open = (url) => opened.push(url);")
    return page


def test_without_a_line_the_phone_program_is_opened(without_line, odoo_url, simulator):
    open_contacts(without_line, odoo_url, "list")
    link = phone_in(without_line, ".o_data_row")
    expect(link).to_have_attribute("href", "tel:0370101235")
    link.click()
    without_line.wait_for_function("opened.length")
    assert without_line.evaluate("opened") == ["tel:+61370101235"]
    expect(without_line.locator(".o_list_view")).to_be_visible()
    expect(without_line.locator(".o_noojee_current_call")).to_have_count(0)
    assert not simulator.requests("dial")


@pytest.fixture
def blacklisted(call_kw):
    [entry_id] = call_kw("phone.blacklist", "create", [{"number": "+61370101235"}])
    yield
    call_kw("phone.blacklist", "unlink", [entry_id])


def test_phone_program_keeps_the_rules(without_line, odoo_url, blacklisted):
    open_contacts(without_line, odoo_url, "list")
    phone_in(without_line, ".o_data_row").click()
    check = without_line.locator(".o_noojee_call_check")
    expect(check.locator(".modal-title")).to_contain_text("on the phone blacklist")
    assert without_line.evaluate("opened") == []
    check.get_by_role("button", name="Open phone program").click()
    expect(check).to_have_count(0)
    assert without_line.evaluate("opened") == ["tel:+61370101235"]


@pytest.fixture
def order_id(call_kw, record_id):
    """A quotation whose invoice goes to somebody else."""
    order_id = record_id("order_priya")
    dental_id = record_id("partner_harbour_dental")
    call_kw("sale.order", "write", [order_id], {"partner_invoice_id": dental_id})
    yield order_id
    priya_id = record_id("partner_priya_raman")
    call_kw("sale.order", "write", [order_id], {"partner_invoice_id": priya_id})


def test_chooser_of_an_order(anna, odoo_url, simulator, order_id, call_kw):
    anna.goto(f"{odoo_url}/odoo/action-sale.action_quotations/{order_id}")
    anna.locator("button[name=action_noojee_call]").click()
    chooser = anna.locator(".o_noojee_number_chooser")
    expect(chooser.locator(".o_noojee_choice")).to_have_count(2)
    expect(chooser.locator("button.btn-primary")).to_be_focused()
    assert not simulator.requests("dial")
    anna.keyboard.press("ArrowDown")
    anna.keyboard.press("Enter")
    [dialled] = simulator.wait_for_request("dial")
    assert dialled["params"]["number"] == "0270105700"
    expect(chooser).to_have_count(0)
    expect(anna.locator(".o_noojee_current_call")).to_be_visible()
    [call] = call_kw("noojee.call", "search_read", [["state", "!=", "ended"]])
    assert call["record_ref"] == f"sale.order,{order_id}"


@pytest.mark.parametrize("width", [320, 375])
def test_chooser_on_a_narrow_screen(log_in, odoo_url, order_id, width):
    page = narrowed(log_in, width)
    page.goto(f"{odoo_url}/odoo/action-sale.action_quotations/{order_id}")
    expect(page.locator(".o_form_view")).to_be_visible()
    button = page.locator("button[name=action_noojee_call]")
    if not button.is_visible():
        page.locator(".o_statusbar_buttons [title=More]").click()
    button.click()
    chooser = page.locator(".o_noojee_number_chooser")
    expect(chooser.locator(".o_noojee_choice")).to_have_count(2)
    assert_inside(chooser)
