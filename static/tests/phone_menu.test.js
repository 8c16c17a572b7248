import { describe, expect, test } from "@odoo/hoot";
import {
    manuallyDispatchProgrammaticEvent,
    press,
    queryAllTexts,
    queryOne,
    queryRect,
    queryText,
    waitFor,
    waitForNone,
} from "@odoo/hoot-dom";
import { advanceTime, animationFrame, Deferred, mockDate, runAllTimers } from "@odoo/hoot-mock";
import { contains, getService, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

import {
    defineNoojeeModels,
    getPhone,
    makeCall,
    makeDialledCall,
    moment,
    mountPhone,
    pressAll,
    sendBus,
    sendCall,
    writeInDialogue,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

test("a user who is not in the group has no phone in the top bar", async () => {
    await mountPhone({}, { models: false, onRead: () => expect.step("asked") });
    await animationFrame();
    expect(".o_noojee_phone_menu").toHaveCount(0);
    expect.verifySteps([]);
});

test("the panel shows the line and the running call", async () => {
    const call = makeDialledCall({
        state: "connected",
        answered_at: moment(-12),
        started_at: moment(-20),
    });
    await mountPhone({ calls: [call] });
    await waitFor(".o_noojee_phone_menu");
    expect(".o_noojee_counter").toHaveText("1");

    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_line").toHaveText(/Desk 101/);
    expect(".o_noojee_line").toHaveText(/Head office/);
    expect(".o_noojee_panel_call").toHaveText(/Priya Raman/);
    expect(".o_noojee_panel_call .o_noojee_call_state").toHaveText(/Connected 00:1\d/);
    expect(".o_noojee_panel_call .o_noojee_hang_up").toHaveText("Hang up");
    expect(".o_noojee_panel_call .o_noojee_answer").toHaveCount(0);
});

test("without calls and without a line the panel says what to do", async () => {
    onRpc("noojee.extension", "get_desks", () => []);
    const state = await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_no_calls").toHaveText(/No calls yet/);

    await contains(".o_noojee_phone_menu").click();
    state.line = false;
    await contains(".o_noojee_phone_menu").click();
    await waitFor(".o_noojee_no_desks");
    expect(".o_noojee_no_desks").toHaveText(/No desk is open to you/);
    // the computer's own phone program may do
    expect(".o_noojee_tel_hint").toHaveText(/phone program/);
});

test("a number written into the panel is dialled once by Enter", async () => {
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args[0]);
        return makeDialledCall({ number: args[0], name: "", record: false });
    });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_number").edit("0412 555 019", { confirm: false });
    await press("Enter");
    await press("Enter");
    await waitFor(".o_noojee_panel_call");
    expect.verifySteps(["0412 555 019"]);
    expect(".o_noojee_panel_call .o_noojee_call_state").toHaveText("Ringing your desk…");
    expect(".o_noojee_number").toHaveValue("");
});

test("a recent call is called back about its record", async () => {
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args);
        return makeDialledCall({ id: 8 });
    });
    const missed = makeCall({ state: "ended", outcome: "missed", ended_at: moment() });
    await mountPhone({ recent: [missed] });
    await contains(".o_noojee_phone_menu").click();
    expect(queryAllTexts(".o_noojee_recent_call")[0]).toMatch(/Priya Raman[\s\S]*Missed/);
    await contains(".o_noojee_recent_call .o_noojee_dial_button").click();
    expect.verifySteps([["03 9000 1234", "res.partner", 17]]);
});

test("the clock of ended calls is the one of the user's language, today as before", async () => {
    mockDate("2026-11-24 21:49:00", 0);
    const ended = { state: "ended", outcome: "missed" };
    const recent = [
        makeCall({ ...ended, id: 8, started_at: moment(-60) }),
        makeCall({ ...ended, started_at: moment(-10 * 86400) }),
    ];
    await mountPhone({ recent });
    await contains(".o_noojee_phone_menu").click();
    const texts = queryAllTexts(".o_noojee_recent_call .text-muted.small");
    const words = ["9:48 PM · Missed", "Nov 14, 9:49 PM · Missed"];
    // the space is one that breaks no line
    expect(texts.map((text) => text.replace(/\s/g, " "))).toEqual(words);
});

