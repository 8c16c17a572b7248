import { describe, expect, test } from "@odoo/hoot";
import { waitFor, waitForNone } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, getService, mockService } from "@web/../tests/web_test_helpers";

import {
    defineNoojeeModels,
    getPhone,
    makeDialledCall,
    moment,
    mountPhone,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const STATE = ".o_noojee_current_call .o_noojee_call_state";

test("a dialled call goes from ringing to connected to ended by itself", async () => {
    await mountPhone();
    // early in a second: the figures below do not jump
    mockDate("2026-11-24T10:00:00.100Z");
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.show_call",
        params: { call: makeDialledCall() },
    });
    await waitFor(".o_noojee_current_call[data-state='dialing']");
    expect(".o_noojee_current_call .o_noojee_call_name").toHaveText("Priya Raman");
    expect(STATE).toHaveText("Ringing your desk…");

    sendCall(makeDialledCall({ version: 2, state: "ringing" }));
    await waitFor(".o_noojee_current_call[data-state='ringing']");
    expect(STATE).toHaveText("Rings at the customer");

    sendCall(makeDialledCall({ version: 3, state: "connected", answered_at: moment() }));
    await waitFor(".o_noojee_current_call[data-state='connected']");
    expect(STATE).toHaveText("Connected 00:00");
    await advanceTime(12000);
    expect(STATE).toHaveText(/Connected 00:1[12]/);

    sendCall(
        makeDialledCall({
            version: 4,
            state: "ended",
            outcome: "answered",
            answered_at: "2026-11-23T10:00:00Z",
            ended_at: "2026-11-23T10:00:12Z",
        })
    );
    await waitFor(".o_noojee_current_call[data-state='ended']");
    expect(STATE).toHaveText("Ended");
    expect(".o_noojee_call_outcome").toHaveText("Talked 00:12");
    expect(".o_noojee_hang_up").toHaveCount(0);

    await advanceTime(8000);
    await waitForNone(".o_noojee_current_call");
});

test("a message older than what is shown changes nothing", async () => {
    await mountPhone({ calls: [makeDialledCall({ version: 5, state: "connected" })] });
    await waitFor(".o_noojee_current_call[data-state='connected']");
    sendCall(makeDialledCall({ version: 4, state: "ringing" }));
    sendCall(makeDialledCall({ version: 5, state: "ringing" }));
    sendCall(makeDialledCall({ id: 8, version: 1, number: "0412 555 019", name: "" }));
    await waitFor(".o_noojee_current_call[data-call-id='8']");
    expect(".o_noojee_current_call[data-call-id='7']").toHaveAttribute("data-state", "connected");
});

test("the state that was read does not undo a newer message", async () => {
    const state = await mountPhone({ calls: [makeDialledCall({ version: 1 })] });
    await waitFor(".o_noojee_current_call");
    sendCall(makeDialledCall({ version: 3, state: "connected", answered_at: moment() }));
    await waitFor(".o_noojee_current_call[data-state='connected']");
    state.calls = [makeDialledCall({ version: 2, state: "ringing" })];
    await getPhone().load();
    await animationFrame();
    expect(".o_noojee_current_call").toHaveAttribute("data-state", "connected");
});

test("the card of a running call opens its record and can be hidden", async () => {
    mockService("action", {
        doAction(action) {
            expect.step([action.res_model, action.res_id, action.target]);
        },
    });
    await mountPhone({ calls: [makeDialledCall()] });
    await contains(".o_noojee_current_call .o_noojee_open").click();
    expect.verifySteps([["res.partner", 17, "current"]]);
    await contains(".o_noojee_current_call .o_noojee_compact").click();
    expect(".o_noojee_note").toHaveCount(0);
    expect(".o_noojee_current_call .o_noojee_hang_up").toHaveCount(1);
    await contains(".o_noojee_current_call .o_noojee_hide").click();
    await waitForNone(".o_noojee_current_call");
    expect(".o_noojee_counter").toHaveText("1");
});

test("a call that was taken for ended stands there once when it runs on", async () => {
    const results = [{ id: 1, name: "Reached" }];
    const answered = { answered_at: moment(), needs_wrap_up: true };
    const calls = [makeDialledCall({ state: "connected", ...answered })];
    await mountPhone({ calls, results });
    await waitFor(".o_noojee_current_call[data-state='connected']");
    const end = { state: "ended", outcome: "answered", ended_at: moment() };
    sendCall(makeDialledCall({ version: 2, ...answered, ...end }));
    await waitFor(".o_noojee_current_call[data-state='ended']");
    expect(getPhone().recent.length).toBe(1);
    // what is being written there keeps it
    await contains(".o_noojee_note").edit("Wants 12 kW", { confirm: false });
    sendCall(makeDialledCall({ version: 3, state: "connected", ...answered }));
    await waitFor(".o_noojee_current_call[data-state='connected']");
    expect(".o_noojee_current_call").toHaveCount(1);
    expect(".o_noojee_note").toHaveValue("Wants 12 kW");
    expect(getPhone().recent.length).toBe(0);
});
