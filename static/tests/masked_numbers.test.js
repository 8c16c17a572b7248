import { expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { runAllTimers } from "@odoo/hoot-mock";
import { contains, onRpc } from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, makeCall, moment, mountPhone } from "./noojee_test_helpers";

defineNoojeeModels();

const MASKED = "03 •••• ••34";
const ENDED = { state: "ended", outcome: "answered", ended_at: moment(-20) };
const AWAY = { since: moment(-60), retry_at: moment(20), reason: "" };

function word(record) {
    return `noojee:${record},0123456789abcdef`;
}

function makeRecent() {
    return [
        makeCall({
            ...ENDED,
            name: "",
            record: false,
            number: MASKED,
            dial_number: word("noojee.call,7"),
        }),
    ];
}

function makeToCall() {
    return {
        activity_id: 5,
        model: "res.partner",
        id: 18,
        name: "Li Wei",
        subtitle: "",
        number: MASKED,
        dial_number: word("res.partner,18"),
        due: "today",
        summary: "",
        attempts: 0,
        opens: "",
    };
}

function onDial() {
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args);
        return makeCall({ id: 9, number: MASKED, dial_number: word("noojee.call,9"), ...ENDED });
    });
}

async function searchParty() {
    onRpc("noojee.call", "search_parties", () => [
        {
            model: "res.partner",
            id: 17,
            name: "Priya Raman",
            subtitle: "",
            avatar: false,
            number: MASKED,
            dial_number: word("res.partner,17"),
        },
    ]);
    await contains(".o_noojee_number").edit("priya", { confirm: false });
    await runAllTimers();
    await waitFor(".o_noojee_party");
}

test("a number that the user may not see is shown masked, and is called all the same", async () => {
    onDial();
    await mountPhone({ recent: makeRecent() });
    await contains(".o_noojee_phone_menu").click();
    expect(queryAllTexts(".o_noojee_recent_call .fw-bold")).toEqual([MASKED]);
    await contains(".o_noojee_recent_call .o_noojee_dial_button").click();
    await searchParty();
    expect(".o_noojee_party .small").toHaveText(MASKED);
    await contains(".o_noojee_party .o_noojee_dial_button").click();
    expect.verifySteps([
        [word("noojee.call,7"), false, false],
        [word("res.partner,17"), "res.partner", 17],
    ]);
    expect("[href^='tel:']").toHaveCount(0);
});

test("whom to call next is called without his number", async () => {
    onDial();
    await mountPhone({ to_call: [makeToCall()], to_call_count: 1 });
    await contains(".o_noojee_phone_menu").click();
    await contains(".o_noojee_next").click();
    expect.verifySteps([[word("res.partner,18"), "res.partner", 18]]);
});

test("without a phone system nothing links to a number that the user may not see", async () => {
    await mountPhone({ recent: makeRecent(), away: AWAY });
    await contains(".o_noojee_phone_menu").click();
    await searchParty();
    expect(".o_noojee_recent_call").toHaveCount(1);
    expect(".o_noojee_recent_call .o_noojee_dial_button").toHaveCount(0);
    expect(".o_noojee_party .o_noojee_dial_button").toHaveCount(0);
    expect("[href^='tel:']").toHaveCount(0);
});
