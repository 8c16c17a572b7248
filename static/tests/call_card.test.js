import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor, waitForNone } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

import {
    defineNoojeeModels,
    makeCall,
    makeDialledCall,
    moment,
    mountPhone,
    RESULTS,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CARD = ".o_noojee_current_call";

function makeConnectedCall(values = {}) {
    return makeDialledCall({
        version: 2,
        state: "connected",
        answered_at: moment(-30),
        started_at: moment(-40),
        ...values,
    });
}

function makeEndedCall(values = {}) {
    return makeConnectedCall({
        version: 3,
        state: "ended",
        outcome: "answered",
        ended_at: moment(),
        needs_wrap_up: true,
        ...values,
    });
}

test("the card says what the handset waits for and what comes then", async () => {
    await mountPhone({ calls: [makeDialledCall({ lift_handset: true })] });
    await waitFor(CARD);
    expect(`${CARD} .o_noojee_call_state`).toHaveText("Lift your handset");
    expect(`${CARD} .o_noojee_hint`).toHaveText("Then: rings at the customer → connected");
});

test("a recording is started and stopped, and told apart from hanging up", async () => {
    onRpc("noojee.call", "action_start_recording", ({ args }) => {
        expect.step(["start", ...args]);
        return true;
    });
    onRpc("noojee.call", "action_stop_recording", ({ args }) => {
        expect.step(["stop", ...args]);
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_start_recording`).click();
    sendCall(makeConnectedCall({ version: 3, recording: "on", recorded_at: moment(), tag: "S00042" }));
    await waitFor(`${CARD} .o_noojee_stop_recording`);
    expect(`${CARD} .o_noojee_recording_words`).toHaveText(/Recorded 00:0\d · S00042/);
    await contains(`${CARD} .o_noojee_stop_recording`).click();
    sendCall(makeConnectedCall({ version: 4, recording: "stopped" }));
    await waitFor(`${CARD} .o_noojee_start_recording`);
    expect(`${CARD} .o_noojee_recording_words`).toHaveText("Recording stopped");
    expect.verifySteps([
        ["start", [7]],
        ["stop", [7]],
    ]);
});

test("a note is saved when one stops writing, and a message does not undo it", async () => {
    onRpc("noojee.call", "set_note", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_note`).edit("Wants 12 kW", { confirm: false });
    sendCall(makeConnectedCall({ version: 3, note: "" }));
    await animationFrame();
    expect(`${CARD} .o_noojee_note`).toHaveValue("Wants 12 kW");
    expect.verifySteps([]);
    await advanceTime(1000);
    expect.verifySteps([[[7], "Wants 12 kW"]]);
});

test("one key gives the result, with the note", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()], results: RESULTS });
    await waitFor(CARD);
    sendCall(makeEndedCall({ note: "Wants 12 kW" }));
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    expect(queryAllTexts(`${CARD} .o_noojee_choose_result`)).toEqual([
        "1Reached",
        "2No answer",
        "3Do not call",
    ]);
    await press("2");
    await animationFrame();
    expect.verifySteps([[[7], 2, "Wants 12 kW"]]);
    sendCall(makeEndedCall({ version: 4, needs_wrap_up: false, result: { id: 2, name: "No answer" } }));
    await waitFor(`${CARD} .o_noojee_result`);
    expect(`${CARD} .o_noojee_wrap_up`).toHaveCount(0);
    await advanceTime(8000);
    await waitForNone(CARD);
});

test("the results of the call's company are offered, however many there are of others", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args);
        return true;
    });
    const results = [
        { id: 1, name: "Leased", action: "none", company_id: 2 },
        { id: 2, name: "Reached", action: "none", company_id: false },
        { id: 3, name: "Sold", action: "none", company_id: 1 },
    ];
    await mountPhone({ calls: [makeConnectedCall({ company_id: 1 })], results });
    await waitFor(CARD);
    sendCall(makeEndedCall({ company_id: 1 }));
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    expect(queryAllTexts(`${CARD} .o_noojee_choose_result`)).toEqual(["1Reached", "2Sold"]);
    await press("2");
    await animationFrame();
    expect.verifySteps([[[7], 3, ""]]);
});

test("a key that is meant for a field gives no result", async () => {
    await mountPhone({ calls: [makeConnectedCall()], results: RESULTS });
    await waitFor(CARD);
    sendCall(makeEndedCall());
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    await contains(`${CARD} .o_noojee_note`).click();
    await press("2");
    await animationFrame();
    expect(`${CARD} .o_noojee_wrap_up`).toHaveCount(1);
});

