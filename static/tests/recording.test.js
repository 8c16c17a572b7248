import { describe, expect, test } from "@odoo/hoot";
import { queryFirst, waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

import {
    defineNoojeeModels,
    listenToAlarm,
    makeConnectedCall,
    moment,
    mountPhone,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");

class Visitor extends models.Model {
    _name = "visitor";
    name = fields.Char();
    _records = [{ id: 1, name: "Li Wei" }];
    _views = {
        form: `<form><header><widget name="noojee_record"/></header><sheet><field name="name"/></sheet></form>`,
    };
}

defineNoojeeModels();
defineModels([Visitor]);

const BAR = ".o_noojee_current_call .o_noojee_recording";

function makeRecordedCall(values = {}) {
    return makeConnectedCall({ recording: "on", recorded_at: moment(), tag: "S00042", ...values });
}

/** Each of these methods of a call is a step. */
function stepMethods(...methods) {
    for (const method of methods) {
        onRpc("noojee.call", method, ({ args }) => {
            expect.step([method, ...args]);
            return true;
        });
    }
}

test("it stops for card data and goes on, each by one click", async () => {
    stepMethods("action_pause_recording", "action_resume_recording");
    await mountPhone({ calls: [makeRecordedCall()] });
    await contains(`${BAR} .o_noojee_pause_recording`).focus();
    await contains(`${BAR} .o_noojee_pause_recording`).click();
    sendCall(makeRecordedCall({ version: 3, recording: "paused" }));
    await waitFor(`${BAR} .o_noojee_resume_recording`);
    expect(`${BAR} [role=status]`).toHaveText("Stopped for card data");
    expect(`${BAR} .o_noojee_resume_recording`).toBeFocused();
    await contains(`${BAR} .o_noojee_resume_recording`).click();
    sendCall(makeRecordedCall({ version: 4 }));
    await waitFor(`${BAR} .o_noojee_pause_recording`);
    expect.verifySteps([
        ["action_pause_recording", [7]],
        ["action_resume_recording", [7]],
    ]);
});

test("a stop for card data that is refused is red and sounds", async () => {
    listenToAlarm();
    onRpc("noojee.call", "action_pause_recording", () => {
        throw makeServerError({ message: "The phone system does not answer." });
    });
    await mountPhone({ calls: [makeRecordedCall()] });
    await contains(`${BAR} .o_noojee_pause_recording`).click();
    await waitFor(`${BAR} .o_noojee_still_recorded`);
    expect(`${BAR} .o_noojee_still_recorded`).toHaveText(
        /Still recorded.*The phone system does not answer/
    );
    expect(`${BAR} .o_noojee_still_recorded`).toHaveAttribute("role", "alert");
    expect(queryFirst(`${BAR} .o_noojee_still_recorded`)).toHaveClass("alert-danger");
    expect.verifySteps(["beep", "beep", "beep"]);
    // once it is stopped, nobody has to worry
    sendCall(makeRecordedCall({ version: 3, recording: "paused" }));
    await waitForNone(`${BAR} .o_noojee_still_recorded`);
});

test("a stop that gets no answer is red and sounds", async () => {
    listenToAlarm();
    const route = "/web/dataset/call_kw/noojee.call/action_pause_recording";
    onRpc(route, () => new Response("", { status: 502 }), { pure: true });
    await mountPhone({ calls: [makeRecordedCall()] });
    await contains(`${BAR} .o_noojee_pause_recording`).click();
    await waitFor(`${BAR} .o_noojee_still_recorded`);
    expect(`${BAR} .o_noojee_still_recorded`).toHaveText(/Odoo cannot be reached/);
    expect(`${BAR} [role=status]`).toHaveText("Recorded");
    expect.verifySteps(["beep", "beep", "beep"]);
});

test("a stop from a form that is refused sounds, and says why", async () => {
    listenToAlarm();
    onRpc("noojee.call", "action_stop_recording", () => {
        throw makeServerError({ message: "The phone system does not answer." });
    });
    await mountPhone({ calls: [makeRecordedCall()] });
    await mountView({ type: "form", resModel: "visitor", resId: 1 });
    await contains(".o_noojee_form_stop").click();
    await waitFor(".o_notification");
    expect(".o_notification").toHaveText(/Still recorded.*does not answer/s);
    expect(queryFirst(".o_notification_bar")).toHaveClass("bg-danger");
    expect(".o_noojee_form_stop").toHaveCount(1);
    expect.verifySteps(["beep", "beep", "beep"]);
});

test("a form tags what is recorded with its record", async () => {
    mockService("action", {
        doAction: (action, options) => expect.step([action, options.additionalContext]),
    });
    await mountPhone({ calls: [makeConnectedCall()] });
    await mountView({ type: "form", resModel: "visitor", resId: 1 });
    await waitFor(".o_noojee_form_record");
    expect(".o_noojee_form_tag").toHaveCount(0);
    sendCall(makeRecordedCall({ version: 3 }));
    await contains(".o_noojee_form_tag").click();
    expect.verifySteps([
        [
            "noojee.noojee_tag_recording_action",
            { default_call_id: 7, default_record_ref: "visitor,1" },
        ],
    ]);
});

test("the agent tells the other side first, by one click", async () => {
    stepMethods("action_confirm_notice");
    await mountPhone({ calls: [makeConnectedCall({ needs_notice: true })] });
    await waitFor(`${BAR} .o_noojee_confirm_notice`);
    expect(`${BAR} .o_noojee_start_recording`).toHaveCount(0);
    expect(`${BAR} [role=status]`).toHaveText("Say first that this call is recorded.");
    await contains(`${BAR} .o_noojee_confirm_notice`).click();
    sendCall(makeRecordedCall({ version: 3 }));
    await waitFor(`${BAR} .o_noojee_stop_recording`);
    expect.verifySteps([["action_confirm_notice", [7]]]);
});

test("an objection stops it, and nothing offers to record any more", async () => {
    stepMethods("action_note_objection");
    await mountPhone({ calls: [makeRecordedCall()] });
    await contains(`${BAR} .o_noojee_object`).click();
    sendCall(
        makeRecordedCall({
            version: 3,
            recording: "stopped",
            objection_at: moment(),
            not_recorded: "The other side said no: this call is not recorded.",
        })
    );
    await waitForNone(`${BAR} .o_noojee_stop_recording`);
    expect(`${BAR} [role=status]`).toHaveText("Not recorded: the other side said no");
    expect(`${BAR} button`).toHaveCount(0);
    expect.verifySteps([["action_note_objection", [7]]]);
});

test("why a call is not recorded stands in the place of the button", async () => {
    await mountPhone({
        calls: [makeConnectedCall({ not_recorded: "Calls of Service are not recorded." })],
    });
    await waitFor(BAR);
    expect(`${BAR} [role=status]`).toHaveText("Calls of Service are not recorded.");
    expect(`${BAR} button`).toHaveCount(0);
});

test("another tag is asked for in a dialogue", async () => {
    mockService("action", {
        doAction: (action, options) => expect.step([action, options.additionalContext]),
    });
    await mountPhone({ calls: [makeRecordedCall()] });
    await contains(`${BAR} .o_noojee_tag`).click();
    expect.verifySteps([
        ["noojee.noojee_tag_recording_action", { default_call_id: 7 }],
    ]);
});

test("a form offers to record the call that runs, filed on its record", async () => {
    stepMethods("action_start_recording", "action_stop_recording");
    await mountPhone({ calls: [makeConnectedCall()] });
    await mountView({ type: "form", resModel: "visitor", resId: 1 });
    await contains(".o_noojee_form_record").click();
    sendCall(makeRecordedCall({ version: 3 }));
    await waitFor(".o_noojee_form_stop");
    await contains(".o_noojee_form_stop").click();
    sendCall(makeRecordedCall({ version: 4, state: "ended", ended_at: moment() }));
    await waitForNone(".o_noojee_form_stop");
    expect(".o_noojee_form_record").toHaveCount(0);
    expect.verifySteps([
        ["action_start_recording", [7], "visitor", 1],
        ["action_stop_recording", [7]],
    ]);
});

test("a form offers nothing while no call runs, or on a new record", async () => {
    await mountPhone();
    await mountView({ type: "form", resModel: "visitor", resId: 1 });
    expect(".o_noojee_form_record").toHaveCount(0);
    sendCall(makeConnectedCall());
    await waitFor(".o_noojee_form_record");
    await mountView({ type: "form", resModel: "visitor" });
    await animationFrame();
    expect(".o_form_view:last .o_noojee_form_record").toHaveCount(0);
});
