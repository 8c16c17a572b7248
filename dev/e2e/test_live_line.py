"""The call under the hand: cards, panel, results, several tabs, bad lines."""

import re

import pytest
from playwright.sync_api import expect

from .cuttable import CuttableLine
from .listeners import wait_for

PRIYA = "+61 3 7010 1235"


def card(page):
    return page.locator(".o_noojee_current_call")


def open_contacts(page, odoo_url):
    page.goto(f"{odoo_url}/odoo/contacts")
    # an action that opens late closes the panel
    expect(page.locator(".o_action .o_control_panel")).to_be_visible()
    expect(page.locator(".o_noojee_phone_menu")).to_be_visible()


def open_partner(page, odoo_url, partner_id):
    page.goto(f"{odoo_url}/odoo/contacts/{partner_id}")
    expect(page.locator(".o_form_view")).to_be_visible()


def call_partner(page, odoo_url, partner_id):
    """Dial from a contact's form and wait until the customer answers."""
    open_partner(page, odoo_url, partner_id)
    page.locator("button[name=action_noojee_call]").click()
    expect(card(page)).to_have_attribute("data-state", "connected")


def open_panel(page):
    page.keyboard.press("Alt+Shift+P")
    expect(page.locator(".o_noojee_phone_panel")).to_be_visible()


def select_one(database, query, *values):
    with database.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()


def last_call(database, columns):
    return select_one(
        database, f"SELECT {columns} FROM noojee_call ORDER BY id DESC LIMIT 1"
    )


# === A CALL FROM ITS BEGINNING TO ITS RESULT === #


def test_record_note_link_and_result(anna, odoo_url, simulator, database, record_id):
    priya = record_id("partner_priya_raman")
    call_partner(anna, odoo_url, priya)

    card(anna).get_by_role("button", name="Record", exact=True).click()
    expect(card(anna).locator(".o_noojee_recording_words")).to_contain_text("Recorded")
    [started] = simulator.wait_for_request("start")
    assert started["params"]["agentLoginName"] == "anna"
    card(anna).get_by_role("button", name="Stop recording").click()
    simulator.wait_for_request("stop")
    # what stands below its words moves up with them
    expect(card(anna).get_by_role("button", name="Stop recording")).to_have_count(0)

    card(anna).get_by_label("Note to this call").fill("Wants <b>12 kW</b>")
    card(anna).get_by_role("button", name="Other…").click()
    card(anna).get_by_label("Who or what is this call about?").fill("12 kW roof")
    found = card(anna).locator(".o_noojee_link_results button")
    found.filter(has_text="12 kW roof").first.click()
    expect(card(anna).locator(".o_noojee_linked_record")).to_contain_text("12 kW roof")

    card(anna).get_by_role("button", name="Hang up").click()
    expect(card(anna).locator(".o_noojee_wrap_up")).to_be_visible()
    # not in a field: one key is enough
    anna.locator(".o_main_navbar").click(position={"x": 600, "y": 10})
    anna.keyboard.press("1")
    expect(card(anna).locator(".o_noojee_result")).to_have_text("Reached")

    note, lead = last_call(database, "note, record_ref")
    assert note == "Wants <b>12 kW</b>"
    lead_id = record_id("lead_roof_12kw")
    assert lead == f"crm.lead,{lead_id}"
    # one line in the chatter of what the call was about, shown as it was written
    anna.goto(f"{odoo_url}/odoo/crm/{lead_id}")
    chatter = anna.locator(".o-mail-Chatter")
    expect(chatter).to_contain_text("Reached")
    expect(chatter).to_contain_text("Wants <b>12 kW</b>")


def test_smart_button_counts_on_by_itself(anna, odoo_url, simulator, record_id):
    open_partner(anna, odoo_url, record_id("partner_marek_kowal"))
    counter = anna.locator(".o_noojee_calls_stat .o_stat_value")
    before = int(re.match(r"\d+", counter.inner_text()).group())
    anna.locator("button[name=action_noojee_call]").click()
    card(anna).get_by_role("button", name="Hang up").click()
    expect(card(anna)).to_have_attribute("data-state", "ended")
    expect(counter).to_contain_text(f"{before + 1}")
    expect(counter).to_contain_text("last")