test("nobody is put on the do-not-call list by a slip of the finger", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args.slice(0, 2));
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()], results: RESULTS });
    await waitFor(CARD);
    sendCall(makeEndedCall());
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    await press("3");
    await waitFor(`${CARD} .o_noojee_confirm`);
    await press("Escape");
    await waitForNone(`${CARD} .o_noojee_confirm`);
    expect.verifySteps([]);
    await press("3");
    await waitFor(`${CARD} .o_noojee_confirm`);
    await press("3");
    await animationFrame();
    expect.verifySteps([[[7], 6]]);
});

test("whoever does nothing skips the result; it can be given later", async () => {
    onRpc("noojee.call", "skip_wrap_up", () => {
        expect.step("skipped");
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()], results: RESULTS });
    await waitFor(CARD);
    sendCall(makeEndedCall());
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    await press("Escape");
    await waitForNone(CARD);
    expect.verifySteps(["skipped"]);

    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_give_result").click();
    await waitFor(`.o_noojee_panel_call .o_noojee_wrap_up`);
});

test("a call waits for its result after a reload too, in every tab until it has one", async () => {
    await mountPhone({ recent: [makeEndedCall()], results: RESULTS });
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    // given, or put off, in another tab
    sendCall(makeEndedCall({ version: 4, needs_wrap_up: false }));
    await waitForNone(CARD);
});

test("a call is linked to another record", async () => {
    onRpc("noojee.call", "search_records", ({ args }) => {
        expect.step(args);
        return [{ model: "sale.order", id: 5, name: "S00042", subtitle: "Priya Raman" }];
    });
    onRpc("noojee.call", "link", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_change_link`).click();
    await waitFor(`${CARD} .o_noojee_link_results b`);
    await contains(`${CARD} .o_noojee_link_search`).edit("S0004", { confirm: false });
    await runAllTimers();
    await press("Enter");
    await animationFrame();
    expect.verifySteps([
        ["", 7],
        ["S0004", 7],
        [[7], "sale.order", 5],
    ]);
    await waitForNone(`${CARD} .o_noojee_link_search`);
});

test("a second call that comes in says what becomes of the first", async () => {
    await mountPhone({ calls: [makeConnectedCall()] });
    await waitFor(CARD);
    sendCall(makeCall({ id: 8, name: "Marek Kowal" }));
    await waitFor(".o_noojee_incoming_card");
    expect(".o_noojee_second_call").toHaveText(/Your handset decides/);
    expect(CARD).toHaveCount(1);
});

test("nobody is asked what came of a call among colleagues, or of one that never rang", async () => {
    await mountPhone({ calls: [makeConnectedCall({ direction: "internal" })], results: RESULTS });
    await waitFor(CARD);
    sendCall(makeEndedCall({ direction: "internal", needs_wrap_up: false }));
    await waitFor(`${CARD}[data-state='ended']`);
    expect(`${CARD} .o_noojee_wrap_up`).toHaveCount(0);
});

test("Enter links what was found for the words that stand there, never for others", async () => {
    const answer = new Deferred();
    onRpc("noojee.call", "search_records", ({ args }) =>
        args[0] ? answer : [{ model: "res.partner", id: 1, name: "First", subtitle: "" }]
    );
    onRpc("noojee.call", "link", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_change_link`).click();
    await waitFor(`${CARD} .o_noojee_link_results button`);
    await contains(`${CARD} .o_noojee_link_search`).edit("roof", { confirm: false });
    await press("Enter");
    expect.verifySteps([]);
    answer.resolve([{ model: "crm.lead", id: 3, name: "12 kW roof", subtitle: "" }]);
    await runAllTimers();
    await waitFor(`${CARD} .o_noojee_link_results button:contains(12 kW roof)`);
    await press("Enter");
    await animationFrame();
    expect.verifySteps([[[7], "crm.lead", 3]]);
    // and the keyboard goes on where it was
    expect(`${CARD} .o_noojee_change_link`).toBeFocused();
});