test("hanging up is asked once however often one clicks", async () => {
    onRpc("noojee.call", "action_hang_up", ({ args }) => {
        expect.step(args[0]);
        return true;
    });
    await mountPhone({ calls: [makeDialledCall()] });
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_panel_call .o_noojee_hang_up").click();
    expect(".o_noojee_panel_call .o_noojee_hang_up").not.toBeEnabled();
    expect.verifySteps([[7]]);
});

test("the panel tells that the phone system is away, and when it is back", async () => {
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    sendBus("noojee.phone/away", {
        since: moment(-60),
        retry_at: moment(20),
        reason: "It refused the connection.",
    });
    await waitFor(".o_noojee_away");
    expect(".o_noojee_next_try").toHaveText(/Next try in (19|20) s\./);
    expect(".o_noojee_away").toHaveText(/The phone system has not answered since \d?\d:\d\d/);
    expect(".o_noojee_away").toHaveText(/It refused the connection\./);
    sendBus("noojee.phone/away", false);
    await waitForNone(".o_noojee_away");
});

test("the recent calls grow by the bus", async () => {
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    sendCall(makeCall({ state: "ended", outcome: "elsewhere", answered_by: "Ben Osei" }));
    await waitFor(".o_noojee_recent_call");
    expect(".o_noojee_recent_call").toHaveText(/Answered by Ben Osei/);
});

test("a state that cannot be read is told, and asked for again", async () => {
    const state = await mountPhone({ fails: true });
    await contains(".o_noojee_phone_menu").click();
    await waitFor(".o_noojee_failed");
    state.fails = false;
    await contains(".o_noojee_failed button").click();
    await waitFor(".o_noojee_line");
});

test("whom to call is found while one types, and dialled by Enter", async () => {
    onRpc("noojee.call", "search_parties", ({ args }) => {
        expect.step(`search ${args[0]}`);
        return [
            party(17, "Priya Raman", "03 9000 1234"),
            party(18, "Priya Nair", "0412 555 019"),
        ];
    });
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args.slice(0, 3));
        return makeDialledCall();
    });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_number").edit("priya", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_party");
    expect(queryAllTexts(".o_noojee_party a")).toEqual(["Priya Raman", "Priya Nair"]);
    await press("ArrowDown");
    await animationFrame();
    expect(".o_noojee_party.o_noojee_active").toHaveText(/Priya Nair/);
    await press("Enter");
    await waitFor(".o_noojee_panel_call");
    expect.verifySteps(["search priya", ["0412 555 019", "res.partner", 18]]);
});

test("the keypad writes what is clicked, typed or pasted", async () => {
    onRpc("noojee.call", "search_parties", () => []);
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains("[data-tab='keys']").click();
    await contains(".o_noojee_digit:eq(0)").click();
    await contains(".o_noojee_digit:eq(11)").click();
    await press("5");
    await animationFrame();
    expect(".o_noojee_number").toHaveValue("1#5");
    await contains(".o_noojee_erase").click();
    expect(".o_noojee_number").toHaveValue("1#");
    for (const text of ["+49 30 901820 ext. 12", "03–7010–1234", "1300 FLOWER", "٠٣٧٠١٠", "📞 03 7010"]) {
        await contains(".o_noojee_number").clear({ confirm: false });
        await contains(".o_noojee_digit:eq(0)").focus();
        await paste(`  ${text}\n`);
        expect(".o_noojee_number").toHaveValue(text);
    }
});

for (const written of [
    "03–7010–1234",
    "03\u20117010\u20111234",
    "\u202a+61 3 7010 1234\u202c",
    "tel:+61370101234",
    "03 7010 1234 ext. 12",
    "０３７０１０１２３４",
]) {
    test(`a number in the form ${JSON.stringify(written)} is dialled as it is`, async () => {
        onRpc("noojee.call", "search_parties", () => [party(17, "Priya Raman", "03 9000 1234")]);
        onRpc("noojee.call", "dial", ({ args }) => {
            expect.step(args);
            return makeDialledCall();
        });
        await mountPhone();
        await contains(".o_noojee_phone_menu").click();
        await contains(".o_noojee_number").edit(written, { confirm: false });
        await runAllTimers();
        await waitFor(".o_noojee_as_written");
        expect(".o_noojee_number").toHaveAttribute("aria-activedescendant", "o_noojee_as_written");
        await press("Enter");
        await waitFor(".o_noojee_panel_call");
        expect.verifySteps([[written, false, false]]);
    });
}

