import { describe, expect, test } from "@odoo/hoot";
import { keyDown, keyUp, queryAllTexts, queryOne, waitFor, waitForNone } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    makeServerError,
    mockService,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

import {
    defineNoojeeModels,
    getPhone,
    makeCall,
    moment,
    mountPhone,
    pressAll,
    sendCall,
    tellFromOtherTab,
    writeInDialogue,
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

    sendCall(makeCall({ version: 2, state: "ended", outcome: "unknown" }));
    await waitForNone(CARD);
    expect(".o_noojee_current_call").toHaveCount(0);
});

test("a card is withdrawn saying who has answered, and goes", async () => {
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    expect(`${CARD} [role=status]`).toHaveText("");
    // the desk falls silent a moment before it is known why
    sendCall(makeCall({ version: 2, state: "ended", outcome: "missed" }));
    await waitFor(`${CARD} [role=status]:contains(Missed)`);
    sendCall(
        makeCall({ version: 3, state: "ended", outcome: "elsewhere", answered_by: "Ben Osei" })
    );
    await waitFor(`${CARD} [role=status]:contains(Answered by Ben Osei)`);
    expect(`${CARD} .o_noojee_call_name`).toHaveText("Priya Raman");
    expect(`${CARD} button`).toHaveCount(0);
    await advanceTime(4000);
    await waitForNone(CARD);
    expect(".o_noojee_current_call").toHaveCount(0);
});

test("the panel says who has answered, too", async () => {
    await mountPhone({ calls: [makeCall()] });
    await contains(".o_noojee_phone_menu").click();
    sendCall(
        makeCall({ version: 2, state: "ended", outcome: "elsewhere", answered_by: "Ben Osei" })
    );
    await waitFor(`.o_noojee_phone_panel ${CARD} [role=status]:contains(Answered by Ben Osei)`);
    await advanceTime(4000);
    await waitForNone(CARD);
});

test("a withdrawn card keeps its place among those that ring", async () => {
    const calls = [
        makeCall({ id: 8, name: "Marek Kowal", started_at: moment(-5) }),
        makeCall({ started_at: moment(-9) }),
    ];
    await mountPhone({ calls });
    await waitFor(CARD);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "missed", started_at: moment(-9) }));
    await waitFor(`${CARD}.o_noojee_withdrawn`);
    expect(queryAllTexts(`${CARD} .o_noojee_call_name`)).toEqual(["Priya Raman", "Marek Kowal"]);
    expect(`${CARD}:eq(1) .o_noojee_answer`).toHaveCount(1);
});

test("whoever declines a call is told in no tab that he missed it", async () => {
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    const ended = { state: "ended", outcome: "missed", is_missed_unseen: false };
    sendCall(makeCall({ version: 2, is_declined: true, ...ended }));
    await waitForNone(CARD);
    expect(".o_noojee_missed_counter").not.toBeVisible();
});

