import { describe, expect, test } from "@odoo/hoot";
import { press, queryOne, waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";

import {
    defineNoojeeModels,
    makeCheck,
    makeDialledCall,
    moment,
    mountPhone,
    sendBus,
} from "./noojee_test_helpers";

describe.current.tags("desktop");

class Visitor extends models.Model {
    _name = "visitor";
    name = fields.Char();
    phone = fields.Char();
    _records = [
        { id: 1, name: "Priya Raman", phone: "03 7010 1234" },
        { id: 2, name: "<b>Li</b>", phone: "<img src=x onerror=alert(1)>" },
        { id: 3, name: "Nobody", phone: false },
    ];
    _views = {
        form: `<form><field name="name"/><field name="phone" widget="phone"/></form>`,
    };
}

defineNoojeeModels();
defineModels([Visitor]);

const LIST = `<list><field name="name"/><field name="phone" widget="phone"/></list>`;

const LINK = ".o_data_row:eq(0) .o_field_phone a.o_form_uri";

/** Mount a list for a user whose desk cannot ring; what the program is opened with is a step. */
async function mountWithProgram(view, state) {
    patchWithCleanup(browser, { open: (address) => expect.step(address) });
    await mountWithPhone({ type: "list", arch: LIST, ...view }, state);
}

/** Mount a view for a user with a line; each dial is a step. */
async function mountWithPhone(view, state, options) {
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args);
        return makeDialledCall();
    });
    await mountPhone(state, { models: ["visitor"], ...options });
    await mountView({ resModel: "visitor", ...view });
}

test("a click in a list dials, and opens no row", async () => {
    await mountWithPhone({
        type: "list",
        arch: LIST,
        selectRecord: () => expect.step("row opened"),
    });
    expect(".o_data_row:eq(0) .o_field_phone a.o_form_uri").toHaveAttribute("href", "tel:0370101234");
    await contains(".o_data_row:eq(0) .o_list_record_selector input").click();
    await contains(".o_data_row:eq(0) .o_field_phone a.o_form_uri").click();
    expect.verifySteps([["03 7010 1234", "visitor", 1]]);
    expect(".o_data_row:eq(0) .o_list_record_selector input").toBeChecked();
    await waitFor(".o_noojee_current_call");
});

test("what is written in a field is shown as text", async () => {
    await mountWithPhone({ type: "list", arch: LIST });
    expect(".o_data_row:eq(1) .o_field_phone a.o_form_uri").toHaveText("<img src=x onerror=alert(1)>");
    expect(".o_data_row img").toHaveCount(0);
    expect(".o_data_row:eq(2) .o_field_phone a.o_form_uri").toHaveCount(0);
});

test("a click in a kanban dials, and opens no card", async () => {
    await mountWithPhone({
        type: "kanban",
        arch: `<kanban><templates><t t-name="card">
            <field name="name"/><field name="phone" widget="phone"/>
        </t></templates></kanban>`,
        selectRecord: () => expect.step("card opened"),
    });
    await contains(".o_kanban_record:eq(0) .o_field_phone a.o_form_uri").click();
    expect.verifySteps([["03 7010 1234", "visitor", 1]]);
});

test("a form with changes is called as it is shown, and stays unsaved", async () => {
    onRpc("visitor", "web_save", () => expect.step("saved"));
    await mountWithPhone({ type: "form", resId: 1 });
    await contains(".o_field_widget[name=name] input").edit("Somebody else");
    await contains(".o_field_phone input").edit("0491 570 156", { confirm: false });
    await contains(".o_phone_form_link").click();
    expect.verifySteps([["0491 570 156", "visitor", 1]]);
    expect(".o_field_widget[name=name] input").toHaveValue("Somebody else");
    expect(".o_form_status_indicator_buttons").not.toHaveClass("invisible");
});

test("a new record is called without being saved, tied to nothing", async () => {
    onRpc("visitor", "web_save", () => expect.step("saved"));
    await mountWithPhone({ type: "form" });
    await contains(".o_field_phone input").edit("0491 570 156");
    await contains(".o_phone_form_link").click();
    expect.verifySteps([["0491 570 156", false, false]]);
});

test("a record of a model that has no calls is dialled untied", async () => {
    await mountWithPhone({ type: "list", arch: LIST });
    session.noojee_models = [];
    await contains(".o_data_row:eq(0) .o_field_phone a.o_form_uri").click();
    expect.verifySteps([["03 7010 1234", false, false]]);
});

test("Enter and Space dial in a read-only form", async () => {
    await mountWithPhone({ type: "form", resId: 1, readonly: true });
    for (const key of ["Enter", " "]) {
        await contains(".o_field_phone a.o_form_uri").focus();
        await press(key);
        await animationFrame();
        expect.verifySteps([["03 7010 1234", "visitor", 1]]);
    }
});

