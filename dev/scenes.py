"""What the README's pictures show; run by `make screenshots`."""

import os
from collections import Counter
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
LEADS_OF_A_CAMPAIGN = 20
# what an agent says came of leads, by the PBX's number of the allocation
CALLED = {
    "111": {"Sale": 4, "No answer": 5, "Call back": 3, "Not interested": 4},
    "121": {"Sale": 2, "No answer": 7, "Call back": 2, "Not interested": 1},
}


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
        self.voice_signature()
        self.recording()
        self.campaigns()
        self.not_to_be_called()
        self.settings()

    def call_kw(self, model, method, *args, **kwargs):
        answer = self.admin.context.request.post(
            f"{URL}/web/dataset/call_kw/{model}/{method}",
            data={
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                }
            },
        ).json()
        return answer["result"]

    def wait(self, model, domain, count=1):
        for _second in range(60):
            found = self.call_kw(model, "search", domain)
            if len(found) >= count:
                return found
            self.page.wait_for_timeout(1000)
        raise TimeoutError(f"There is no {model} with {domain}")

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

    def voice_signature(self):
        priyas = [("partner_id.name", "=", "Priya Raman")]
        [order_id] = self.call_kw("sale.order", "search", priyas)
        self.page.goto(f"{URL}/odoo/sales/{order_id}")
        self.page.locator("button[name=action_noojee_call]").click()
        card = self.page.locator(".o_noojee_current_call")
        expect(card).to_have_attribute("data-state", "connected")
        self.page.locator("button[name=action_noojee_sign]").click()
        dialog = self.page.locator(".o_noojee_voice_signature")
        text = dialog.locator(".o_noojee_voice_text")
        expect(text).to_be_visible()
        for passage in ("My name is Anna", "18 years"):
            self.page.keyboard.press("y")
            expect(text).to_contain_text(passage)
        shoot(self.page, "voice_signature")
        while not dialog.locator(".o_noojee_voice_read").is_visible():
            self.page.keyboard.press("y")
            self.page.wait_for_timeout(500)
        dialog.locator(".o_noojee_voice_stop").click()
        expect(dialog.locator(".o_noojee_voice_outcome")).to_be_visible()
        self.simulator.control("hangup", desk="101")

    def recording(self):
        stored = [
            ("state", "=", "stored"),
            ("call_id.record_ref", "like", "sale.order"),
        ]
        [recording_id] = self.wait("noojee.recording", stored)
        self.page.goto(
            f"{URL}/odoo/action-noojee.noojee_recording_action/{recording_id}"
        )
        expect(self.page.locator(".o_noojee_player")).to_be_visible()
        # what came of the call is said
        card = self.page.locator(".o_noojee_current_call")
        card.get_by_role("button", name="Reached").click()
        expect(card.locator(".o_noojee_result")).to_be_visible()
        card.locator(".o_noojee_close").click()
        shoot(self.page, "recording")

    def campaigns(self):
        [pbx_id] = self.call_kw("noojee.pbx", "search", [("name", "=", "Melbourne")])
        self.call_kw("noojee.pbx", "action_refresh_campaigns", [pbx_id])
        self.wait("noojee.campaign.allocation", [("wire_id", "=", "121")])
        for wire_id, counts in CALLED.items():
            self.call_leads(wire_id, [*Counter(counts).elements()])
        campaign_ids = self.call_kw("noojee.campaign", "search", [])
        self.call_kw("noojee.campaign", "action_fetch_results", campaign_ids)
        called = sum(sum(counts.values()) for counts in CALLED.values())
        dialled = [("disposition_id", "!=", False)]
        self.wait("noojee.campaign.report", dialled, called)
        self.admin.goto(f"{URL}/odoo/action-noojee.noojee_campaign_report_action")
        expect(self.admin.locator(".o_graph_renderer canvas")).to_be_visible()
        shoot(self.admin, "campaigns")

    def call_leads(self, wire_id, dispositions):
        """Have leads of an allocation sent to it, and an agent call some of them."""
        [allocation] = self.call_kw(
            "noojee.campaign.allocation",
            "search_read",
            [("wire_id", "=", wire_id)],
            ["campaign_id"],
        )
        campaign_id = allocation["campaign_id"][0]
        leads = [
            {
                "name": f"Roof {wire_id}-{n:02}",
                "type": "lead",
                "contact_name": f"Person {n:02}",
                "phone": f"03 7010 {wire_id[:2]}{n:02}",
            }
            for n in range(LEADS_OF_A_CAMPAIGN)
        ]
        lead_ids = self.call_kw("crm.lead", "create", leads)
        [template_id] = self.call_kw(
            "noojee.campaign.template", "search", [("campaign_ids", "=", campaign_id)]
        )
        context = {"active_model": "crm.lead", "active_ids": lead_ids}
        place = {
            "template_id": template_id,
            "campaign_id": campaign_id,
            "allocation_id": allocation["id"],
        }
        [wizard_id] = self.call_kw(
            "noojee.campaign.push", "create", [place], context=context
        )
        self.call_kw(
            "noojee.campaign.push", "action_push", [wizard_id], context=context
        )
        sent = [("campaign_id", "=", campaign_id), ("state", "=", "sent")]
        self.wait("noojee.lead.push", sent, LEADS_OF_A_CAMPAIGN)
        pushes = self.call_kw("noojee.lead.push", "search_read", sent, ["lead_key"])
        keys = [push["lead_key"] for push in pushes]
        self.simulator.control(
            "call-leads", leads=dict(zip(keys, dispositions, strict=False))
        )

    def not_to_be_called(self):
        number = {"number": "+61491570006"}
        self.call_kw("phone.blacklist", "create", [number])
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
