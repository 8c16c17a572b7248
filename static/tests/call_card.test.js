import { describe, expect, test } from "@odoo/hoot";
import {
    press,
    queryAll,
    queryAllTexts,
    queryFirst,
    waitFor,
    waitForNone,
} from "@odoo/hoot-dom";
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
    getPhone,
    loseConnection,
    makeCall,
    makeConnectedCall,
    makeDialledCall,
    moment,
    mountPhone,
    RESULTS,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CARD = ".o_noojee_current_call";

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
    // a dot that is no button, and two buttons of other colours and signs
    const looks = [".o_noojee_recording_dot", ".o_noojee_stop_recording", ".o_noojee_hang_up"].map(
        (part) => queryFirst(`${CARD} ${part}`)
    );
    expect(looks[0]).not.toHaveClass("btn");
    expect(looks[1]).toHaveClass("btn-secondary");
    expect(looks[2]).toHaveClass("btn-danger");
    expect(new Set(looks.map((part) => part.querySelector("i")?.className)).size).toBe(3);
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

test("more results than keys: the others are clicked", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args.slice(0, 2));
        return true;
    });
    const results = Array.from({ length: 11 }, (_, i) => ({
        id: i + 1,
        name: `Result ${i + 1}`,
        action: "none",
    }));
    const phone = await mountPhone({ calls: [makeConnectedCall()], results });
    await waitFor(CARD);
    sendCall(makeEndedCall());
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    expect(`${CARD} .o_noojee_choose_result`).toHaveCount(11);
    expect(`${CARD} .o_noojee_choose_result kbd`).toHaveCount(9);
    expect(`${CARD} .o_noojee_choose_result:eq(9)`).not.toHaveAttribute("aria-keyshortcuts");
    await contains(`${CARD} .o_noojee_choose_result:eq(10)`).click();
    expect.verifySteps([[[7], 11]]);

    // the list changes while the card stands: the key is the result's that shows it
    phone.calls = [];
    phone.recent = [makeEndedCall()];
    phone.results = [{ id: 30, name: "Now first", action: "none" }];
    await getPhone().load();
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    await press("9");
    await press("1");
    await animationFrame();
    expect.verifySteps([[[7], 30]]);
});

test("without a websocket a result is shown at once and given once", async () => {
    onRpc("noojee.call", "wrap_up", ({ args }) => {
        expect.step(args.slice(0, 2));
        return true;
    });
    let reads = 0;
    const phone = await mountPhone({ calls: [makeConnectedCall()], results: RESULTS }, { onRead: () => reads++ });
    await waitFor(CARD);
    sendCall(makeEndedCall());
    await waitFor(`${CARD} .o_noojee_wrap_up`);
    loseConnection();
    phone.calls = [];
    phone.recent = [
        makeEndedCall({ version: 4, needs_wrap_up: false, result: { id: 2, name: "No answer" } }),
    ];
    const before = reads;
    await press("2");
    await waitFor(`${CARD} .o_noojee_result`);
    expect(`${CARD} .o_noojee_result`).toHaveText("No answer");
    await press("1");
    await animationFrame();
    expect.verifySteps([[[7], 2]]);
    expect(reads).toBe(before + 1);
});

test("without a websocket a link is shown at once, and what was recorded is read", async () => {
    onRpc("noojee.call", "action_start_recording", () => {
        phone.calls = [makeConnectedCall({ version: 3, recording: "on", recorded_at: moment() })];
        return true;
    });
    onRpc("noojee.call", "this_is_the_caller", () => ({ remembered_id: 3, name: "Priya Raman" }));
    const phone = await mountPhone({ calls: [makeConnectedCall()] });
    await waitFor(CARD);
    loseConnection();
    await contains(`${CARD} .o_noojee_start_recording`).click();
    await waitFor(`${CARD} .o_noojee_stop_recording`);
    // even where the state cannot be read
    phone.fails = true;
    await getService("noojee.caller").tell(
        { id: 7 },
        { model: "crm.lead", id: 3, name: "12 kW roof" }
    );
    await animationFrame();
    expect(`${CARD} .o_noojee_linked_record`).toHaveText(/12 kW roof/);
});

