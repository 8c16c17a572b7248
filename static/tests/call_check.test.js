import { describe, expect, test } from "@odoo/hoot";
import { press, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import {
    defineNoojeeModels,
    getPhone,
    makeCheck,
    makeDialledCall,
    mountPhone,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CHECK = ".o_noojee_call_check";

test("a number that must not be called now can be put off", async () => {
    onRpc("noojee.call", "dial", ({ args, kwargs }) => {
        expect(args).toEqual(["0412 555 019", "res.partner", 17]);
        expect(kwargs.activity_id).toBe(5);
        expect(kwargs.partner_id).toBe(17);
        expect(kwargs.override).toBe(false);
        return { check: makeCheck() };
    });
    onRpc("noojee.call", "remind", ({ args }) => {
        expect.step("remind");
        expect(args).toEqual(["res.partner", 17, "0412 555 019"]);
        return "You will find Li Wei in your calls to make: from 12:00.";
    });
    await mountPhone();
    await getPhone().dial("0412 555 019", "res.partner", 17, { activityId: 5, partnerId: 17 });
    await waitFor(CHECK);
    expect(`${CHECK} .modal-title`).toHaveText("It is 7:12 in Perth");
    expect(`${CHECK} .modal-body`).toHaveText("Your team calls Monday to Friday from 9 to 20.");
    expect(`${CHECK} .o_noojee_call_anyway`).toHaveCount(0);
    expect(`${CHECK} .o_noojee_override_reason`).toHaveCount(0);
    expect(getPhone().calls).toHaveLength(0);
    await contains(`${CHECK} .o_noojee_remind`).click();
    await waitFor(".o_notification");
    expect(".o_notification").toHaveText(/from 12:00/);
    expect(CHECK).toHaveCount(0);
    expect.verifySteps(["remind"]);
});

test("a supervisor is asked", async () => {
    onRpc("noojee.call", "dial", () => ({ check: makeCheck({ can_remind: false }) }));
    onRpc("noojee.call", "ask_supervisor", () => "Chloe Duval has been asked.");
    await mountPhone();
    await getPhone().dial("0412 555 019");
    await waitFor(CHECK);
    expect(`${CHECK} .o_noojee_remind`).toHaveCount(0);
    await contains(`${CHECK} .o_noojee_ask_supervisor`).click();
    await waitFor(".o_notification");
    expect(".o_notification").toHaveText(/Chloe Duval has been asked/);
});

test("who may override calls anyway, with the reason", async () => {
    const overrides = [];
    onRpc("noojee.call", "dial", ({ args, kwargs }) => {
        expect(args).toEqual(["0412 555 019", "res.partner", 17]);
        expect(kwargs.activity_id).toBe(5);
        overrides.push(kwargs.override);
        return makeDialledCall({ name: "Li Wei" });
    });
    await mountPhone();
    for (const isFirst of [true, false]) {
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "noojee.show_check",
            params: { check: makeCheck({ can_override: true, supervisor: false }) },
        });
        await waitFor(CHECK);
        expect(`${CHECK} .o_noojee_ask_supervisor`).toHaveCount(0);
        if (isFirst) {
            await contains(`${CHECK} .o_noojee_call_anyway`).click();
        } else {
            await contains(`${CHECK} .o_noojee_override_reason`).focus();
            await press("Enter");
            expect(CHECK).toHaveCount(1);
            await contains(`${CHECK} .o_noojee_override_reason`).edit("He asked <b>me</b> to", {
                confirm: false,
            });
            await press("Enter");
        }
        await waitFor(".o_noojee_current_call");
        await animationFrame();
        expect(CHECK).toHaveCount(0);
    }
    expect(overrides).toEqual([true, "He asked <b>me</b> to"]);
});

test("a button that fails leaves the dialogue; Escape closes it", async () => {
    expect.errors(1);
    onRpc("noojee.call", "dial", () => ({
        check: makeCheck({
            findings: [
                ...makeCheck().findings,
                {
                    rule: "blacklist",
                    policy: "warn",
                    title: "Li Wei is on the phone blacklist",
                    message: "Do not call this number.",
                    opens_at: false,
                    can_override: true,
                },
            ],
        }),
    }));
    onRpc("noojee.call", "remind", () => {
        throw makeServerError({ message: "This record has been deleted." });
    });
    await mountPhone();
    await getPhone().dial("0412 555 019");
    await waitFor(CHECK);
    expect(`${CHECK} [data-rule]`).toHaveCount(2);
    expect(`${CHECK} h5`).toHaveText("Li Wei is on the phone blacklist");
    await contains(`${CHECK} .o_noojee_remind`).click();
    await waitFor(".o_error_dialog");
    await contains(".o_error_dialog .btn-close").click();
    expect.verifyErrors(["This record has been deleted."]);
    expect(`${CHECK} .o_noojee_remind`).toBeEnabled();
    await press("Escape");
    await animationFrame();
    expect(CHECK).toHaveCount(0);
});
