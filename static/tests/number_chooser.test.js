import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, getPhone, makeDialledCall, mountPhone } from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CHOOSER = ".o_noojee_number_chooser";
const entry = (label, person, number, partnerId) => ({
    label,
    person,
    number,
    partner_id: partnerId,
});

async function openChooser() {
    await mountPhone();
    patchWithCleanup(getPhone(), {
        dial(...args) {
            expect.step(args);
            return super.dial(...args);
        },
    });
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.choose_number",
        params: {
            model: "sale.order",
            id: 42,
            name: "S00042",
            numbers: [
                entry("Customer", "Priya <b>Raman</b>", "+61 3 7010 1234", 17),
                entry("Invoice address", "Coastal Solar", "+61 3 7010 1235", 18),
                entry("Delivery address", "Harbour Dental", "+61 2 5550 1234", 19),
            ],
        },
    });
    await waitFor(CHOOSER);
}

test("each number is listed with its person, as text", async () => {
    await openChooser();
    expect(`${CHOOSER} .modal-title`).toHaveText("Call S00042");
    expect(queryAllTexts(`${CHOOSER} .o_noojee_choice .fw-bold`)).toEqual([
        "Priya <b>Raman</b>",
        "Coastal Solar",
        "Harbour Dental",
    ]);
    expect(`${CHOOSER} .o_noojee_choice:eq(0)`).toHaveText(/Customer[^]*\+61 3 7010 1234/);
    expect(`${CHOOSER} .o_noojee_choice:eq(1) button`).toHaveAttribute(
        "aria-label",
        "Call Coastal Solar, Invoice address, +61 3 7010 1235"
    );
});

test("the chosen number is dialled for its person, about the record", async () => {
    onRpc("noojee.call", "dial", () => makeDialledCall());
    await openChooser();
    await contains(`${CHOOSER} .o_noojee_choice:eq(1) button`).click();
    expect.verifySteps([["+61 3 7010 1235", "sale.order", 42, { partnerId: 18 }]]);
    await waitForNone(CHOOSER);
    await waitFor(".o_noojee_current_call");
});

test("arrows and Enter choose, Escape closes", async () => {
    onRpc("noojee.call", "dial", () => makeDialledCall());
    await openChooser();
    expect(`${CHOOSER} .o_noojee_choice:eq(0) button`).toBeFocused();
    await press("ArrowUp");
    expect(`${CHOOSER} .o_noojee_choice:eq(2) button`).toBeFocused();
    await press("ArrowDown");
    await press("ArrowDown");
    expect(`${CHOOSER} .o_noojee_choice:eq(1) button`).toBeFocused();
    await press("Escape");
    await waitForNone(CHOOSER);
    expect.verifySteps([]);
    await openAgainAndPressEnter();
});

async function openAgainAndPressEnter() {
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.choose_number",
        params: {
            model: "crm.lead",
            id: 5,
            name: "12 kW roof",
            numbers: [
                entry("Phone", "", "+61 3 7010 1234", false),
                entry("Customer", "Priya Raman", "+61 3 7010 1235", 17),
            ],
        },
    });
    await waitFor(CHOOSER);
    await press("Enter");
    await animationFrame();
    expect.verifySteps([["+61 3 7010 1234", "crm.lead", 5, { partnerId: false }]]);
}

test("a number that was not dialled leaves the choice open", async () => {
    expect.errors(1);
    onRpc("noojee.call", "dial", () => {
        throw makeServerError({ type: "UserError", message: "Too short." });
    });
    await openChooser();
    await contains(`${CHOOSER} .o_noojee_choice:eq(0) button`).click();
    await waitFor(".modal:contains('Too short.')");
    expect.verifySteps([["+61 3 7010 1234", "sale.order", 42, { partnerId: 17 }]]);
    expect.verifyErrors(["Too short."]);
    expect(CHOOSER).toHaveCount(1);
    expect(`${CHOOSER} .fa-spinner`).toHaveCount(0);
});