test("a search for a record that fails says so in its place", async () => {
    onRpc("noojee.call", "search_records", () => {
        throw makeServerError({ message: "It broke." });
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_change_link`).click();
    await waitFor(`${CARD} .o_noojee_link_results:contains(did not work)`);
    expect(".o_error_dialog").toHaveCount(0);
    await press("Escape");
    await animationFrame();
    expect(`${CARD} .o_noojee_change_link`).toBeFocused();
});

test("the focus goes from what ends to what follows", async () => {
    onRpc("noojee.call", "action_start_recording", () => true);
    onRpc("noojee.call", "action_hang_up", () => true);
    await mountPhone({ calls: [makeConnectedCall()], results: RESULTS });
    await contains(`${CARD} .o_noojee_start_recording`).focus();
    await press("Enter");
    sendCall(makeConnectedCall({ version: 3, recording: "on", recorded_at: moment() }));
    await waitFor(`${CARD} .o_noojee_stop_recording`);
    expect(`${CARD} .o_noojee_stop_recording`).toBeFocused();
    await contains(`${CARD} .o_noojee_hang_up`).focus();
    await press("Enter");
    sendCall(makeEndedCall({ version: 4 }));
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    expect(`${CARD} .o_noojee_wrap_up`).toBeFocused();
});

test("a call that ends under the empty search takes a key for its result", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()], results: RESULTS });
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_number").toBeFocused();
    sendCall(makeEndedCall());
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    await press("2");
    await animationFrame();
    expect(".o_noojee_number").toHaveValue("");
    expect.verifySteps([[[7], 2, ""]]);
});

test("of two calls that wait for a result the keys are shown at one only", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args);
        return true;
    });
    const calls = [makeConnectedCall(), makeConnectedCall({ id: 8 })];
    await mountPhone({ calls, results: RESULTS });
    sendCall(makeEndedCall());
    sendCall(makeEndedCall({ id: 8 }));
    await waitFor(`${CARD}[data-call-id='7'] .o_noojee_wrap_up`);
    await waitFor(`${CARD}[data-call-id='8'] .o_noojee_wrap_up`);
    expect(`${CARD}[data-call-id='7'] .o_noojee_key`).toHaveCount(0);
    expect(`${CARD}[data-call-id='8'] .o_noojee_key`).toHaveCount(3);
    await press("1");
    await animationFrame();
    expect.verifySteps([[[8], 1, ""]]);
    sendCall(makeEndedCall({ id: 8, version: 4, result: { id: 1, name: "Reached" } }));
    await waitFor(`${CARD}[data-call-id='7'] .o_noojee_key`);
    await press("2");
    await animationFrame();
    expect.verifySteps([[[7], 2, ""]]);
});

test("a click is not let through by the time of an earlier one", async () => {
    onRpc("noojee.call", "action_start_recording", () => true);
    onRpc("noojee.call", "action_stop_recording", () => {
        expect.step("stop");
        return true;
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_start_recording`).click();
    sendCall(makeConnectedCall({ version: 3, recording: "on", recorded_at: moment() }));
    await waitFor(`${CARD} .o_noojee_stop_recording`);
    await advanceTime(4000);
    await contains(`${CARD} .o_noojee_stop_recording`).click();
    await advanceTime(2000);
    await animationFrame();
    expect(`${CARD} .o_noojee_stop_recording`).not.toBeEnabled();
    expect.verifySteps(["stop"]);
});

test("a follow-up is planned in Odoo's own dialogue, and the call waits for its result", async () => {
    patchWithCleanup(session, { noojee_activity_models: ["res.partner"] });
    onRpc("noojee.call", "set_note", ({ args }) => {
        expect.step(args);
        return true;
    });
    const calls = [
        makeConnectedCall(),
        makeConnectedCall({ id: 8, record: { model: "x.visitor", id: 1, name: "Visitor" } }),
    ];
    await mountPhone({ calls, results: RESULTS });
    const dialogue = new Deferred();
    patchWithCleanup(getService("mail.store"), {
        async scheduleActivity(model, ids) {
            expect.step([model, ids]);
            await dialogue;
        },
        async fetchStoreData() {},
    });
    sendCall(makeEndedCall());
    await waitFor(`${CARD}[data-call-id='7'] .o_noojee_wrap_up`);
    // nothing can be planned on such a record
    expect(`${CARD}[data-call-id='8'] .o_noojee_follow_up`).toHaveCount(0);
    await contains(`${CARD}[data-call-id='7'] .o_noojee_note`).edit("Wants 12 kW", { confirm: false });
    await contains(`${CARD}[data-call-id='7'] .o_noojee_follow_up`).click();
    await animationFrame();
    expect.verifySteps([
        [[7], "Wants 12 kW"],
        ["res.partner", [17]],
    ]);
    await advanceTime(61000);
    await animationFrame();
    expect(`${CARD}[data-call-id='7'] .o_noojee_wrap_up`).toHaveCount(1);
    expect(`${CARD}[data-call-id='7'] .o_noojee_note`).toHaveValue("Wants 12 kW");
    dialogue.resolve();
    await animationFrame();
    await advanceTime(61000);
    await waitForNone(`${CARD}[data-call-id='7']`);
});
