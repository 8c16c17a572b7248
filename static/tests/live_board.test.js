import { describe, expect, test } from "@odoo/hoot";
import { press, waitFor } from "@odoo/hoot-dom";
import { advanceTime, runAllTimers } from "@odoo/hoot-mock";
import { contains, getService, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, moment, mountPhone, sendBus } from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const NO_COUNTS = { answered: 0, missed: 0, outbound: 0, talk_seconds: 0 };
const DESK = ".o_noojee_desk[data-desk='101']";

function makeDesk(values = {}) {
    return {
        id: 3,
        number: "101",
        pbx: "Melbourne",
        user: { id: 7, name: "Anna Berg", avatar: "" },
        calls: [],
        counts: { ...NO_COUNTS },
        ...values,
    };
}

function makeDeskCall(values = {}) {
    return {
        id: 9,
        state: "ringing",
        direction: "inbound",
        is_called: true,
        is_queue_call: false,
        name: "Priya Raman",
        company: "Coastal Solar",
        number: "03 9000 1234",
        since: moment(),
        is_recorded: false,
        record: false,
        ...values,
    };
}

function makeBoard(values = {}) {
    return {
        desks: [makeDesk()],
        others: [],
        totals: { ...NO_COUNTS },
        pbxs: [{ id: 1, name: "Melbourne", away: false, is_listening: true }],
        now: moment(),
        ...values,
    };
}

/** @param {Object} board as `get_board` answers; may be changed later */
async function openBoard(board) {
    onRpc("noojee.live.board", "get_board", () => {
        expect.step("read");
        return { ...board, now: moment() };
    });
    await mountPhone();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.live_board",
        name: "Live board",
    });
    await waitFor(".o_noojee_live_board");
    expect.verifySteps(["read"]);
    await advanceTime(300);
}

function tell(desks) {
    sendBus("noojee.live_board/changed", { desks });
}

test("what changes while the board is being opened is shown", async () => {
    let reads = 0;
    onRpc("noojee.live.board", "get_board", async () => {
        reads++;
        const board = makeBoard();
        if (reads > 1) {
            board.desks = [makeDesk({ calls: [makeDeskCall()] })];
            return board;
        }
        // it rings after the server has looked, and before its answer is here
        tell([3]);
        await runAllTimers();
        return board;
    });
    await mountPhone();
    await getService("action").doAction({ type: "ir.actions.client", tag: "noojee.live_board" });
    await waitFor(DESK);
    await advanceTime(300);
    await waitFor(`${DESK}[data-state='ringing']`);
    expect(reads).toBe(2);
});

test("a desk rings, is answered and recorded; the time runs", async () => {
    const board = makeBoard();
    await openBoard(board);
    expect(DESK).toHaveAttribute("aria-label", "Desk 101, Anna Berg: Free");
    board.desks = [makeDesk({ calls: [makeDeskCall({ is_queue_call: true })] })];
    tell([3]);
    await waitFor(`${DESK}[data-state='ringing']`);
    expect(`${DESK} .o_noojee_desk_state`).toHaveText("Rings, from a queue");
    expect(`${DESK} .o_noojee_desk_call`).toHaveText(/Priya Raman/);
    await advanceTime(300);
    const call = makeDeskCall({ state: "connected", is_recorded: true, since: moment() });
    board.desks = [makeDesk({ calls: [call] })];
    tell([3]);
    await waitFor(`${DESK}[data-state='connected']`);
    expect(`${DESK} .o_noojee_desk_recorded`).toHaveText("Recording");
    await advanceTime(61000);
    expect(`${DESK} [role='timer']`).toHaveText(/^01:0\d$/);
    expect.verifySteps(["read", "read", "read"]);
});

test("much that happens at once is read once more, other desks not at all", async () => {
    await openBoard(makeBoard());
    for (let i = 0; i < 20; i++) {
        tell([3, 4]);
    }
    await expect.waitForSteps(["read"]);
    await advanceTime(300);
    await expect.waitForSteps(["read"]);
    await advanceTime(300);
    tell([77]);
    await advanceTime(1000);
    expect.verifySteps([]);
    // who sits where has changed
    tell(false);
    await expect.waitForSteps(["read"]);
});

test("a call of somebody unknown opens by the keyboard", async () => {
    await openBoard(makeBoard({ desks: [makeDesk({ calls: [makeDeskCall({ name: "" })] })] }));
    expect(`${DESK} .o_noojee_desk_call`).toHaveText(/03 9000 1234/);
    patchWithCleanup(getService("action"), {
        doAction: ({ res_model: model, res_id: id }) => expect.step(`${model} ${id}`),
    });
    await contains(`${DESK} .o_noojee_desk_call`).focus();
    await press("Enter");
    await expect.waitForSteps(["noojee.call 9"]);
});

test("who leads nobody is told what to do", async () => {
    await openBoard(makeBoard({ desks: [], pbxs: [] }));
    expect(".o_noojee_board_empty").toHaveText(/Sales Teams/);
});

test("phone systems that are away, or that nobody listens to", async () => {
    const away = { since: moment(), retry_at: moment(30), reason: "No route." };
    await openBoard(
        makeBoard({
            pbxs: [
                { id: 1, name: "Melbourne", away, is_listening: true },
                { id: 2, name: "Perth", away: false, is_listening: false },
            ],
        })
    );
    expect(".o_noojee_board_trouble:first").toHaveText(/Melbourne has not answered since .* No route/);
    expect(".o_noojee_board_trouble:last").toHaveText(/Nobody follows the calls of Perth/);
});
