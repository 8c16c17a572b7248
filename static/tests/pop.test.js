import { describe, expect, test } from "@odoo/hoot";
import { waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    mockService,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";

import {
    defineNoojeeModels,
    makeCall,
    mountPhone,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CARD = ".o_noojee_incoming_card";

/** How the user wants to be told, and what is opened. */
function wish(settings, { isTabBlocked = false } = {}) {
    patchWithCleanup(user, {
        get settings() {
            return { id: 1, noojee_pop: "card", ...settings };
        },
    });
    patchWithCleanup(browser.navigator, {
        // a lock that no other tab holds
        locks: { request: (name, options, hold) => hold({ name }) },
    });
    patchWithCleanup(browser, {
        open(url) {
            expect.step(`tab ${new URL(url, browser.location.origin).pathname}`);
            return isTabBlocked ? null : {};
        },
    });
    mockService("action", {
        doAction(action) {
            expect.step(`here ${action.res_model}/${action.res_id}`);
        },
    });
}

test("the card alone opens nothing", async () => {
    wish({});
    await mountPhone();
    sendCall(makeCall());
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps([]);
});

test("a new tab is opened once, however often the call is told", async () => {
    wish({ noojee_pop: "tab" });
    await mountPhone();
    sendCall(makeCall());
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
    sendCall(makeCall({ version: 2, other_desks: 2 }));
    await animationFrame();
    expect.verifySteps([]);
    expect(`${CARD} .o_noojee_pop_words`).toHaveCount(0);
});

test("a call that another tab has popped is not popped again", async () => {
    wish({ noojee_pop: "tab" });
    await mountPhone({ calls: [makeCall()] });
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "missed" }));
    await waitForNone(CARD);
    // as in a tab that is loaded while it still rings
    sendCall(makeCall({ version: 3 }));
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps([]);
});

test("a blocked tab is told on the card", async () => {
    wish({ noojee_pop: "tab" }, { isTabBlocked: true });
    await mountPhone();
    sendCall(makeCall());
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
    await waitFor(`${CARD} .o_noojee_pop_words`);
    expect(`${CARD} .o_noojee_pop_words`).toHaveText(/blocked the new tab/);
});

test("the customer is opened where nothing is at work", async () => {
    wish({ noojee_pop: "idle" });
    await mountPhone();
    sendCall(makeCall());
    await expect.waitForSteps(["here res.partner/17"]);
});

test("nothing is opened over a field that is written in", async () => {
    wish({ noojee_pop: "idle" });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains("input.o_noojee_number").edit("pri");
    sendCall(makeCall());
    await waitFor(`${CARD} .o_noojee_pop_words`);
    expect(`${CARD} .o_noojee_pop_words`).toHaveText(/Not opened by itself/);
    expect.verifySteps([]);
});

test("nobody is opened while nobody is known", async () => {
    wish({ noojee_pop: "tab" });
    await mountPhone();
    sendCall(makeCall({ name: "", subtitle: "", record: false }));
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps([]);
});

test("the choice is made in the panel and kept", async () => {
    onRpc("res.users.settings", "set_res_users_settings", ({ kwargs }) => {
        expect.step(kwargs.new_settings);
        return kwargs.new_settings;
    });
    patchWithCleanup(browser, {
        Notification: { requestPermission: async () => "denied", permission: "denied" },
    });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_pop_settings_toggle").click();
    await contains("#noojee_pop_tab").click();
    expect.verifySteps([{ noojee_pop: "tab" }]);
    await contains("#noojee_sound").click();
    expect.verifySteps([{ noojee_sound: true }]);
    await contains("#noojee_notification").click();
    await waitFor(".o_noojee_pop_settings .text-danger");
    expect("#noojee_notification").not.toBeChecked();
    expect.verifySteps([{ noojee_system_notification: false }]);
});