test("what the bus does not tell is read after a while", async () => {
    onRpc("noojee.call", "action_start_recording", () => {
        phone.calls = [makeConnectedCall({ version: 3, recording: "on", recorded_at: moment() })];
        return true;
    });
    const phone = await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_start_recording`).click();
    expect(`${CARD} .o_noojee_start_recording`).not.toBeEnabled();
    await advanceTime(5000);
    await waitFor(`${CARD} .o_noojee_stop_recording`);
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

/** What a card offers, by the buttons' classes. */
test("a page that is opened later does not show what was wrapped up before", async () => {
    await mountPhone({ results: RESULTS });
    // replayed at connection, of a call that is no longer among the last ones
    const past = { ended_at: moment(-40), now: moment(-40) };
    sendCall(makeEndedCall(past));
    const result = { id: 2, name: "No answer" };
    sendCall(makeEndedCall({ ...past, version: 4, needs_wrap_up: false, result }));
    await animationFrame();
    await animationFrame();
    expect(CARD).toHaveCount(0);
});

function offered(card) {
    const names = [
        ...["answer", "open", "other", "open_candidate", "is_caller", "create_contact"],
        ...["create_lead", "attach", "ignore"],
    ];
    return names.filter((name) => queryAll(`${card} .o_noojee_${name}`).length);
}

const NOBODY = { name: "", subtitle: "", record: false };
const SEVERAL = [21, 22].map((id) => ({
    model: "res.partner",
    id,
    name: `Candidate ${id}`,
    subtitle: "",
    reason: "",
    avatar: false,
}));
const OTHERS = ["open_candidate", "is_caller", "create_contact", "create_lead", "attach"];
const NEW = ["create_contact", "create_lead", "attach"];
const KINDS = {
    "rings, known": [makeCall, {}, ["answer", "open", "other", "ignore"], true],
    "rings, several": [
        makeCall,
        { ...NOBODY, candidates: SEVERAL },
        ["answer", ...OTHERS, "ignore"],
    ],
    "rings, unknown": [makeCall, NOBODY, ["answer", ...NEW, "ignore"]],
    "rings, withheld": [makeCall, { ...NOBODY, number: "" }, ["answer", ...NEW, "ignore"]],
    "rings, a colleague": [
        makeCall,
        { direction: "internal", is_called: true, name: "Ben Osei", record: false },
        ["answer", "ignore"],
    ],
    "dialled, known": [makeDialledCall, {}, ["open", "other"], true],
    "dialled, unknown": [makeDialledCall, NOBODY, NEW],
    "connected, known": [makeConnectedCall, {}, ["open", "other"], true],
    "connected, several": [makeConnectedCall, { ...NOBODY, candidates: SEVERAL }, OTHERS],
    "answered, withheld": [
        makeConnectedCall,
        { ...NOBODY, number: "", direction: "inbound" },
        NEW,
    ],
    "connected, a colleague": [
        makeConnectedCall,
        { direction: "internal", name: "Ben Osei", record: false },
        [],
    ],
};

for (const [kind, [make, values, buttons, hasOthers]] of Object.entries(KINDS)) {
    test(`what the card of a call offers: ${kind}`, async () => {
        onRpc("noojee.call", "get_candidates", () => SEVERAL);
        onRpc("noojee.call", "search_records", () => []);
        await mountPhone({ calls: [make(values)] });
        const card = await waitFor(`${CARD}, .o_noojee_incoming_card`);
        const selector = card.matches(CARD) ? CARD : ".o_noojee_incoming_card";
        expect(offered(selector)).toEqual(buttons);
        if (hasOthers) {
            await contains(`${selector} .o_noojee_other`).click();
            await waitFor(`${selector} .o_noojee_caller_picker`);
            expect(OTHERS.filter((name) => !offered(selector).includes(name))).toEqual([]);
        }
    });
}

test("a call is linked to another record", async () => {
    onRpc("noojee.call", "get_candidates", () => []);
    onRpc("noojee.call", "search_records", ({ args }) => {
        expect.step(args);
        return [{ model: "sale.order", id: 5, name: "S00042", subtitle: "Priya Raman" }];
    });
    onRpc("noojee.call", "this_is_the_caller", ({ args }) => {
        expect.step(args);
        return { remembered_id: 3, name: "Priya Raman" };
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_other`).click();
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
    onRpc("noojee.call", "get_candidates", () => []);
    const answer = new Deferred();
    onRpc("noojee.call", "search_records", ({ args }) =>
        args[0] ? answer : [{ model: "res.partner", id: 1, name: "First", subtitle: "" }]
    );
    onRpc("noojee.call", "this_is_the_caller", ({ args }) => {
        expect.step(args);
        return { remembered_id: 3, name: "Priya Raman" };
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_other`).click();
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
    expect(`${CARD} .o_noojee_other`).toBeFocused();
});

test("a search for a record that fails says so in its place", async () => {
    onRpc("noojee.call", "get_candidates", () => []);
    onRpc("noojee.call", "search_records", () => {
        throw makeServerError({ message: "It broke." });
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await contains(`${CARD} .o_noojee_other`).click();
    await waitFor(`${CARD} .o_noojee_link_results:contains(did not work)`);
    expect(".o_error_dialog").toHaveCount(0);
    await press("Escape");
    await animationFrame();
    expect(`${CARD} .o_noojee_attach`).toBeFocused();
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
