import { describe, expect, test } from "@odoo/hoot";
import { Component, xml } from "@odoo/owl";
import { waitFor, waitForNone } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, freezeTime, unfreezeTime } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    mockService,
    models,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { user } from "@web/core/user";

import {
    defineNoojeeModels,
    getPhone,
    makeCall,
    mountPhone,
    sendBus,
    sendCall,
    tellFromOtherTab,
} from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const CARD = ".o_noojee_incoming_card";

/** A lock that no other tab holds, and one that another holds. */
const LOCKS = { request: (name, options, hold) => hold({ name }) };
const TAKEN_LOCKS = { request: (name, options, hold) => hold(null) };

/** How the user wants to be told, and what is opened. */
function wish(settings, { isTabBlocked = false, hasActions = false, locks = LOCKS } = {}) {
    patchWithCleanup(user, {
        get settings() {
            return { id: 1, noojee_pop: "card", ...settings };
        },
    });
    patchWithCleanup(browser.navigator, { locks });
    patchWithCleanup(browser, {
        open(url) {
            expect.step(`tab ${new URL(url, browser.location.origin).pathname}`);
            return isTabBlocked ? null : {};
        },
    });
    if (!hasActions) {
        mockService("action", {
            doAction(action) {
                expect.step(`here ${action.res_model}/${action.res_id}`);
            },
        });
    }
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
    sendCall(makeCall({ version: 2, state: "ended", outcome: "unknown" }));
    await waitForNone(CARD);
    // as in a tab that is loaded while it still rings
    sendCall(makeCall({ version: 3 }));
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps([]);
});

test("a call that comes back to the desk is popped again", async () => {
    wish({ noojee_pop: "tab" });
    await mountPhone();
    sendCall(makeCall());
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    await waitFor(`${CARD}.o_noojee_withdrawn`);
    sendCall(makeCall({ version: 3, channel_id: 71 }));
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
    // its end and its coming back may be told at once
    sendCall(makeCall({ version: 4, channel_id: 72 }));
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
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

class Visitor extends models.Model {
    _name = "noojee.visitor";
    name = fields.Char();
    _records = [{ id: 1, name: "Priya" }];
    _views = { form: `<form><field name="name"/></form>` };
}

/** Whether a call that rings now would be opened in place of what is on the page. */
async function expectToBeOpened(isOpened) {
    sendCall(makeCall());
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps(isOpened ? ["opened"] : []);
    expect(`${CARD} .o_noojee_pop_words`).toHaveCount(isOpened ? 0 : 1);
}

async function mountForm() {
    defineModels([Visitor]);
    wish({ noojee_pop: "idle" }, { hasActions: true });
    await mountPhone();
    patchWithCleanup(getPhone(), { openRecord: () => expect.step("opened") });
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "noojee.visitor",
        res_id: 1,
        views: [[false, "form"]],
    });
    await waitFor(".o_form_view [name=name] input");
}

test("a form that nobody has written in can be left", async () => {
    await mountForm();
    await advanceTime(31000);
    await expectToBeOpened(true);
});

test("words that have not left their field are kept, however long ago they were written", async () => {
    await mountForm();
    await contains(".o_form_view [name=name] input").edit("Priya R", { confirm: false });
    await advanceTime(31000);
    await expectToBeOpened(false);
    expect(".o_form_view [name=name] input").toHaveValue("Priya R");
});

for (const editor of [
    `<textarea class="o_editor">Dear Priya</textarea>`,
    `<div class="o_editor" contenteditable="true">Dear Priya</div>`,
    `<div contenteditable=""><p class="o_editor" tabindex="0">Dear Priya</p></div>`,
]) {
    test(`words in an editor are kept: ${editor}`, async () => {
        await mountForm();
        document.querySelector(".o_action_manager").insertAdjacentHTML("beforeend", editor);
        await contains(".o_editor").focus();
        await advanceTime(31000);
        await expectToBeOpened(false);
    });
}

test("a field that is empty, or holds no words, is at work for a moment only", async () => {
    await mountForm();
    document
        .querySelector(".o_action_manager")
        .insertAdjacentHTML("beforeend", `<input type="checkbox" class="o_box"/>`);
    await contains(".o_box").click();
    await advanceTime(31000);
    await expectToBeOpened(true);
});

test("nothing is opened beneath a dialogue", async () => {
    await mountForm();
    getService("dialog").add(
        class extends Component {
            static components = { Dialog };
            static template = xml`<Dialog>Sure?</Dialog>`;
            static props = ["*"];
        }
    );
    await waitFor(".o_dialog");
    await advanceTime(31000);
    await expectToBeOpened(false);
});

test("nobody is opened while nobody is known", async () => {
    wish({ noojee_pop: "tab" });
    await mountPhone();
    sendCall(makeCall({ name: "", subtitle: "", record: false }));
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps([]);
});