def test_the_open_form_shows_the_call_when_it_has_ended(
    anna, odoo_url, simulator, record_id
):
    open_partner(anna, odoo_url, record_id("partner_li_wei"))
    chatter = anna.locator(".o-mail-Chatter")
    expect(chatter).to_contain_text("Contact created")
    city = anna.locator(".o_field_widget[name=city] input")
    lines = chatter.get_by_text("Show call")
    before = lines.count()
    anna.locator("button[name=action_noojee_call]").click()
    expect(card(anna)).to_have_attribute("data-state", "connected")
    city.fill("Unsaved Town")
    card(anna).get_by_role("button", name="Hang up").click()
    expect(lines).to_have_count(before + 1)
    card(anna).get_by_role("button", name="Left message").click()
    expect(chatter).to_contain_text("Result: Left message")
    expect(lines).to_have_count(before + 1)
    expect(city).to_have_value("Unsaved Town")


def test_the_open_form_shows_what_a_result_has_planned(
    anna, odoo_url, record_id, database
):
    call_partner(anna, odoo_url, record_id("partner_li_wei"))
    chatter = anna.locator(".o-mail-Chatter")
    planned = chatter.locator(".o-mail-Activity")
    before = planned.count()
    card(anna).get_by_role("button", name="Hang up").click()
    expect(card(anna).locator(".o_noojee_wrap_up")).to_be_visible()
    card(anna).get_by_role("button", name="Call back").click()
    expect(planned).to_have_count(before + 1)
    expect(planned.filter(has_text="Call back")).to_have_count(1)
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM mail_activity WHERE summary = 'Call back'")


def test_the_open_form_shows_lines_that_a_flood_put_off(
    anna, odoo_url, simulator, record_id
):
    open_partner(anna, odoo_url, record_id("partner_li_wei"))
    chatter = anna.locator(".o-mail-Chatter")
    expect(chatter).to_contain_text("Contact created")
    lines = chatter.get_by_text("Missed call from Li Wei")
    before = lines.count()
    # one answer brings them all
    gathered = {"kind": "out_of_order", "method": "subscribe", "seconds": 3}
    simulator.faults({**gathered, "times": 1})
    desks = ["101", "102", "103"]
    for _n in range(4):
        simulator.control("ring", desks=desks, caller="0491570156")
        for desk in desks:
            simulator.control("hangup", desk=desk)
    expect(lines).to_have_count(before + 4)


def test_follow_up_from_the_panel(anna, odoo_url, simulator, record_id):
    call_partner(anna, odoo_url, record_id("partner_marek_kowal"))
    open_panel(anna)
    running = anna.locator(".o_noojee_panel_call")
    running.get_by_role("button", name="Hang up").click()
    expect(running.locator(".o_noojee_wrap_up")).to_be_visible()
    running.get_by_label("Note to this call").fill("Wants a quotation")
    running.get_by_role("button", name="Follow-up…").click()
    dialogue = anna.locator(".modal")
    expect(dialogue).to_contain_text("Schedule Activity")
    dialogue.locator(".o_field_widget[name=summary] input").fill("Send the quotation")
    dialogue.get_by_role("button", name="Save", exact=True).click()
    expect(dialogue).to_have_count(0)
    # the form shows it, and the call still waits with its note
    expect(anna.locator(".o-mail-Activity").first).to_contain_text("Send the quotation")
    expect(card(anna).locator(".o_noojee_wrap_up")).to_be_visible()
    expect(card(anna).get_by_label("Note to this call")).to_have_value(
        "Wants a quotation"
    )