test("a name with digits is looked for first, and called if nobody has it", async () => {
    const found = { "SO 10042": [party(17, "Priya Raman", "03 9000 1234")] };
    onRpc("noojee.call", "search_parties", ({ args }) => found[args[0]] ?? []);
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args);
        return makeDialledCall();
    });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_number").edit("SO 10042", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_party");
    expect(".o_noojee_as_written").toHaveCount(0);
    await contains(".o_noojee_number").edit("1300 FLOWER", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_as_written");
    await press("Enter");
    await waitFor(".o_noojee_panel_call");
    expect.verifySteps([["1300 FLOWER", false, false]]);
});

test("the choice is told to who does not see it", async () => {
    onRpc("noojee.call", "search_parties", () => [party(17, "Priya Raman", "03 9000 1234")]);
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_number").toHaveAttribute("aria-expanded", "false");
    await contains(".o_noojee_number").edit("03 9000", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_party");
    expect(".o_noojee_number").toHaveAttribute("aria-haspopup", "grid");
    expect(".o_noojee_number").toHaveAttribute("aria-expanded", "true");
    expect("[role=grid]#o_noojee_parties > [role=row]").toHaveCount(2);
    // links and buttons may stand in cells, not in options of a list
    expect("[role=row] :is(a, button)").toHaveCount(3);
    expect("[role=row] > [role=gridcell] :is(a, button)").toHaveCount(3);
    expect("[role=option]").toHaveCount(0);
    for (const key of [null, "ArrowDown", "ArrowUp"]) {
        if (key) {
            await press(key);
            await animationFrame();
        }
        const { id } = queryOne("[role=row][aria-selected=true]");
        expect(id).toBe(key === "ArrowDown" ? "o_noojee_party_0" : "o_noojee_as_written");
        expect(".o_noojee_number").toHaveAttribute("aria-activedescendant", id);
    }
});

test("without a phone system numbers open in the computer's own program", async () => {
    onRpc("noojee.call", "search_parties", () => [party(17, "Priya Raman", "03 9000 1234")]);
    await mountPhone({ away: { since: moment(-60), retry_at: moment(20), reason: "" } });
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_number").edit("priya", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_party");
    expect(".o_noojee_party .o_noojee_dial_button").toHaveAttribute("href", "tel:0390001234");
    onRpc("noojee.call", "check_number", ({ args }) => {
        expect.step(args);
        return { check: false, number: "+61390001234" };
    });
    patchWithCleanup(browser, { open: (...args) => expect.step(args) });
    await press("Enter");
    await animationFrame();
    await contains(".o_noojee_party .o_noojee_dial_button").click();
    const asked = ["03 9000 1234", "res.partner", 17];
    const opened = ["tel:+61390001234", "_self"];
    expect.verifySteps([asked, opened, asked, opened]);
});

for (const [written, address] of [
    ["03–7010–1234", "tel:0370101234"],
    ["+49 30 901820 ext. 12", "tel:+4930901820"],
    ["tel:+61-3-7010-1234;ext=12", "tel:+61370101234"],
    ["٠٣ ７０１０ 1234", "tel:0370101234"],
    ["1300 FLOWER", "tel:1300FLOWER"],
    ["*97#", "tel:*97%23"],
]) {
    test(`${written} opens the phone program with ${address}`, async () => {
        onRpc("noojee.call", "search_parties", () => []);
        await mountPhone({ line: false });
        onRpc("noojee.extension", "get_desks", () => []);
        await contains(".o_noojee_phone_menu").click();
        await contains(".o_noojee_number").edit(written, { confirm: false });
        await runAllTimers();
        await waitFor(".o_noojee_as_written");
        expect(".o_noojee_as_written a").toHaveAttribute("href", address);
    });
}

