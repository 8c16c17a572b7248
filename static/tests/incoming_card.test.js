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

function makeCandidate(id, name, values) {
    return {
        model: "res.partner",
        id,
        name,
        subtitle: "",
        reason: "",
        avatar: false,
        partner_id: id,
        ...values,
    };
}

test("a card with the customer's name stands while it rings and goes with the call", async () => {
    await mountPhone();
    expect(CARD).toHaveCount(0);
    sendCall(makeCall({ other_desks: 9 }));
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_call_name`).toHaveText("Priya Raman");
    expect(CARD).toHaveText(/Coastal Solar Pty Ltd · 03 9000 1234/);
    expect(CARD).toHaveText(/also rings at 9 other desks/);
    expect(`${CARD} .o_noojee_hang_up`).toHaveAttribute("aria-label", "Decline");

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
    const candidates = [
        makeCandidate(21, "Marek Kowal"),
        makeCandidate(22, "Harbour Dental", { reason: "Company" }),
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

test("what is known of the customer stands on the card", async () => {
    mockService("action", {
        doAction(action) {
            expect.step([action.res_model, action.res_id]);
        },
    });
    const card = {
        owner: "Anna Berg",
        is_owner_me: true,
        last_call: { at: moment(-3 * 86400), words: "4 min 0 s", note: "wants the 12 kW roof" },
        next_activity: {
            summary: "Send offer",
            date: luxon.DateTime.now().plus({ days: 1 }).toISODate(),
            is_overdue: false,
        },
        open: [
            { model: "sale.order", id: 42, name: "Quotation S00042 · $4,200.00" },
            { model: "crm.lead", id: 5, name: "12 kW roof · 60%" },
        ],
    };
    await mountPhone({ calls: [makeCall({ card })] });
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_owner`).toHaveText("Owner you · next Send offer, tomorrow");
    expect(`${CARD} .o_noojee_last_call`).toHaveText(
        "Last call 3 days ago, 4 min 0 s: wants the 12 kW roof"
    );
    expect(queryAllTexts(`${CARD} .o_noojee_open_record`)).toEqual([
        "Quotation S00042 · $4,200.00",
        "12 kW roof · 60%",
    ]);
    await contains(`${CARD} .o_noojee_open_record:eq(0)`).click();
    expect.verifySteps([["sale.order", 42]]);
});

test("who calls is said, remembered and taken back", async () => {
    onRpc("noojee.call", "this_is_the_caller", ({ args }) => {
        expect.step(args);
        return { remembered_id: 3, name: "Harbour Dental" };
    });
    onRpc("noojee.call", "forget_caller", ({ args }) => {
        expect.step(args);
        return true;
    });
    const candidates = [
        makeCandidate(21, "Marek Kowal"),
        makeCandidate(22, "Harbour Dental", { reason: "Company" }),
    ];
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", record: false, candidates })] });
    await contains(`.o_noojee_is_caller:eq(1)`).click();
    expect.verifySteps([[[7], "res.partner", 22]]);
    await waitFor(`${CARD} .o_noojee_remembered`);
    expect(`${CARD} .o_noojee_remembered`).toHaveText(/Harbour Dental/);
    await contains(`${CARD} .o_noojee_take_back`).click();
    expect.verifySteps([[[7], 3]]);
    await waitForNone(`${CARD} .o_noojee_remembered`);
});

test("others with the number of somebody known are asked for", async () => {
    onRpc("noojee.call", "get_candidates", ({ args }) => {
        expect.step(args);
        return [makeCandidate(22, "Harbour Dental")];
    });
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    expect(".o_noojee_candidate").toHaveCount(0);
    await contains(`${CARD} .o_noojee_other`).click();
    await waitFor(".o_noojee_candidate");
    expect.verifySteps([[[7]]]);
    expect(`${CARD} .o_noojee_create_contact`).toHaveCount(1);
});

test("another record is found and attached", async () => {
    onRpc("noojee.call", "search_records", ({ args }) => [
        { model: "crm.lead", id: 9, name: `Roof ${args[0]}`.trim(), subtitle: "Lead" },
    ]);
    onRpc("noojee.call", "this_is_the_caller", ({ args }) => {
        expect.step(args);
        return { remembered_id: 4, name: "Roof" };
    });
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", record: false })] });
    await contains(`${CARD} .o_noojee_attach`).click();
    await contains(`${CARD} .o_noojee_link_results button`).click();
    expect.verifySteps([[[7], "crm.lead", 9]]);
    await waitForNone(".o_noojee_link_results");
});

test("an unknown number is made a contact in a dialogue, and remembered", async () => {
    onRpc("noojee.call", "this_is_the_caller", ({ args }) => {
        expect.step(args.slice(1));
        return { remembered_id: 5, name: "New one" };
    });
    onRpc("noojee.call", "get_new_record_context", ({ args }) => {
        expect.step(args);
        return { default_phone: "+61 3 9000 1234" };
    });
    mockService("dialog", {
        add(Component, { resModel, context, onRecordSaved }) {
            expect.step([resModel, context]);
            return onRecordSaved({ resId: 31 });
        },
    });
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", record: false })] });
    await waitFor(CARD);
    expect(CARD).toHaveText(/Unknown number/);
    await contains(`${CARD} .o_noojee_create_contact`).click();
    await expect.waitForSteps([
        [[7], "res.partner"],
        ["res.partner", { default_phone: "+61 3 9000 1234" }],
        ["res.partner", 31],
    ]);
});

test("an ignored card goes, and the menu still shows the call", async () => {
    await mountPhone({ calls: [makeCall()] });
    await contains(`${CARD} .o_noojee_ignore`).click();
    await waitForNone(CARD);
    sendCall(makeCall({ version: 2, other_desks: 1 }));
    await animationFrame();
    expect(CARD).toHaveCount(0);
    expect(".o_noojee_phone_menu .o_noojee_counter").toHaveText("1");
    await contains(".o_noojee_phone_menu").click();
    expect(`.o_noojee_phone_panel ${CARD}`).toHaveCount(1);
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