def test_second_call_is_shown_beside_the_first(anna, odoo_url, simulator, record_id):
    call_partner(anna, odoo_url, record_id("partner_li_wei"))
    simulator.control("ring", desks=["101"], caller=PRIYA)
    incoming = anna.locator(".o_noojee_incoming_card")
    expect(incoming).to_contain_text("Priya Raman")
    expect(incoming).to_contain_text("Your handset decides")
    expect(card(anna)).to_contain_text("Li Wei")
    incoming.get_by_role("button", name="Answer").click()
    expect(card(anna)).to_have_count(2)
    # the handset is made to answer by itself, in its maker's words
    [answered] = simulator.wait_for_request("answer")
    assert answered["params"]["answerString"] == r"Call-Info:\; answer-after=0"


# what stands over an element gets the clicks that are meant for it
IS_IN_SIGHT = """element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


@pytest.fixture
def anna_on_a_laptop(log_in):
    return log_in("anna", viewport={"width": 1366, "height": 768})


def test_who_is_on_the_line_is_seen_while_another_rings(
    anna_on_a_laptop, odoo_url, simulator, record_id
):
    page = anna_on_a_laptop
    incoming = page.locator(".o_noojee_incoming_card")
    call_partner(page, odoo_url, record_id("partner_marek_kowal"))
    simulator.control("ring", desks=["101"], caller="+61 3 7010 4718")
    incoming.get_by_role("button", name="Answer").click()
    expect(card(page)).to_have_count(2)
    simulator.control("ring", desks=["101"], caller=PRIYA)
    expect(incoming).to_contain_text("Priya Raman")
    seen = [
        page.locator(f".o_noojee_current_call {part}")
        for part in (".o_noojee_call_name", ".o_noojee_call_state", ".o_noojee_hang_up")
    ] + [
        incoming.locator(part)
        for part in (".o_noojee_call_name", ".o_noojee_answer", ".o_noojee_hang_up")
    ]
    for part in seen:
        for each in part.all():
            wait_for(lambda each=each: each.evaluate(IS_IN_SIGHT))


# === THE PANEL === #


def test_search_and_dial_with_the_keyboard_alone(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url)
    open_panel(anna)
    anna.keyboard.type("marek")
    expect(anna.locator(".o_noojee_party").first).to_contain_text("Marek Kowal")
    anna.keyboard.press("Enter")
    running = anna.locator(".o_noojee_panel_call")
    expect(running).to_contain_text("Marek Kowal")
    expect(running.locator(".o_noojee_call_state")).to_contain_text("Connected")
    [dialled] = simulator.requests("dial")
    assert dialled["params"]["extenOrUniqueId"] == "SIP/101"


def test_a_double_click_dials_once(anna, odoo_url, simulator, record_id):
    open_partner(anna, odoo_url, record_id("partner_priya_raman"))
    anna.locator("button[name=action_noojee_call]").dblclick()
    expect(card(anna)).to_have_attribute("data-state", "connected")
    card(anna).get_by_role("button", name="Hang up").dblclick()
    expect(card(anna).locator(".o_noojee_wrap_up")).to_be_visible()
    open_panel(anna)
    anna.get_by_role("tab", name="Recent").click()
    anna.locator(".o_noojee_recent_call .o_noojee_dial_button").first.dblclick()
    running = anna.locator(".o_noojee_panel_call")
    expect(running.locator(".o_noojee_call_state").first).to_contain_text("Connected")
    assert len(simulator.requests("dial")) == 2
    assert anna.locator(".modal").count() == 0
    running.get_by_role("button", name="Hang up").first.click()
    expect(running.locator(".o_noojee_wrap_up").first).to_be_visible()


def test_the_panel_takes_and_returns_the_focus(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url)
    search = anna.locator(".o_searchview_input")
    search.focus()
    open_panel(anna)
    expect(anna.locator(".o_noojee_number")).to_be_focused()
    anna.keyboard.type("marek")
    expect(anna.locator(".o_noojee_party").first).to_be_visible()
    # the first takes what is written back, the second closes
    anna.keyboard.press("Escape")
    expect(anna.locator(".o_noojee_number")).to_have_value("")
    anna.keyboard.press("Escape")
    expect(anna.locator(".o_noojee_phone_panel")).to_have_count(0)
    expect(search).to_be_focused()


def test_settings_of_a_long_panel_open_where_one_looks(log_in, odoo_url, simulator):
    page = log_in("anna", viewport={"width": 1366, "height": 480})
    open_contacts(page, odoo_url)
    open_panel(page)
    page.locator("[data-tab=keys]").click()
    page.locator(".o_noojee_pop_settings_toggle").click()
    choices = page.locator(".o_noojee_pop_settings fieldset")
    expect(choices).to_be_in_viewport(ratio=1)


def test_search_by_number(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url)
    open_panel(anna)
    anna.keyboard.type("03 7010 1235")
    expect(anna.locator(".o_noojee_party").first).to_contain_text("Priya Raman")


@pytest.mark.parametrize(
    "copied", ["03–7010–1235", "\u202a+61 3 7010 1235\u202c", "📞 03 7010 1235 ext. 12"]
)
def test_paste_what_was_copied(log_in, odoo_url, simulator, copied):
    anna = log_in("anna", permissions=["clipboard-read", "clipboard-write"])
    anna.evaluate("text => navigator.clipboard.writeText(text)", copied)
    open_panel(anna)
    anna.get_by_role("tab", name="Keys").click()
    anna.locator(".o_noojee_digit").first.focus()
    anna.keyboard.press("Control+V")
    expect(anna.locator(".o_noojee_number")).to_have_value(copied)
    expect(anna.locator(".o_noojee_party").first).to_contain_text("Priya Raman")
    anna.locator(".o_noojee_number").fill("")
    anna.keyboard.press("Control+V")
    expect(anna.locator(".o_noojee_as_written")).to_contain_text("Call")
    # hers: alone it would be read as a number of Odoo's company
    expect(anna.locator(".o_noojee_party").first).to_contain_text("Priya Raman")
    anna.keyboard.press("ArrowDown")
    anna.keyboard.press("Enter")
    running = anna.locator(".o_noojee_panel_call")
    expect(running).to_contain_text("Priya Raman")
    [dialled] = simulator.wait_for_request("dial")
    assert dialled["params"]["number"] == "0370101235"


def test_list_to_call_is_worked_off(anna, odoo_url, simulator, database):
    anna.goto(f"{odoo_url}/odoo/contacts?view_type=list")
    for name in ("Li Wei", "Marek Kowal"):
        row = anna.locator(".o_data_row").filter(has_text=name)
        row.locator(".o_list_record_selector input").click()
    anna.get_by_role("button", name="Actions").click()
    anna.get_by_role("menuitem", name="Add to my calls").click()
    expect(anna.locator(".o_notification")).to_contain_text("2")

    open_panel(anna)
    anna.get_by_role("tab", name="To call").click()
    items = anna.locator(".o_noojee_to_call_item")
    expect(items).to_have_count(2)
    first = items.first.locator("a").first.inner_text()
    anna.get_by_role("button", name=f"Next: {first}").click()
    running = anna.locator(".o_noojee_panel_call")
    expect(running).to_contain_text(first)
    # a call that never rang at the customer's has no result
    expect(running.locator(".o_noojee_call_state")).to_contain_text("Connected")
    running.get_by_role("button", name="Hang up").click()
    running.get_by_role("button", name="Left message").click()
    # the activity is done with the call's result, and the next one is offered
    expect(running.locator(".o_noojee_next")).to_be_visible()
    [feedback] = select_one(
        database,
        "SELECT body FROM mail_message WHERE mail_activity_type_id IS NOT NULL"
        " ORDER BY id DESC LIMIT 1",
    )
    assert "Left message" in feedback


def test_missed_calls_are_counted_until_looked_at(anna, odoo_url, simulator):
    open_contacts(anna, odoo_url)
    simulator.control("ring", desks=["101"], caller=PRIYA)
    expect(anna.locator(".o_noojee_incoming_card")).to_be_visible()
    simulator.control("hangup", desk="101")
    badge = anna.locator(".o_noojee_missed_counter")
    expect(badge).to_be_visible()
    open_panel(anna)
    anna.get_by_role("tab", name="Missed").click()
    expect(anna.locator(".o_noojee_recent_call").first).to_contain_text("Priya Raman")
    expect(badge).to_be_hidden()
    anna.reload()
    expect(anna.locator(".o_noojee_phone_menu")).to_be_visible()
    expect(badge).to_be_hidden()


# === TABS, RELOADS, LINES THAT BREAK === #


def test_two_tabs_agree(anna, odoo_url, simulator, record_id):
    other = anna.context.new_page()
    open_contacts(other, odoo_url)
    call_partner(anna, odoo_url, record_id("partner_priya_raman"))
    expect(card(other)).to_have_attribute("data-state", "connected")
    card(other).get_by_role("button", name="Hang up").click()
    expect(card(anna).locator(".o_noojee_wrap_up")).to_be_visible()
    card(anna).get_by_role("button", name="Left message").click()
    for page in (anna, other):
        expect(card(page).locator(".o_noojee_result")).to_have_text("Left message")


def test_reload_in_mid_call(anna, odoo_url, simulator, record_id):
    call_partner(anna, odoo_url, record_id("partner_priya_raman"))
    anna.reload()
    expect(card(anna)).to_have_attribute("data-state", "connected")
    simulator.control("hangup", desk="101")
    expect(card(anna).locator(".o_noojee_wrap_up")).to_be_visible()


@pytest.fixture
def line(odoo_url):
    line = CuttableLine(odoo_url)
    yield line
    line.close()


def test_what_happened_while_the_websocket_was_cut(log_in, line, simulator, record_id):
    anna = log_in("anna", url=line.url)
    call_partner(anna, line.url, record_id("partner_priya_raman"))
    line.cut()
    simulator.control("hangup", desk="101")
    anna.wait_for_timeout(1000)
    expect(card(anna)).to_have_attribute("data-state", "connected")
    line.mend()
    expect(card(anna)).to_have_attribute("data-state", "ended")


def test_phone_system_goes_and_comes_back(anna, odoo_url, simulator, record_id):
    open_partner(anna, odoo_url, record_id("partner_priya_raman"))
    simulator.control("restart", down_seconds=6)
    anna.locator("button[name=action_noojee_call]").click()
    expect(anna.locator(".modal")).to_contain_text("Melbourne")
    anna.keyboard.press("Escape")
    expect(anna.locator(".modal")).to_have_count(0)
    open_panel(anna)
    expect(anna.locator(".o_noojee_away")).to_contain_text("has not answered since")
    expect(anna.locator(".o_noojee_next_try")).to_be_visible()
    # numbers still open in the computer's own program
    anna.keyboard.type("marek")
    button = anna.locator(".o_noojee_party .o_noojee_dial_button").first
    expect(button).to_have_attribute("href", re.compile("^tel:"))
    # nobody does anything: it heals by itself
    expect(anna.locator(".o_noojee_away")).to_have_count(0)
    expect(button).not_to_have_attribute("href", re.compile("^tel:"))


def test_dial_that_a_restart_swallowed(anna, odoo_url, simulator, record_id):
    call_partner(anna, odoo_url, record_id("partner_priya_raman"))
    card(anna).get_by_role("button", name="Hang up").click()
    expect(card(anna)).to_have_attribute("data-state", "ended")
    simulator.faults({"kind": "latency", "method": "dial", "seconds": 2})
    button = anna.locator("button[name=action_noojee_call]")
    button.click()
    wait_for(lambda: len(simulator.requests("dial")) == 2)
    simulator.control("restart", down_seconds=2)
    expect(anna.locator(".modal")).to_contain_text("Melbourne")
    anna.keyboard.press("Escape")
    expect(anna.locator(".modal")).to_have_count(0)
    # sooner than a dial is given up of which nothing was heard
    expect(card(anna)).to_have_attribute("data-state", "ended")
    simulator.clear_faults()
    button.click()
    expect(card(anna)).to_have_attribute("data-state", "connected")


# === WHERE ONE LOOKS AND WRITES === #


def test_unsaved_form_stays_under_an_incoming_card(
    anna, odoo_url, simulator, record_id
):
    open_partner(anna, odoo_url, record_id("partner_marek_kowal"))
    city = anna.locator(".o_field_widget[name=city] input")
    city.fill("Unsaved Town")
    simulator.control("ring", desks=["101"], caller=PRIYA)
    expect(anna.locator(".o_noojee_incoming_card")).to_contain_text("Priya Raman")
    expect(city).to_have_value("Unsaved Town")
    expect(city).to_be_focused()
    simulator.control("hangup", desk="101")
    expect(anna.locator(".o_noojee_incoming_card")).to_have_count(0)
    expect(city).to_have_value("Unsaved Town")


NARROW = pytest.mark.parametrize("width", [320, 375])


@pytest.fixture
def narrow(log_in, width):
    return narrowed(log_in, width)


def narrowed(log_in, width):
    """Anna's browser on a small screen, which OdooBot's welcome would fill."""
    page = log_in("anna", viewport={"width": width, "height": 740})
    chat = page.locator(".o-mail-ChatWindow-header")
    page.add_locator_handler(chat, lambda: chat.locator("[title^=Close]").click())
    return page


@NARROW
def test_narrow_cards(narrow, odoo_url, simulator):
    simulator.control("ring", desks=["101"], caller=PRIYA)
    incoming = narrow.locator(".o_noojee_incoming_card")
    expect(incoming).to_be_visible()
    assert_inside(incoming)
    answer = incoming.get_by_role("button", name="Answer").bounding_box()
    decline = incoming.get_by_role("button", name="Decline").bounding_box()
    assert abs(answer["y"] - decline["y"]) < 10
    incoming.get_by_role("button", name="Answer").click()
    expect(card(narrow)).to_have_attribute("data-state", "connected")
    assert_inside(card(narrow))
    card(narrow).get_by_role("button", name="Record", exact=True).click()
    recording = card(narrow).locator(".o_noojee_recording_words")
    expect(recording).to_contain_text("Recorded")
    assert_inside(card(narrow))
    card(narrow).get_by_role("button", name="Hang up").click()
    expect(card(narrow).locator(".o_noojee_wrap_up")).to_be_visible()
    assert_inside(card(narrow))


@NARROW
def test_narrow_panel(narrow, odoo_url, simulator):
    panel = narrow.locator(".o_noojee_phone_panel")
    open_panel(narrow)
    for tab in ("To call", "Recent", "Missed", "Keys"):
        narrow.get_by_role("tab", name=tab).click()
        assert_inside(panel)
        assert_inside(panel.locator(".o_noojee_tabs"))
        assert_inside(panel.locator(".o_noojee_tab_page"))
    narrow.locator(".o_noojee_number").fill("priya")
    expect(panel.locator(".o_noojee_party").first).to_be_visible()
    assert_inside(panel.locator(".o_noojee_parties"))
    narrow.locator(".o_noojee_number").fill("03 7010 1235 " * 12)
    expect(panel.locator(".o_noojee_as_written")).to_be_visible()
    assert_inside(panel.locator(".o_noojee_parties"))


@NARROW
def test_narrow_check(narrow, odoo_url, simulator, blacklisted, record_id):
    open_partner(narrow, odoo_url, record_id("partner_priya_raman"))
    narrow.locator(".o_noojee_phone_menu").click()
    narrow.locator(".o_noojee_number").fill(PRIYA)
    narrow.keyboard.press("Enter")
    check = narrow.locator(".o_noojee_call_check")
    expect(check).to_contain_text("on the phone blacklist")
    assert_inside(check)


@pytest.fixture
def blacklisted(call_kw):
    [entry_id] = call_kw("phone.blacklist", "create", [{"number": PRIYA}])
    yield
    call_kw("phone.blacklist", "unlink", [entry_id])


def assert_inside(locator):
    """Nothing of it stands beyond the screen, or beyond itself."""
    box = locator.bounding_box()
    width = locator.page.viewport_size["width"]
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert locator.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