test("two windows that cannot lock open it once, visible ones first", async () => {
    wish({ noojee_pop: "tab" }, { locks: null });
    await mountPhone();
    const { key } = getService("noojee.pop").popped;
    patchWithCleanup(browser.localStorage, {
        setItem(name, value) {
            super.setItem(name, value);
            if (name.startsWith(`${key}.`)) {
                expect.step("drawn");
            }
        },
    });
    freezeTime();
    sendCall(makeCall());
    await expect.waitForSteps(["drawn"]);
    await advanceTime(50);
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
    unfreezeTime();

    // another window draws at the same time, and last
    patchWithCleanup(browser.localStorage, {
        setItem(name, value) {
            super.setItem(name, name === `${key}.80` ? "another's" : value);
        },
    });
    sendCall(makeCall({ id: 8 }));
    await waitFor(`${CARD}[data-call-id='8']`);
    await advanceTime(50);
    await animationFrame();
    expect.verifySteps(["drawn"]);
});

/** A system that shows notes, or fails to, while no tab is visible. */
function hide({ permission = "granted", fails = false } = {}) {
    const notes = [];
    class Notification extends EventTarget {
        static permission = permission;
        constructor(title, options) {
            super();
            if (fails) {
                throw new TypeError("Illegal constructor");
            }
            expect.step(`note ${title}: ${options.body}`);
            notes.push(this);
        }
        close() {
            expect.step("note closed");
        }
    }
    patchWithCleanup(browser, { Notification });
    patchWithCleanup(document, {
        get hidden() {
            return true;
        },
    });
    patchWithCleanup(window, { focus: () => expect.step("focus") });
    return notes;
}

const NOTIFIED = { noojee_system_notification: true };
const NOTE = "note Priya Raman: Coastal Solar Pty Ltd · 03 9000 1234";

test("no tab is visible: one note of the system, which opens the card", async () => {
    wish(NOTIFIED);
    const notes = hide();
    await mountPhone();
    sendCall(makeCall());
    await waitFor(CARD);
    // a visible tab may be there and take it
    expect.verifySteps([]);
    await advanceTime(300);
    await expect.waitForSteps([NOTE]);
    sendCall(makeCall({ version: 2, other_desks: 2 }));
    await advanceTime(300);
    expect.verifySteps([]);
    notes[0].dispatchEvent(new Event("click"));
    expect.verifySteps(["note closed", "focus"]);
    expect(CARD).toBeFocused();
});

test("the note goes with the call, and with its card", async () => {
    wish(NOTIFIED);
    hide();
    await mountPhone();
    sendCall(makeCall());
    await waitFor(CARD);
    await advanceTime(300);
    await expect.waitForSteps([NOTE]);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "elsewhere" }));
    await expect.waitForSteps(["note closed"]);

    sendCall(makeCall({ id: 8 }));
    await waitFor(`${CARD}[data-call-id='8']`);
    await advanceTime(300);
    await expect.waitForSteps([NOTE]);
    tellFromOtherTab("ignored", makeCall({ id: 8 }));
    await expect.waitForSteps(["note closed"]);
});

for (const [reason, settings, system, locks] of [
    ["the user did not ask for it", {}, {}, LOCKS],
    ["the browser does not allow it", NOTIFIED, { permission: "denied" }, LOCKS],
    ["another tab has claimed the call", NOTIFIED, {}, TAKEN_LOCKS],
]) {
    test(`there is no note where ${reason}`, async () => {
        wish(settings, { locks });
        hide(system);
        await mountPhone();
        sendCall(makeCall());
        await waitFor(CARD);
        await advanceTime(300);
        await animationFrame();
        expect.verifySteps([]);
    });
}

test("a call that ends before it is told to the system is not told", async () => {
    wish(NOTIFIED);
    hide();
    await mountPhone();
    sendCall(makeCall());
    await waitFor(CARD);
    sendCall(makeCall({ version: 2, state: "ended", outcome: "missed" }));
    await waitFor(`${CARD}.o_noojee_withdrawn`);
    await advanceTime(300);
    expect.verifySteps([]);
});

test("a system without notes and sound does not keep the customer from being opened", async () => {
    wish({ ...NOTIFIED, noojee_pop: "tab", noojee_sound: true });
    hide({ fails: true });
    patchWithCleanup(browser, {
        AudioContext: class {
            constructor() {
                throw new DOMException("No sound here", "NotSupportedError");
            }
        },
    });
    await mountPhone();
    sendCall(makeCall());
    await waitFor(CARD);
    await advanceTime(300);
    await expect.waitForSteps(["tab /odoo/res.partner/17"]);
});