test("the list to call is worked off from the first", async () => {
    onRpc("noojee.call", "dial", ({ args, kwargs }) => {
        expect.step([...args, kwargs.activity_id]);
        return makeDialledCall();
    });
    await mountPhone({ to_call: [toCall(3, "Li Wei", 2), toCall(4, "Harbour Dental", 0)], to_call_count: 2 });
    await contains(".o_noojee_phone_menu").click();
    expect("[data-tab='to_call']").toHaveText("To call 2");
    expect(queryAllTexts(".o_noojee_to_call_item")[0]).toMatch(/Due today · 2 attempts/);
    await contains(".o_noojee_next").click();
    expect.verifySteps([["0412 555 019", "crm.lead", 3, 30]]);
});

test("whom to call is named in full, whatever is said of him", async () => {
    const name = "The Honourable Wilhelmina Featherstonehaugh-Cholmondeley of Wagga Wagga";
    const summary = "Call back: missed 2 times, last 21:59, and asked for the second time";
    await mountPhone({ to_call: [{ ...toCall(3, name, 0), summary }], to_call_count: 1 });
    await contains(".o_noojee_phone_menu").click();
    const item = ".o_noojee_to_call_item";
    expect(item).toHaveText(new RegExp(`${name}[^]*${summary}[^]*Due today`));
    for (const part of [`${item} a`, `${item} :contains(${summary}):last`]) {
        const { clientWidth, scrollWidth } = queryOne(part);
        expect(scrollWidth <= clientWidth).toBe(true, { message: `${part} is whole` });
    }
});

test("who has no number does not stop the list", async () => {
    const lost = { ...toCall(2, "Nobody", 0), number: "" };
    await mountPhone({ to_call: [lost, toCall(3, "Li Wei", 0)], to_call_count: 2 });
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_next").toHaveText("Next: Li Wei");
});

test("who may be called later only says so, and Next goes past him", async () => {
    const perth = { ...toCall(2, "Li Wei", 0), opens: "opens 9:00 in Perth" };
    await mountPhone({ to_call: [perth, toCall(3, "Harbour Dental", 0)], to_call_count: 52 });
    await contains(".o_noojee_phone_menu").click();
    expect("[data-tab='to_call']").toHaveText("To call 52");
    expect(queryAllTexts(".o_noojee_to_call_item")[0]).toMatch(/Due today · opens 9:00 in Perth/);
    expect(".o_noojee_next").toHaveText("Next: Harbour Dental");
});

test("where nobody may be called yet, the panel says who can be first", async () => {
    onRpc("noojee.call", "get_to_call", () => ({
        entries: [{ ...toCall(2, "Li Wei", 0), opens: "opens 9:00 in Perth" }],
        count: 45,
    }));
    await mountPhone({ to_call: [toCall(3, "Harbour Dental", 0)], to_call_count: 1 });
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_none_to_call_now").toHaveCount(0);
    sendBus("noojee.phone/to_call", {});
    await waitFor(".o_noojee_none_to_call_now");
    expect(".o_noojee_none_to_call_now").toHaveText(
        "Nobody can be called now. Li Wei: opens 9:00 in Perth."
    );
    expect(".o_noojee_next").toHaveCount(0);
    expect("[data-tab='to_call']").toHaveText("To call 45");
});

const COUNTER = ".o_noojee_missed_counter:visible";

function makeMissed(values) {
    return makeCall({ state: "ended", outcome: "missed", ended_at: moment(), ...values });
}

test("a call that a colleague takes after all was not missed", async () => {
    await mountPhone({ calls: [makeCall()] });
    // its end here is told before its answer there
    sendCall(makeMissed({ version: 2 }));
    await waitFor(`${COUNTER}:contains(1)`);
    sendCall(makeCall({ version: 3, state: "ended", outcome: "elsewhere", answered_by: "Ben" }));
    await waitForNone(COUNTER);
    await contains(".o_noojee_phone_menu").click();
    await contains("[data-tab='missed']").click();
    expect(".o_noojee_recent_call").toHaveCount(0);
});

