import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mockService, onRpc } from "@web/../tests/web_test_helpers";

import {
    defineNoojeeModels,
    makeCall,
    moment,
    mountPhone,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CARD = ".o_noojee_incoming_card";

test("a card with the customer's name stands while it rings and goes with the call", async () => {
    await mountPhone();
    expect(CARD).toHaveCount(0);
    sendCall(makeCall({ other_desks: 9 }));
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_call_name`).toHaveText("Priya Raman");
    expect(CARD).toHaveText(/Coastal Solar Pty Ltd · 03 9000 1234/);
    expect(CARD).toHaveText(/also rings at 9 other desks/);
    expect(`${CARD} .o_noojee_hang_up`).toHaveText("Decline");

    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    await waitForNone(CARD);
    expect(".o_noojee_current_call").toHaveCount(0);
});

test("an answered call moves from the card to the current call", async () => {
    onRpc("noojee.call", "action_answer", ({ args }) => {
        expect.step(args[0]);
        return true;
    });
    await mountPhone({ calls: [makeCall()] });
    await contains(`${CARD} .o_noojee_answer`).click();
    expect(`${CARD} .o_noojee_answer`).not.toBeEnabled();
    expect.verifySteps([[7]]);
    sendCall(makeCall({ version: 2, state: "connected", answered_at: moment() }));
    await waitForNone(CARD);
    expect(".o_noojee_current_call").toHaveAttribute("data-state", "connected");
});

test("Open opens the record, and nothing is opened before", async () => {
    mockService("action", {
        doAction(action) {
            expect.step(action);
        },
    });
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    expect.verifySteps([]);
    expect(`${CARD} .o_noojee_open`).toHaveText("Open Priya Raman");
    await contains(`${CARD} .o_noojee_open`).click();
    expect.verifySteps([
        {
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: 17,
            views: [[false, "form"]],
            target: "current",
        },
    ]);
});

test("each of several candidates can be opened", async () => {
    mockService("action", {
        doAction(action) {
            expect.step([action.res_model, action.res_id]);
        },
    });
    const candidate = (id, name, values) => ({
        model: "res.partner",
        id,
        name,
        subtitle: "",
        reason: "",
        avatar: false,
        partner_id: id,
        ...values,
    });
    const candidates = [
        candidate(21, "Marek Kowal"),
        candidate(22, "Harbour Dental", { reason: "Company" }),
    ];
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", record: false, candidates })] });
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_call_name`).toHaveText("03 9000 1234");
    expect(CARD).toHaveText(/2 records have this number/);
    expect(queryAllTexts(".o_noojee_candidate .fw-bold")).toEqual([
        "Marek Kowal",
        "Harbour Dental",
    ]);
    await contains(".o_noojee_candidate:eq(1) button").click();
    expect.verifySteps([["res.partner", 22]]);
});

test("an unknown number can be made a contact", async () => {
    mockService("action", {
        doAction(action) {
            expect.step([action.res_model, action.context]);
        },
    });
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", record: false })] });
    await waitFor(CARD);
    expect(CARD).toHaveText(/Unknown number/);
    await contains(`${CARD} .o_noojee_create_contact`).click();
    expect.verifySteps([["res.partner", { default_phone: "03 9000 1234" }]]);
});

test("a message replayed at connection is checked before anything is shown", async () => {
    await mountPhone({}, { onRead: () => expect.step("state read") });
    await waitFor(".o_noojee_phone_menu");
    await animationFrame();
    expect.verifySteps(["state read"]);
    sendCall(makeCall({ started_at: moment(-40), now: moment(-40) }));
    await expect.waitForSteps(["state read"]);
    await animationFrame();
    expect(CARD).toHaveCount(0);
});
