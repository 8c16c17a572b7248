import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor, waitForNone } from "@odoo/hoot-dom";
import { animationFrame, Deferred, runAllTimers } from "@odoo/hoot-mock";
import { contains, makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, getPhone, mountPhone, sendBus } from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

function makeDesk(values) {
    return { id: 1, number: "110", pbx: "Head office", occupant: false, is_mine: false, ...values };
}

function makeLine(values) {
    return {
        number: "110",
        pbx: "Head office",
        is_fixed: false,
        answers_by_itself: true,
        ...values,
    };
}

/** Open the panel of a user whose desks are these; the list may be changed later. */
async function openPicker(desks, { line = false } = {}) {
    onRpc("noojee.extension", "get_desks", () => desks);
    await mountPhone({ line });
    await contains(".o_noojee_phone_menu").click();
    if (line) {
        await contains(".o_noojee_change_desk").click();
    }
    await waitFor(".o_noojee_desk_picker[aria-busy='false']");
    return desks;
}

test("a user without a line signs on to a free desk, and sees it as his line", async () => {
    onRpc("noojee.extension", "sign_on", ({ args }) => {
        expect.step(args);
        return makeLine();
    });
    await openPicker([
        makeDesk(),
        makeDesk({ id: 2, number: "111", occupant: "Ben Osei" }),
    ]);
    expect(queryAllTexts(".o_noojee_desk")).toEqual([
        "Desk 110\nFree\nSign on",
        "Desk 111\nBen Osei\nTake over",
    ]);
    await contains(".o_noojee_sign_on").click();
    await waitFor(".o_noojee_line");
    expect(".o_noojee_line").toHaveText(/Desk 110/);
    expect(".o_noojee_desk_picker").toHaveCount(0);
    expect.verifySteps([[[1], false]]);
});

test("a state that was read before he signed on does not take the desk away", async () => {
    onRpc("noojee.extension", "sign_on", () => makeLine());
    onRpc("noojee.extension", "get_desks", () => [makeDesk()]);
    const read = new Deferred();
    let isSlow = false;
    await mountPhone({ line: false }, { onRead: () => isSlow && read });
    isSlow = true;
    // opened, it reads the state anew
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_sign_on").click();
    await waitFor(".o_noojee_line");
    read.resolve();
    await animationFrame();
    await animationFrame();
    expect(".o_noojee_line").toHaveText(/Desk 110/);
});

test("whoever is signed off before his answer comes does not sit there", async () => {
    const answer = new Deferred();
    onRpc("noojee.extension", "sign_on", () => answer);
    await openPicker([makeDesk()]);
    await contains(".o_noojee_sign_on").click();
    // somebody takes over
    sendBus("noojee.phone/line", false);
    await runAllTimers();
    answer.resolve(makeLine());
    await animationFrame();
    await animationFrame();
    expect(".o_noojee_line").toHaveCount(0);
    expect(".o_noojee_no_line").toHaveCount(1);
});

test("a new page goes by what it has read, not by what it is told again", async () => {
    onRpc("noojee.extension", "get_desks", () => []);
    let reads = 0;
    await mountPhone(
        { line: makeLine({ number: "111" }) },
        {
            onRead: () => {
                if (!reads++) {
                    getPhone().onLine(makeLine());
                }
            },
        }
    );
    await animationFrame();
    expect(reads).toBe(2);
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_line").toHaveText(/Desk 111/);
});

test("a taken desk is taken over after a question only", async () => {
    onRpc("noojee.extension", "sign_on", ({ args }) => {
        expect.step(args);
        return makeLine();
    });
    await openPicker([makeDesk({ occupant: "Ben Osei" })]);
    await contains(".o_noojee_take_over").click();
    expect(".o_noojee_desk_question").toHaveText(/Ben Osei will be signed off from desk 110\./);
    await contains(".o_noojee_cancel_take_over").click();
    expect(".o_noojee_desk_question").toHaveCount(0);
    expect.verifySteps([]);

    await contains(".o_noojee_take_over").click();
    await contains(".o_noojee_confirm_take_over").click();
    await waitFor(".o_noojee_line");
    expect.verifySteps([[[1], true]]);
});

test("the question has the focus, and Escape takes it back", async () => {
    await openPicker([makeDesk({ occupant: "Ben Osei" })]);
    await contains(".o_noojee_take_over").click();
    await animationFrame();
    expect(".o_noojee_confirm_take_over").toBeFocused();
    await press("Escape");
    await animationFrame();
    expect(".o_noojee_desk_question").toHaveCount(0);
    expect(".o_noojee_desk").toHaveCount(1);
    // and the focus is back at what had asked
    expect(".o_noojee_take_over").toBeFocused();
});