test("a call that rings twice is missed once", async () => {
    await mountPhone({ calls: [makeCall()] });
    sendCall(makeMissed({ version: 2 }));
    await waitFor(`${COUNTER}:contains(1)`);
    sendCall(makeCall({ version: 3, channel_id: 71 }));
    await waitForNone(COUNTER);
    sendCall(makeMissed({ version: 4, channel_id: 71 }));
    await waitFor(COUNTER);
    expect(COUNTER).toHaveText("1");
});

test("missed calls that are not listed are counted, and stay so", async () => {
    const missed = [];
    for (let id = 20; id > 12; id--) {
        missed.push(makeMissed({ id, started_at: moment(-200 + id) }));
    }
    await mountPhone({ missed, missed_count: 11 });
    await waitFor(`${COUNTER}:contains(11)`);
    // a note is written to one of those
    sendCall(makeMissed({ id: 5, version: 2, started_at: moment(-300), note: "roof" }));
    // and one is listed no more, but missed
    sendCall(makeCall({ id: 21 }));
    await waitForNone(COUNTER);
    sendCall(makeMissed({ id: 21, version: 2 }));
    await waitFor(`${COUNTER}:contains(12)`);
    sendCall(makeCall({ id: 20, version: 2, state: "ended", outcome: "elsewhere" }));
    await waitFor(`${COUNTER}:contains(11)`);
});

test("a call missed while the state is read is counted", async () => {
    const answer = new Deferred();
    await mountPhone({ missed: [makeMissed()], missed_count: 1 }, { onRead: () => answer });
    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    sendCall(makeMissed({ id: 8 }));
    sendCall(makeMissed({ id: 9 }));
    await animationFrame();
    answer.resolve();
    await waitFor(`${COUNTER}:contains(2)`);
});

test("which missed calls were reached meanwhile is read anew", async () => {
    const missed = [makeMissed(), makeMissed({ id: 8 })];
    const answer = await mountPhone({ missed, missed_count: 2 });
    await waitFor(`${COUNTER}:contains(2)`);
    missed[0].is_missed_unseen = false;
    answer.missed_count = 1;
    sendBus("noojee.phone/missed_seen", { count: 1 });
    await waitFor(`${COUNTER}:contains(1)`);
    // the call itself is told as well
    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    await animationFrame();
    expect(COUNTER).toHaveText("1");
    sendBus("noojee.phone/missed_seen", { count: 0 });
    await waitForNone(COUNTER);
});

test("looking at missed calls clears their count", async () => {
    onRpc("noojee.call", "mark_missed_seen", () => {
        expect.step("seen");
        return true;
    });
    const missed = makeCall({ state: "ended", outcome: "missed", ended_at: moment() });
    await mountPhone({ missed: [missed], missed_count: 1 });
    await waitFor(".o_noojee_missed_counter:visible");
    await contains(".o_noojee_phone_menu").click();
    await contains("[data-tab='missed']").click();
    expect(".o_noojee_recent_call").toHaveText(/Priya Raman/);
    await waitForNone("[data-tab='missed'] .badge");
    expect.verifySteps(["seen"]);
});

test("a reading that began before missed calls were looked at brings no count back", async () => {
    onRpc("noojee.call", "mark_missed_seen", () => true);
    const answers = [];
    let slow;
    const state = await mountPhone(
        { missed: [makeMissed()], missed_count: 1 },
        {
            async onRead() {
                const [missed] = answers.splice(0, 1);
                await slow;
                missed && Object.assign(state, missed);
            },
        }
    );
    await waitFor(COUNTER);
    slow = new Deferred();
    answers.push({ missed: [makeMissed()], missed_count: 1 });
    await contains(".o_noojee_phone_menu").click();
    await contains("[data-tab='missed']").click();
    sendBus("noojee.phone/missed_seen", { count: 0 });
    await animationFrame();
    const seen = makeMissed({ is_missed_unseen: false });
    const news = makeMissed({ id: 8, is_missed_unseen: false });
    answers.push({ missed: [news, seen], missed_count: 0 });
    slow.resolve();
    await waitFor(".o_noojee_recent_call:eq(1)");
    expect(COUNTER).toHaveCount(0);
    expect("[data-tab='missed']").toHaveText("Missed");
});

