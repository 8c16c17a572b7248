"""What an administrator sets up, and what a dial plan reports."""

import hashlib

import pytest
import requests
from playwright.sync_api import expect

TOKEN = "a token of the tests"


def open_pbx(page, odoo_url, pbx_id):
    page.goto(f"{odoo_url}/odoo/action-noojee.noojee_pbx_action/{pbx_id}")
    expect(page.locator(".o_form_view")).to_be_visible()


def test_connection(log_in, odoo_url, simulator, record_id, database):
    pbx_id = record_id("pbx_melbourne")
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE noojee_pbx SET recording_base = 'older' WHERE id = %s",
            [pbx_id],
        )
    admin = log_in("admin")
    open_pbx(admin, odoo_url, pbx_id)
    base = admin.locator(".o_field_widget[name=recording_base] input")
    expect(base).to_have_value("Older (servicemanager)")
    admin.get_by_role("button", name="Test connection").click()
    expect(
        admin.locator(".o_notification").filter(has_text="Melbourne answers")
    ).to_be_visible()
    expect(base).to_have_value("Current (njadmin)")
    simulator.faults({"kind": "html"})
    admin.get_by_role("button", name="Test connection").click()
    expect(admin.locator(".modal")).to_contain_text("not from Noojee's API")


@pytest.mark.parametrize(
    ("make", "step"), [("Yealink", "answered"), ("Polycom", "not_answered")]
)
def test_ring_tells_whether_the_desk_answered(
    log_in, odoo_url, simulator, record_id, make, step
):
    simulator.control("desk", desk="101", make=make)
    admin = log_in("admin")
    open_pbx(admin, odoo_url, record_id("pbx_melbourne"))
    line = admin.locator(".o_data_row").filter(has_text="101")
    line.get_by_role("button", name="Test ring").click()
    ring = admin.locator(".o_noojee_test_ring")
    expect(ring).to_have_attribute("data-step", step)


@pytest.fixture
def notify(odoo_url, database, record_id):
    """Report an event as a dial plan does."""
    pbx_id = record_id("pbx_melbourne")
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE noojee_pbx SET notice_token_digest = %s WHERE id = %s",
            [hashlib.sha256(TOKEN.encode()).hexdigest(), pbx_id],
        )

    def post(status):
        data = {
            "status": status,
            "callerId": "0491570156",
            "uniqueCallId": "1412750652.9001",
            "inbound": True,
            "canAnswer": status == "Ringing",
        }
        reply = requests.post(
            f"{odoo_url}/noojee/notice/{pbx_id}",
            json={"exten": "101", "CallID": 9001, "CallData": data},
            headers={"X-Noojee-Token": TOKEN},
            timeout=10,
        )
        assert reply.status_code == 200, reply.text

    return post


def test_notice_shows_the_card(anna, odoo_url, notify):
    anna.goto(f"{odoo_url}/odoo/contacts")
    expect(anna.locator(".o_noojee_phone_menu")).to_be_visible()
    notify("Ringing")
    card = anna.locator(".o_noojee_incoming_card")
    expect(card).to_contain_text("Li Wei")
    notify("Hungup")
    expect(card).to_have_count(0)