test("while it dials it shows so, and does not dial twice", async () => {
    const answer = new Deferred();
    await mountWithPhone({ type: "list", arch: LIST });
    onRpc("noojee.call", "dial", async () => {
        expect.step("dialled");
        await answer;
        return makeDialledCall();
    });
    const link = ".o_data_row:eq(0) .o_field_phone a.o_form_uri";
    await contains(link).click();
    await waitFor(".o_data_row:eq(0) .o_noojee_dialling");
    expect(link).toHaveAttribute("aria-busy", "true");
    await contains(link).click();
    answer.resolve();
    await waitForNone(".o_noojee_dialling");
    expect.verifySteps(["dialled"]);
});

test("for who is no user of the phone the link opens its address, and no row", async () => {
    await mountWithPhone(
        { type: "list", arch: LIST, selectRecord: () => expect.step("row opened") },
        {},
        { models: false }
    );
    const link = queryOne(LINK);
    expect(link).not.toHaveAttribute("role");
    let isPrevented;
    link.addEventListener("click", (ev) => {
        isPrevented = ev.defaultPrevented;
        // the test's page stays
        ev.preventDefault();
    });
    await contains(link).click();
    expect(isPrevented).toBe(false);
    expect.verifySteps([]);
});

for (const [who, state] of [
    ["without a line", { line: false }],
    ["while the phone system is away", { away: { since: moment(-60), reason: "" } }],
]) {
    test(`${who} a number that may be called opens the phone program, and no row`, async () => {
        onRpc("noojee.call", "check_number", ({ args }) => {
            expect.step(args);
            return { check: false, number: "+61370101234" };
        });
        await mountWithProgram({ selectRecord: () => expect.step("row opened") }, state);
        expect(LINK).not.toHaveAttribute("role");
        await contains(LINK).click();
        expect.verifySteps([["03 7010 1234", "visitor", 1], "tel:+61370101234"]);
    });
}

test("the phone program is not opened with a number that must not be called", async () => {
    onRpc("noojee.call", "check_number", ({ kwargs }) => {
        expect.step(kwargs.override);
        return kwargs.override
            ? { check: false, number: "+61370101234" }
            : { check: makeCheck({ can_override: true }), number: "+61370101234" };
    });
    await mountWithProgram({}, { line: false });
    await contains(LINK).click();
    await waitFor(".o_noojee_call_check");
    expect(".o_noojee_call_check .modal-title").toHaveText("It is 7:12 in Perth");
    expect(".o_noojee_call_anyway").toHaveText("Open phone program");
    expect.verifySteps([false]);
    await contains(".o_noojee_override_reason").edit("He asked", { confirm: false });
    await contains(".o_noojee_call_anyway").click();
    await waitForNone(".o_noojee_call_check");
    expect.verifySteps(["He asked", "tel:+61370101234"]);
});

test("the phone program is not offered where nobody may override", async () => {
    onRpc("noojee.call", "check_number", () => ({ check: makeCheck() }));
    await mountWithProgram({}, { line: false });
    await contains(LINK).click();
    await waitFor(".o_noojee_call_check");
    expect(".o_noojee_call_anyway").toHaveCount(0);
    expect.verifySteps([]);
});

test("while Odoo cannot be reached the phone program is opened", async () => {
    const route = "/web/dataset/call_kw/noojee.call/check_number";
    const noAnswer = () => {
        throw new Error("no route to host");
    };
    onRpc(route, noAnswer, { pure: true });
    await mountWithProgram({}, { line: false });
    await contains(LINK).click();
    await animationFrame();
    expect.verifySteps(["tel:0370101234"]);
});

test("a click before the state is read dials once it is", async () => {
    const read = new Deferred();
    await mountWithPhone({ type: "list", arch: LIST }, {}, { onRead: () => read });
    await contains(LINK).click();
    await contains(LINK).click();
    await waitFor(".o_data_row:eq(0) .o_noojee_dialling");
    expect.verifySteps([]);
    read.resolve();
    await waitFor(".o_noojee_current_call");
    expect.verifySteps([["03 7010 1234", "visitor", 1]]);
});

test("a link dials again when the phone system is back", async () => {
    await mountWithPhone(
        { type: "list", arch: LIST },
        { away: { since: moment(-60), reason: "" } }
    );
    sendBus("noojee.phone/away", false);
    await waitFor(".o_field_phone a[role=button]");
    await contains(".o_data_row:eq(0) .o_field_phone a.o_form_uri").click();
    expect.verifySteps([["03 7010 1234", "visitor", 1]]);
    expect(getService("noojee.phone").isDialing).toBe(false);
});