test("a call that a colleague made and hands on rings like any other", async () => {
    const started = { started_at: moment(-5), answered_at: false };
    const call = makeCall({ direction: "outbound", is_called: true, ...started });
    await mountPhone({ calls: [call] });
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_answer`).toHaveCount(1);
    expect(`${CARD} .o_noojee_timer`).toHaveText("00:05");
    expect(".o_noojee_current_call").toHaveCount(0);
});

test("whoever made a call and has it handed back can answer it", async () => {
    const dialled = { direction: "outbound", is_called: false, can_answer: false };
    await mountPhone();
    sendCall(makeCall({ state: "dialing", ...dialled }));
    await waitFor(".o_noojee_current_call");
    sendCall(makeCall({ version: 2, direction: "outbound", is_called: true, channel_id: 71 }));
    await waitFor(`${CARD} .o_noojee_answer`);
});

test("who calls a colleague has no card to answer, the colleague has", async () => {
    const internal = { direction: "internal", name: "Ben Osei", record: false, can_answer: false };
    await mountPhone({ calls: [makeCall(internal)] });
    await waitFor(".o_noojee_current_call");
    expect(CARD).toHaveCount(0);
    sendCall(makeCall({ ...internal, id: 8, is_called: true }));
    await waitFor(CARD);
    expect(CARD).toHaveText(/Answer at your handset/);
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
        next_activity: { summary: "Send offer", days: 1 },
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
    expect(queryAllTexts(".o_noojee_is_caller")).toEqual(Array(2).fill("This is the caller"));
    expect(".o_noojee_is_caller:eq(1)").toHaveAttribute(
        "aria-label",
        "This is the caller: Harbour Dental"
    );
    await contains(`.o_noojee_is_caller:eq(1)`).click();
    expect.verifySteps([[[7], "res.partner", 22]]);
    await waitFor(`${CARD} .o_noojee_remembered`);
    expect(`${CARD} .o_noojee_remembered`).toHaveText(/Harbour Dental/);
    await contains(`${CARD} .o_noojee_take_back`).click();
    expect.verifySteps([[[7]]]);
    await waitForNone(`${CARD} .o_noojee_remembered`);
});

test("what was said is taken back after a reload, and from any tab", async () => {
    onRpc("noojee.call", "forget_caller", ({ args }) => {
        expect.step(args);
        return true;
    });
    const told = { name: "Harbour Dental", is_remembered: true };
    await mountPhone({ calls: [makeCall({ told })] });
    await waitFor(`${CARD} .o_noojee_remembered`);
    expect(`${CARD} .o_noojee_remembered`).toHaveText(/this number is of Harbour Dental/);
    // as after a click in another tab
    sendCall(makeCall({ version: 2, told: false }));
    await waitForNone(`${CARD} .o_noojee_remembered`);
    sendCall(makeCall({ version: 3, told: { ...told, is_remembered: false } }));
    await waitFor(`${CARD} .o_noojee_remembered:contains(This call is with Harbour Dental)`);
    await contains(`${CARD} .o_noojee_take_back`).click();
    expect.verifySteps([[[7]]]);
    await waitForNone(`${CARD} .o_noojee_remembered`);
});

test("whose number it is said to be is named in full", async () => {
    const name = "The Honourable Wilhelmina Featherstonehaugh-Cholmondeley of Wagga Wagga";
    await mountPhone({ calls: [makeCall({ told: { name, is_remembered: true } })] });
    await waitFor(`${CARD} .o_noojee_remembered`);
    const words = queryOne(`${CARD} .o_noojee_remembered span`);
    expect(words).toHaveText(new RegExp(name));
    expect(words.scrollWidth <= words.clientWidth).toBe(true);
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

test("candidates that come with a later version are shown", async () => {
    const values = { name: "", subtitle: "", record: false };
    await mountPhone({ calls: [makeCall(values)] });
    await waitFor(`${CARD} .o_noojee_caller_picker`);
    expect(".o_noojee_candidate").toHaveCount(0);
    const candidates = [makeCandidate(21, "Marek Kowal"), makeCandidate(22, "Harbour Dental")];
    sendCall(makeCall({ ...values, version: 2, candidates }));
    await waitFor(".o_noojee_candidate");
    expect(".o_noojee_candidate").toHaveCount(2);
});

test("others that cannot be read are searched for", async () => {
    onRpc("noojee.call", "get_candidates", () => {
        throw makeServerError({ message: "It broke." });
    });
    await mountPhone({ calls: [makeCall()] });
    await contains(`${CARD} .o_noojee_other`).click();
    await waitFor(`${CARD} .o_noojee_attach`);
    expect(".o_error_dialog").toHaveCount(0);
});

test("whoever writes nothing yet is told what can be searched", async () => {
    onRpc("noojee.call", "search_records", () => []);
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", record: false })] });
    await contains(`${CARD} .o_noojee_attach`).click();
    await waitFor(`${CARD} .o_noojee_link_results :contains(Write a name)`);
    expect(CARD).not.toHaveText(/Nothing found/);
    await contains(`${CARD} .o_noojee_link_search`).edit("nobody", { confirm: false });
    await advanceTime(250);
    await waitFor(`${CARD} .o_noojee_link_results :contains(Nothing found)`);
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

test("a record that is made while something else is told is not nobody's", async () => {
    const told = new Deferred();
    onRpc("noojee.call", "this_is_the_caller", async ({ args }) => {
        expect.step(args.slice(1));
        await (args[2] === 21 ? told : true);
        return { remembered_id: 5, name: "New one" };
    });
    onRpc("noojee.call", "get_new_record_context", () => ({}));
    let onRecordSaved;
    mockService("dialog", {
        add(Component, props) {
            expect.step("dialogue");
            ({ onRecordSaved } = props);
        },
    });
    const candidates = [makeCandidate(21, "Marek Kowal"), makeCandidate(22, "Harbour Dental")];
    await mountPhone({ calls: [makeCall({ name: "", record: false, candidates })] });
    await contains(`${CARD} .o_noojee_create_contact`).click();
    await expect.waitForSteps(["dialogue"]);
    await contains(`.o_noojee_is_caller:eq(0)`).click();
    const saved = onRecordSaved({ resId: 31 });
    await animationFrame();
    expect.verifySteps([["res.partner", 21]]);
    told.resolve();
    await saved;
    expect.verifySteps([["res.partner", 31]]);
});

test("whoever may not make contacts or leads is not offered it", async () => {
    await mountPhone({ calls: [makeCall({ record: false })] }, { canCreate: ["res.partner"] });
    await waitFor(`${CARD} .o_noojee_create_contact`);
    expect(`${CARD} .o_noojee_create_lead`).toHaveCount(0);
});

test("a call ignored in another tab, or before a reload, has no card", async () => {
    await mountPhone({ calls: [makeCall(), makeCall({ id: 8 })] });
    await waitFor(CARD);
    expect(CARD).toHaveCount(2);
    tellFromOtherTab("ignored", makeCall({ id: 8 }));
    await waitForNone(`${CARD}[data-call-id='8']`);
    expect(CARD).toHaveCount(1);
    // nor does it say anything when it ends
    sendCall(makeCall({ id: 8, version: 2, state: "ended", outcome: "missed" }));
    await animationFrame();
    expect(CARD).toHaveCount(1);
});

test("a call that was ignored before the page was loaded has no card", async () => {
    tellFromOtherTab("ignored", makeCall());
    await mountPhone({ calls: [makeCall()] });
    await contains(".o_noojee_phone_menu").click();
    expect(`.o_noojee_phone_panel ${CARD}`).toHaveCount(1);
    expect(CARD).toHaveCount(1);
});

test("an ignored call that comes back to the desk has a card again", async () => {
    await mountPhone({ calls: [makeCall()] });
    await contains(`${CARD} .o_noojee_ignore`).click();
    await waitForNone(CARD);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    sendCall(makeCall({ version: 3, channel_id: 71 }));
    await waitFor(`${CARD} .o_noojee_answer`);
});

test("an ignored call that is answered at the handset has its card", async () => {
    await mountPhone({ calls: [makeCall()] });
    await contains(`${CARD} .o_noojee_ignore`).click();
    await waitForNone(CARD);
    sendCall(makeCall({ version: 2, state: "connected", answered_at: moment() }));
    await waitFor(".o_noojee_call_strip .o_noojee_current_call");
});

test("a withheld number is called so", async () => {
    await mountPhone({ calls: [makeCall({ name: "", subtitle: "", number: "", record: false })] });
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_call_name`).toHaveText("Withheld number");
    expect(`${CARD} .o_noojee_call_subtitle`).toHaveText("");
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

test("messages replayed before the state is read show nothing that is over", async () => {
    const answer = new Deferred();
    const started = moment(-40);
    await mountPhone({}, { onRead: () => answer });
    sendCall(makeCall({ started_at: started, now: started }));
    sendCall(makeCall({ version: 2, state: "ended", outcome: "missed", now: started }));
    // the server's clock is not an old message's
    sendCall(makeCall({ id: 8, started_at: started, now: started }));
    await animationFrame();
    expect(CARD).toHaveCount(0);
    answer.resolve();
    await animationFrame();
    expect(CARD).toHaveCount(0);
    sendCall(makeCall({ id: 9 }));
    await waitFor(CARD);
    expect(CARD).toHaveCount(1);
});

test("however many messages are replayed, the state is read once more", async () => {
    const answer = new Deferred();
    const onRead = () => {
        expect.step("state read");
        return answer;
    };
    await mountPhone({}, { onRead });
    const [started, now] = [moment(-40), moment(-40)];
    for (const id of [7, 8, 9]) {
        sendCall(makeCall({ id, started_at: started, now }));
    }
    await animationFrame();
    expect.verifySteps(["state read"]);
    answer.resolve();
    await expect.waitForSteps(["state read"]);
    await animationFrame();
    expect.verifySteps([]);
});

test("a call is shown though the state cannot be read", async () => {
    await mountPhone({ fails: true });
    await animationFrame();
    sendCall(makeCall());
    await waitFor(CARD);
});

test("a call that a reading does not list any more is over, and its card says so", async () => {
    const state = await mountPhone({ calls: [makeCall(), makeCall({ id: 8 })] });
    await waitFor(`${CARD}[data-call-id='8']`);
    await contains(`${CARD}[data-call-id='8'] .o_noojee_ignore`).click();
    state.calls = [];
    await getPhone().load();
    await waitFor(`${CARD} [role=status]:contains(Ended)`);
    expect(CARD).toHaveCount(1);
    expect(`${CARD} button`).toHaveCount(0);
    // what became of it may be told yet
    sendCall(makeCall({ version: 2, state: "ended", outcome: "missed" }));
    await waitFor(`${CARD} [role=status]:contains(Missed)`);
    await advanceTime(4000);
    await waitForNone(CARD);
});

test("a call is ignored in the panel, too, and once", async () => {
    await mountPhone({ calls: [makeCall()] });
    await contains(".o_noojee_phone_menu").click();
    // the card beside it goes with that
    await waitFor(".o_noojee_incoming_cards:not(:visible)");
    await animationFrame();
    await contains(`.o_noojee_phone_panel ${CARD} .o_noojee_ignore`).click();
    expect(`.o_noojee_phone_panel ${CARD}`).toBeFocused();
    expect(`.o_noojee_phone_panel ${CARD} .o_noojee_answer`).toHaveCount(1);
    expect(".o_noojee_ignore").toHaveCount(0);
    expect(`${CARD} .o_noojee_ignored`).toHaveText("Ignored");
    await contains(".o_noojee_phone_menu").click();
    await animationFrame();
    expect(CARD).toHaveCount(0);
});

const TO_CARD = ["alt", "shift", "r"];

test("a key leads from a dialogue to the newest card and back", async () => {
    await mountPhone();
    await writeInDialogue();
    // nothing to go to yet
    await pressAll(TO_CARD);
    expect(".o_half_written").toBeFocused();
    sendCall(makeCall({ started_at: moment(-5) }));
    sendCall(makeCall({ id: 8 }));
    await waitFor(`${CARD}[data-call-id='8']`);
    expect(".o_half_written").toBeFocused();
    for (const back of [TO_CARD, "Escape"]) {
        await pressAll(TO_CARD);
        expect(`${CARD}[data-call-id='8'] .o_noojee_answer`).toBeFocused();
        await pressAll("Tab", back);
        expect(".o_half_written").toBeFocused();
    }
    expect(".o_half_written").toHaveValue("Nora");
});

test("Tab stays on the cards while a dialogue is open", async () => {
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    await writeInDialogue();
    await pressAll(TO_CARD);
    const names = ["answer", "ignore", "hang_up", "open", "other"];
    for (const name of [...names.slice(1), ...names]) {
        await pressAll("Tab");
        expect(`${CARD} .o_noojee_${name}`).toBeFocused();
    }
    await pressAll("Tab");
    for (const name of names.reverse()) {
        await pressAll(["shift", "Tab"]);
        expect(`${CARD} .o_noojee_${name}`).toBeFocused();
    }
});

test("a card that goes gives the focus back to the dialogue", async () => {
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    await writeInDialogue();
    await pressAll(TO_CARD);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    await waitFor(`${CARD}.o_noojee_withdrawn`);
    expect(CARD).toBeFocused();
    // there is nothing to do on it
    await pressAll("Tab");
    await advanceTime(4000);
    await waitForNone(CARD);
    expect(".o_half_written").toBeFocused();
});

test("Escape on a card that was clicked closes no dialogue", async () => {
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    await writeInDialogue();
    await contains(`${CARD} .o_noojee_other`).click();
    await pressAll("Escape");
    expect(".o_half_written").toBeFocused();
    // what is open on the card is closed first
    await contains(`${CARD} .o_noojee_attach`).click();
    await contains(`${CARD} .o_noojee_link_search`).focus();
    await pressAll("Escape");
    expect(`${CARD} .o_noojee_attach`).toBeFocused();
    await pressAll("Escape");
    expect(".o_half_written").toBeFocused();
});

test("the key to the card is told and shown", async () => {
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    expect(".o_noojee_incoming_cards").toHaveAttribute("aria-keyshortcuts", "Alt+Shift+R");
    expect(`${CARD} [role=alert]`).toHaveText(/Alt\+Shift\+R/);
    await keyDown("alt");
    expect(`${CARD} .o_noojee_answer .o_web_hotkey_overlay`).toHaveText("SHIFT+R");
    await keyUp("alt");
    await contains(".o_noojee_phone_menu").click();
    expect(`.o_noojee_phone_panel ${CARD} [role=alert]`).not.toHaveText(/Alt\+Shift\+R/);
});

/** Note what is opened. */
function noteOpened({ isTabBlocked = false } = {}) {
    patchWithCleanup(browser, {
        open(url, target) {
            expect.step(`${target} ${new URL(url, browser.location.origin).pathname}`);
            return isTabBlocked ? null : {};
        },
    });
}

test("with a dialogue open, the customer opens in a new tab", async () => {
    noteOpened();
    const open = [{ model: "sale.order", id: 42, name: "Quotation S00042" }];
    const card = { owner: "", is_owner_me: false, last_call: false, next_activity: false, open };
    await mountPhone({ calls: [makeCall({ card })] });
    await waitFor(CARD);
    await writeInDialogue();
    await contains(`${CARD} .o_noojee_open`).click();
    await contains(`${CARD} .o_noojee_open_record`).click();
    expect.verifySteps(["_blank /odoo/res.partner/17", "_blank /odoo/sale.order/42"]);
    expect(".o_half_written").toHaveValue("Nora");
    expect(`${CARD} .o_noojee_pop_words`).toHaveCount(0);
});

test("the card says where its new tab is blocked", async () => {
    noteOpened({ isTabBlocked: true });
    await mountPhone({ calls: [makeCall()] });
    await waitFor(CARD);
    await writeInDialogue();
    await contains(`${CARD} .o_noojee_open`).click();
    await waitFor(`${CARD} .o_noojee_pop_words:contains(blocked the new tab)`);
    expect.verifySteps(["_blank /odoo/res.partner/17"]);
    expect(".o_notification").toHaveCount(0);
});

test("a candidate whose new tab is blocked is told of by a note", async () => {
    noteOpened({ isTabBlocked: true });
    const candidates = [makeCandidate(21, "Marek Kowal"), makeCandidate(22, "Harbour Dental")];
    await mountPhone({ calls: [makeCall({ name: "", record: false, candidates })] });
    await waitFor(CARD);
    await writeInDialogue();
    await contains(".o_noojee_open_candidate:eq(1)").click();
    await waitFor(".o_notification:contains(blocked the new tab)");
    expect.verifySteps(["_blank /odoo/res.partner/22"]);
});
