"""What the README's pictures show; run by `make screenshots`."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from dev.stack import browser as browsers
from simulator.remote import Remote

FOLDER = Path(
    os.environ.get(
        "NOOJEE_PICTURES", Path(__file__).resolve().parents[1] / "static/description"
    )
)
URL = os.environ["NOOJEE_URL"]
PRIYA = "+61 3 7010 1235"
WINDOW = {"width": 1200, "height": 700}


class Scenes:
    def __init__(self, page: Page, admin: Page, simulator: Remote):
        self.page = page
        self.admin = admin
        self.simulator = simulator

    def take(self) -> None:
        self.incoming_card()
        self.call_running()
        self.wrap_up()
        self.panel()
        self.not_to_be_called()
        self.settings()

    def incoming_card(self):
        self.page.goto(f"{URL}/odoo/contacts")
        self.simulator.control("ring", desks=["101", "102"], queue=True, caller=PRIYA)
        expect(self.page.locator(".o_noojee_incoming_card")).to_be_visible()
        shoot(self.page, "incoming_card")
        self.simulator.control("hangup", desk="101")
        self.simulator.control("hangup", desk="102")

    def call_running(self):
        self.page.goto(f"{URL}/odoo/contacts")
        self.page.get_by_text("Priya Raman").first.click()
        self.page.locator("button[name=action_noojee_call]").click()
        card = self.page.locator(".o_noojee_current_call[data-state=connected]")
        expect(card).to_be_visible()
        card.locator(".o_noojee_start_recording").click()
        expect(card.locator(".o_noojee_stop_recording")).to_be_visible()
        card.locator(".o_noojee_note").fill("Wants the 12 kW roof before Easter.")
        shoot(self.page, "call_running")

    def wrap_up(self):
        card = self.page.locator(".o_noojee_current_call")
        card.locator(".o_noojee_hang_up").click()
        expect(card.locator(".o_noojee_wrap_up")).to_be_visible()
        shoot(self.page, "wrap_up")
        self.page.keyboard.press("1")
        expect(card.locator(".o_noojee_result")).to_be_visible()

    def panel(self):
        self.page.goto(f"{URL}/odoo/contacts")
        self.page.locator(".o_noojee_phone_menu").click()
        self.page.locator(".o_noojee_number").fill("priya")
        expect(self.page.locator(".o_noojee_party").first).to_be_visible()
        shoot(self.page, "panel")

    def not_to_be_called(self):
        self.admin.context.request.post(
            f"{URL}/web/dataset/call_kw/phone.blacklist/add",
            data={
                "params": {
                    "model": "phone.blacklist",
                    "method": "create",
                    "args": [{"number": "+61491570006"}],
                    "kwargs": {},
                }
            },
        )
        self.page.goto(f"{URL}/odoo/contacts")
        self.page.get_by_text("Marek Kowal").first.click()
        self.page.locator("button[name=action_noojee_call]").click()
        expect(self.page.locator(".modal")).to_be_visible()
        shoot(self.page, "not_to_be_called")

    def settings(self):
        self.admin.goto(f"{URL}/odoo/action-noojee.noojee_pbx_action")
        self.admin.get_by_text("Melbourne").first.click()
        expect(self.admin.locator(".o_form_view")).to_be_visible()
        shoot(self.admin, "settings")


def shoot(page: Page, name: str) -> None:
    # pictures are loaded, what moves in comes to rest
    page.wait_for_timeout(1500)
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    simulator = Remote(os.environ["NOOJEE_SIMULATOR_URL"])
    with browsers.launched(os.environ["NOOJEE_BROWSER"]) as browser:
        page = browsers.log_in(browser, URL, "anna", viewport=WINDOW)
        admin = browsers.log_in(browser, URL, "admin", viewport=WINDOW)
        Scenes(page, admin, simulator).take()


if __name__ == "__main__":
    main()