test("a user at a shared desk signs off", async () => {
    const desks = await openPicker([makeDesk({ occupant: "Dana Ito", is_mine: true })], {
        line: makeLine(),
    });
    onRpc("noojee.extension", "sign_off", () => {
        expect.step("signed off");
        desks[0] = makeDesk();
        return false;
    });
    expect(".o_noojee_desk").toHaveText("Desk 110\nYou sit here\nSign off");
    await contains(".o_noojee_sign_off").click();
    await waitFor(".o_noojee_no_line");
    expect(".o_noojee_line").toHaveCount(0);
    await waitFor(".o_noojee_desk[data-state='free']");
    expect.verifySteps(["signed off"]);
});

test("a user with a fixed desk has nothing to choose", async () => {
    await mountPhone({ line: makeLine({ is_fixed: true }) });
    await contains(".o_noojee_phone_menu").click();
    expect(".o_noojee_line").toHaveText(/Desk 110/);
    expect(".o_noojee_change_desk").toHaveCount(0);
    expect(".o_noojee_desk_picker").toHaveCount(0);
});

test("a refusal is said in place, with the desks as they are now", async () => {
    const desks = await openPicker([makeDesk()]);
    onRpc("noojee.extension", "sign_on", () => {
        desks[0] = makeDesk({ occupant: "Ben Osei" });
        throw makeServerError({ message: "Ben Osei sits at desk 110." });
    });
    await contains(".o_noojee_sign_on").click();
    await waitFor(".o_noojee_desk_error");
    expect(".o_noojee_desk_error").toHaveText(/Ben Osei sits at desk 110\./);
    expect(".o_noojee_desk").toHaveText("Desk 110\nBen Osei\nTake over");
    await contains(".o_noojee_desk_reload").click();
    await waitForNone(".o_noojee_desk_error");
});

test("one click signs on once", async () => {
    const answer = new Deferred();
    onRpc("noojee.extension", "sign_on", () => {
        expect.step("asked");
        return answer;
    });
    await openPicker([makeDesk()]);
    await contains(".o_noojee_sign_on").click();
    expect(".o_noojee_sign_on").not.toBeEnabled();
    answer.resolve(makeLine());
    await waitFor(".o_noojee_line");
    expect.verifySteps(["asked"]);
});

test("while desks are looked for, and when there is none, the panel says so", async () => {
    const answer = new Deferred();
    onRpc("noojee.extension", "get_desks", () => answer);
    await mountPhone({ line: false });
    await contains(".o_noojee_phone_menu").click();
    await waitFor(".o_noojee_desks_loading");
    answer.resolve([]);
    await waitFor(".o_noojee_no_desks");
    expect(".o_noojee_no_desks").toHaveText(/No desk is open to you\. An administrator/);
});

test("desks that cannot be read are looked for again", async () => {
    let isBroken = true;
    onRpc("noojee.extension", "get_desks", () => {
        if (isBroken) {
            throw makeServerError({ message: "It is broken." });
        }
        return [makeDesk()];
    });
    await mountPhone({ line: false });
    await contains(".o_noojee_phone_menu").click();
    await waitFor(".o_noojee_desk_error");
    expect(".o_noojee_no_desks").toHaveCount(0);
    isBroken = false;
    await contains(".o_noojee_desk_reload").click();
    await waitFor(".o_noojee_desk");
    expect(".o_noojee_desk_error").toHaveCount(0);
});

test("the PBX is named where there are several", async () => {
    await openPicker([makeDesk(), makeDesk({ id: 2, pbx: "Perth" })]);
    expect(queryAllTexts(".o_noojee_desk .fw-bold")).toEqual([
        "Desk 110 · Head office",
        "Desk 110 · Perth",
    ]);
    expect(".o_noojee_sign_on:last").toHaveAttribute("aria-label", "Sign on: Desk 110 · Perth");
});

test("whoever is taken over loses the line at once, and sees the desks", async () => {
    onRpc("noojee.extension", "get_desks", () => [makeDesk({ occupant: "Ben Osei" })]);
    await mountPhone({ line: makeLine() });
    await contains(".o_noojee_phone_menu").click();
    sendBus("noojee.phone/line", false);
    await waitFor(".o_noojee_no_line");
    await waitFor(".o_noojee_desk[data-state='occupied']");
    expect(getPhone().line).toBe(false);
    sendBus("noojee.phone/line", makeLine({ number: "111" }));
    await waitFor(".o_noojee_line");
    expect(".o_noojee_line").toHaveText(/Desk 111/);
});