function listenToTone() {
    const node = () => ({
        gain: {},
        frequency: {},
        connect() {},
        start: () => expect.step("tone"),
        stop() {},
    });
    patchWithCleanup(browser, {
        AudioContext: class {
            currentTime = 0;
            createGain = node;
            createOscillator = node;
            close() {
                expect.step("silence");
            }
        },
    });
}

const TONES = ["tone", "tone", "tone", "tone"];

test("it rings in the browser until the last call is answered or ignored", async () => {
    wish({ noojee_sound: true });
    listenToTone();
    await mountPhone();
    sendCall(makeCall());
    await expect.waitForSteps(TONES);
    sendCall(makeCall({ id: 8 }));
    await waitFor(`${CARD}[data-call-id='8']`);
    await advanceTime(3000);
    // one sound, however many calls
    expect.verifySteps(TONES);
    await contains(`${CARD}[data-call-id='8'] .o_noojee_ignore`).click();
    expect.verifySteps([]);
    tellFromOtherTab("ignored", makeCall());
    await expect.waitForSteps(["silence"]);
    await advanceTime(6000);
    expect.verifySteps([]);
});

test("it does not ring where another tab does, nor without being asked to", async () => {
    wish({ noojee_sound: true }, { locks: TAKEN_LOCKS });
    listenToTone();
    await mountPhone();
    sendCall(makeCall());
    await waitFor(CARD);
    await animationFrame();
    expect.verifySteps([]);
});

/** The panel's settings, where the browser's own permission is so. */
async function mountSettings(permission, answer = permission) {
    onRpc("res.users.settings", "set_res_users_settings", ({ kwargs }) => {
        expect.step(kwargs.new_settings);
        return kwargs.new_settings;
    });
    const Notification = {
        permission,
        async requestPermission() {
            expect.step("asked");
            return (Notification.permission = answer);
        },
    };
    patchWithCleanup(browser, { Notification });
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_pop_settings_toggle").click();
}

const SWITCH = "#noojee_notification";
const PROBLEM = ".o_noojee_pop_settings .text-danger";

test("the choice is made in the panel and kept", async () => {
    await mountSettings("denied");
    await contains("#noojee_pop_tab").click();
    expect.verifySteps([{ noojee_pop: "tab" }]);
    await contains("#noojee_sound").click();
    expect.verifySteps([{ noojee_sound: true }]);
    expect(PROBLEM).toHaveCount(0);
    // a second time as well
    for (let i = 0; i < 2; i++) {
        await contains(SWITCH).click();
        await waitFor(PROBLEM);
        expect(SWITCH).not.toBeChecked();
        // other browsers may allow them
        expect.verifySteps(["asked"]);
    }
});

test("notifications are switched on and off", async () => {
    await mountSettings("default", "granted");
    await contains(SWITCH).click();
    expect(SWITCH).toBeChecked();
    await contains(SWITCH).click();
    expect(SWITCH).not.toBeChecked();
    expect.verifySteps([
        "asked",
        { noojee_system_notification: true },
        { noojee_system_notification: false },
    ]);
});

test("a browser that allows no notifications says so where they are wanted", async () => {
    wish(NOTIFIED);
    await mountSettings("denied");
    expect(SWITCH).not.toBeChecked();
    expect(PROBLEM).toHaveText(/does not allow notifications/);
    expect.verifySteps([]);
});

test("a browser that was not asked for notifications yet is asked by the switch", async () => {
    wish(NOTIFIED);
    await mountSettings("default", "granted");
    expect(SWITCH).not.toBeChecked();
    expect(PROBLEM).toHaveText(/has not been asked/);
    await contains(SWITCH).click();
    expect(SWITCH).toBeChecked();
    expect(PROBLEM).toHaveCount(0);
    expect.verifySteps(["asked", { noojee_system_notification: true }]);
});

test("a browser that was asked in vain has been asked", async () => {
    await mountSettings("default");
    await contains(SWITCH).click();
    await waitFor(PROBLEM);
    expect(PROBLEM).toHaveText(/does not allow notifications/);
    expect(SWITCH).not.toBeChecked();
    expect.verifySteps(["asked"]);
});

test("what is chosen in another tab is true of this one", async () => {
    wish({});
    listenToTone();
    await mountPhone();
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_pop_settings_toggle").click();
    expect("#noojee_pop_card").toBeChecked();
    sendBus("res.users.settings", { id: 1, noojee_pop: "tab" });
    sendBus("res.users.settings", { id: 1, noojee_sound: true });
    await waitFor("#noojee_sound:checked");
    expect("#noojee_pop_tab").toBeChecked();
    sendCall(makeCall());
    await expect.waitForSteps(["tab /odoo/res.partner/17", ...TONES]);
    // it falls silent from the panel as well
    await contains(`.o_noojee_phone_panel ${CARD} .o_noojee_ignore`).click();
    await expect.waitForSteps(["silence"]);
});
