import { describe, expect, test } from "@odoo/hoot";
import { waitFor } from "@odoo/hoot-dom";
import { advanceTime } from "@odoo/hoot-mock";
import { contains, getService, makeServerError, onRpc } from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, mountPhone } from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const WORDS = ".o_noojee_test_ring_words";

async function openTestRing({ start = () => true, read, stop = () => true }) {
    onRpc("noojee.extension", "start_test_ring", start);
    onRpc("noojee.extension", "read_test_ring", read);
    onRpc("noojee.extension", "stop_test_ring", stop);
    await mountPhone();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.test_ring",
        target: "new",
        name: "Test ring at extension 101",
        params: {
            extension_id: 3,
            number: "101",
            profile: "Yealink",
            answer_string: "Call-Info: answer-after=0",
        },
    });
}

test("a handset that answers by itself is told, and hung up", async () => {
    let step = "waiting";
    await openTestRing({ read: () => step, stop: () => expect.step("stopped") || true });
    await waitFor(".o_noojee_test_ring[data-step='waiting']");
    expect(WORDS).toHaveText("Ringing desk 101…");
    step = "ringing";
    await advanceTime(1000);
    await waitFor(".o_noojee_test_ring[data-step='ringing']");
    step = "answered";
    await advanceTime(1000);
    await waitFor(".o_noojee_test_ring[data-step='answered']");
    expect(WORDS).toHaveText("It answered by itself: the string fits.");
    await expect.waitForSteps(["stopped"]);
});

test("a handset that only rings brings the advice, and can be tried again", async () => {
    let starts = 0;
    await openTestRing({
        start: () => {
            starts++;
            return true;
        },
        read: () => "ringing",
    });
    await waitFor(".o_noojee_test_ring[data-step='ringing']");
    for (let second = 0; second < 26; second++) {
        await advanceTime(1000);
    }
    await waitFor(".o_noojee_test_ring[data-step='not_answered']");
    expect(WORDS).toHaveText(/It rings, but did not answer by itself\..*Yealink/);
    await contains(".o_noojee_test_ring_retry").click();
    await waitFor(".o_noojee_test_ring[data-step='ringing']");
    expect(starts).toBe(2);
});

test("an error is told in the dialogue, and closing stops the ring", async () => {
    let isBroken = true;
    await openTestRing({
        start: () => {
            if (isBroken) {
                throw makeServerError({ message: "The phone system does not answer." });
            }
            return true;
        },
        read: () => "ringing",
        stop: () => expect.step("stopped") || true,
    });
    await waitFor(".o_noojee_test_ring[data-step='failed']");
    expect(WORDS).toHaveText("The phone system does not answer.");
    isBroken = false;
    await contains(".o_noojee_test_ring_retry").click();
    await waitFor(".o_noojee_test_ring[data-step='ringing']");
    await contains(".o_noojee_test_ring_close").click();
    await expect.waitForSteps(["stopped"]);
    expect(".o_noojee_test_ring").toHaveCount(0);
});
