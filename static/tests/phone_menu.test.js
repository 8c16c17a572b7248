import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, onRpc } from "@web/../tests/web_test_helpers";

import {
    defineNoojeeModels,
    makeCall,
    makeDialledCall,
    moment,
    mountPhone,
    sendBus,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

test("a user who is not in the group has no phone in the top bar", async () => {
    await mountPhone({}, { hasGroup: false, onRead: () => expect.step("asked") });
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
    expect(".o_noojee_number").toHaveCount(0);
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
    await contains(".o_noojee_call_back").click();
    expect.verifySteps([["03 9000 1234", "res.partner", 17]]);
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
    sendBus("noojee.phone/away", { since: moment(-60), reason: "It refused the connection." });
    await waitFor(".o_noojee_away");
    expect(".o_noojee_away").toHaveText(/The phone system has not answered since \d\d:\d\d/);
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