test("a reading that ends after a later one brings no count back", async () => {
    const answers = [];
    const state = await mountPhone(
        { missed: [makeMissed(), makeMissed({ id: 8 })], missed_count: 2 },
        {
            async onRead() {
                const [answer] = answers.splice(0, 1);
                await answer?.until;
                answer && Object.assign(state, answer);
            },
        }
    );
    await waitFor(`${COUNTER}:contains(2)`);
    const slow = new Deferred();
    answers.push({ until: slow, missed: [makeMissed(), makeMissed({ id: 8 })], missed_count: 2 });
    getPhone().load();
    const later = { missed: [makeMissed(), makeMissed({ id: 8, is_missed_unseen: false })], missed_count: 1 };
    answers.push(later, later);
    sendBus("noojee.phone/missed_seen", { count: 1 });
    await waitFor(`${COUNTER}:contains(1)`);
    slow.resolve();
    await animationFrame();
    await animationFrame();
    expect(COUNTER).toHaveText("1");
});

test("a call missed while the missed ones are looked at is seen", async () => {
    onRpc("noojee.call", "mark_missed_seen", () => {
        expect.step("seen");
        return true;
    });
    let isHidden = false;
    patchWithCleanup(document, {
        get hidden() {
            return isHidden;
        },
    });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains("[data-tab='missed']").click();
    sendCall(makeCall());
    await waitFor(".o_noojee_phone_panel .o_noojee_incoming_card");
    sendCall(makeMissed({ version: 2 }));
    await expect.waitForSteps(["seen"]);
    await waitFor(".o_noojee_recent_call");
    await waitForNone("[data-tab='missed'] .badge");

    // nobody looks at a page that is not visible
    isHidden = true;
    sendCall(makeMissed({ id: 8 }));
    await waitFor("[data-tab='missed'] .badge");
    expect.verifySteps([]);
    isHidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    await expect.waitForSteps(["seen"]);
    await waitForNone("[data-tab='missed'] .badge");

    // nor are they seen while a call is in their place
    await contains("[data-tab='recent']").click();
    sendCall(makeMissed({ id: 9 }));
    await waitFor("[data-tab='missed'] .badge");
    expect.verifySteps([]);
});

test("no card stands beside the open panel, and comes back with its end", async () => {
    const calls = [
        makeDialledCall({ id: 8, state: "connected", answered_at: moment(-5) }),
        makeCall({ id: 9 }),
    ];
    await mountPhone({ calls });
    await waitFor(".o_noojee_call_strip");
    await contains(".o_noojee_phone_menu").click();
    await animationFrame();
    expect(".o_noojee_panel_call").toHaveCount(1);
    expect(".o_noojee_call_strip").toHaveCount(0);
    expect(".o_noojee_incoming_cards").not.toBeVisible();
    await contains(".o_noojee_phone_menu").click();
    await waitFor(".o_noojee_call_strip");
    expect(".o_noojee_incoming_cards").toBeVisible();
});

test("a panel that is opened while it rings has Answer under the key", async () => {
    await mountPhone({ calls: [makeCall()] });
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_phone_panel .o_noojee_answer").toBeFocused();
});

const TO_PANEL = ["alt", "shift", "p"];

test("a key opens the panel over a dialogue, and Escape leads back", async () => {
    await mountPhone();
    await writeInDialogue();
    for (const turn of ["Tab", ["shift", "Tab"]]) {
        await pressAll(TO_PANEL);
        expect(".o_noojee_number").toBeFocused();
        // round and round in it: neither the page nor the dialogue beneath is reached
        for (let i = 0; i < 20; i++) {
            await pressAll(turn);
            expect(".o_noojee_phone_panel:has(:focus)").toHaveCount(1);
        }
        await pressAll("Escape");
        expect(".o_noojee_phone_panel").toHaveCount(0);
        expect(".o_half_written").toBeFocused();
    }
    expect(".o_half_written").toHaveValue("Nora");
});

test("a click into the dialogue closes the panel above it", async () => {
    await mountPhone();
    await writeInDialogue();
    await pressAll(TO_PANEL);
    expect(".o_noojee_phone_panel").toHaveCount(1);
    await contains(".o_last").click();
    expect(".o_noojee_phone_panel").toHaveCount(0);
    expect(".o_last").toBeFocused();
});

test("without a dialogue Tab leads out of the panel", async () => {
    await mountPhone();
    await pressAll(TO_PANEL, ["shift", "Tab"]);
    expect(".o_noojee_phone_panel:has(:focus)").toHaveCount(0);
});

test("what is written stays where the number must not be called", async () => {
    onRpc("noojee.call", "dial", () => ({
        check: { number: "0412 555 019", findings: [{ rule: "hours", title: "Not now", message: "" }] },
    }));
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_number").edit("0412 555 019", { confirm: false });
    await press("Enter");
    await waitFor(".o_noojee_call_check");
    expect(getPhone().isDialing).toBe(false);
    await contains(".o_noojee_check_close").click();
    expect(".o_noojee_number").toHaveValue("0412 555 019");
});

test("arrows keep the chosen one in sight", async () => {
    onRpc("noojee.call", "search_parties", () =>
        Array.from({ length: 20 }, (_, i) => party(i + 1, `Priya ${i}`, "03 9000 1234"))
    );
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_number").edit("priya", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_party");
    for (let i = 0; i < 19; i++) {
        await press("ArrowDown");
    }
    await animationFrame();
    const list = queryRect(".o_noojee_parties");
    expect(queryRect(".o_noojee_party.o_noojee_active").bottom).toBeLessThan(list.bottom + 1);
});

test("a live connection that is lost is told", async () => {
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_not_live").toHaveCount(0);
    getService("bus.monitoring_service").isConnectionLost = true;
    await waitFor(".o_noojee_not_live");
    getService("bus.monitoring_service").isConnectionLost = false;
    await waitForNone(".o_noojee_not_live");
});

test("nothing is read aloud each second", async () => {
    const connected = makeDialledCall({
        state: "connected",
        answered_at: moment(-5),
        recording: "on",
        recorded_at: moment(-3),
    });
    await mountPhone({
        calls: [connected, makeCall({ id: 9 })],
        away: { since: moment(-60), retry_at: moment(20), reason: "It refused." },
    });
    await contains(".o_noojee_phone_menu").click();
    const spoken = () => queryAllTexts(".o_noojee_phone_panel :is([role=status], [role=alert])");
    const shown = queryText(".o_noojee_panel_call .o_noojee_call_state");
    const before = spoken();
    expect(before.join(" ")).toMatch(/Priya Raman: Connected/);
    await advanceTime(3000);
    await animationFrame();
    expect(".o_noojee_panel_call .o_noojee_call_state").not.toHaveText(shown);
    expect(spoken()).toEqual(before);
});

test("what is typed while the state is read goes into the search", async () => {
    const read = new Deferred();
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args[0]);
        return makeDialledCall();
    });
    await mountPhone({}, { onRead: () => read });
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_number").toBeFocused();
    expect(".o_noojee_tel_hint").toHaveCount(0);
    await contains(".o_noojee_number").edit("0412 555 019", { confirm: false });
    await press("Enter");
    await press("Enter");
    await animationFrame();
    expect.verifySteps([]);
    expect(".o_noojee_number").toHaveValue("0412 555 019");
    read.resolve();
    await waitFor(".o_noojee_panel_call");
    expect.verifySteps(["0412 555 019"]);
});

/** Where the focus is. */
async function paste(text) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    await manuallyDispatchProgrammaticEvent(document.activeElement, "paste", { clipboardData });
    await animationFrame();
}

function party(id, name, number) {
    return { model: "res.partner", id, name, number, subtitle: "", avatar: false };
}

function toCall(id, name, attempts) {
    return {
        activity_id: id * 10,
        model: "crm.lead",
        id,
        name,
        subtitle: "",
        number: "0412 555 019",
        due: "today",
        summary: "",
        attempts,
    };
}
