import { describe, expect, test } from "@odoo/hoot";
import { press, waitFor, waitForNone } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeServerError,
    onRpc,
} from "@web/../tests/web_test_helpers";

import { VoiceSignatureDialog } from "@noojee/voice_signature/voice_signature_dialog";

import {
    defineNoojeeModels,
    listenToAlarm,
    makeConnectedCall,
    moment,
    mountPhone,
    sendBus,
    sendCall,
} from "./noojee_test_helpers";

describe.current.tags("desktop");

defineNoojeeModels();

const DIALOG = ".o_noojee_voice_signature";
const TEXTS = ["May I record this for S00042?", "You order a roof. Right?", "It is $ 4,200. Do you agree?"];
const TITLES = ["Notice of recording", "Order", "Price"];

function makePassages(answers = []) {
    return TITLES.map((title, index) => ({
        id: index + 1,
        title,
        text: TEXTS[index],
        is_notice: index === 0,
        answer: answers[index] ?? "",
        offset: index && answers[index] ? `00:1${index}` : "",
    }));
}

/** As `_payload` tells it. */
function makeTake(answers = ["yes"], values = {}) {
    return {
        id: 3,
        order_id: 42,
        call_id: 7,
        state: "recording",
        reason: "",
        is_finished: false,
        starts_recording: true,
        seconds: 0,
        audio_sha256: "",
        passages: makePassages(answers),
        ...values,
    };
}

/** As `get_dialog` tells it. */
function makeDialog(values = {}) {
    const script = { version_id: 5, name: "Agreement", language: "English (AU)", fault: "" };
    return {
        order: { id: 42, name: "S00042", customer: "Priya Raman", total: "$ 4,200.00" },
        order_sha256: "d1",
        scripts: [{ ...script, passages: makePassages() }],
        take: false,
        ...values,
    };
}

/**
 * Open the dialogue while a call runs. What the agent asks for are steps.
 *
 * @param {Object} [told] parts of what `get_dialog` answers
 * @param {Object} [answers] what the server answers, by method: a take, or an error
 */
async function openDialog(told = {}, answers = {}, calls = [makeConnectedCall()]) {
    await mountPhone({ calls });
    onRpc("noojee.voice.signature", "get_dialog", () => makeDialog(told));
    onRpc("noojee.voice.signature", "get_party", () => answers.party ?? { name: "Priya Raman", doubt: "" });
    for (const method of ["start", "answer", "stop", "give_up"]) {
        onRpc("noojee.voice.signature", method, ({ args }) => {
            expect.step([method, ...args]);
            const answer = answers[method]?.shift();
            if (typeof answer === "string") {
                throw makeServerError({ message: answer });
            }
            return answer;
        });
    }
    getService("dialog").add(VoiceSignatureDialog, { orderId: 42, name: "S00042" });
    await waitFor(DIALOG);
}

const recorded = (values = {}) =>
    makeConnectedCall({ version: 3, recording: "on", recorded_at: moment(), ...values });

test("a signature is taken with the keyboard, notice first", async () => {
    await openDialog(
        {},
        {
            start: [makeTake()],
            answer: [makeTake(["yes", "yes"]), makeTake(["yes", "yes", "yes"])],
            stop: [makeTake(["yes", "yes", "yes"], { state: "signed" })],
        }
    );
    expect(`${DIALOG} .o_noojee_voice_text`).toHaveText(TEXTS[0]);
    expect(`${DIALOG} [role=status]`).toHaveText("Not recorded");
    await press("y");
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(You order)`);
    sendCall(recorded());
    await waitFor(`${DIALOG} .o_noojee_recording_dot`);
    await press("y");
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(Do you agree)`);
    expect(`${DIALOG} [role=progressbar]`).toHaveAttribute("aria-valuenow", "2");
    await press("y");
    await waitFor(`${DIALOG} .o_noojee_voice_read`);
    expect(`${DIALOG} .o_noojee_voice_read`).toHaveText(/All was read and agreed/);
    await contains(`${DIALOG} .o_noojee_voice_stop`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_outcome`);
    expect(`${DIALOG} .o_noojee_voice_outcome h3`).toHaveText("Signed");
    expect(`${DIALOG} .o_noojee_voice_outcome`).toHaveText(/still being fetched/);
    expect.verifySteps([
        ["start", 42, 5, 7, "d1", true],
        ["answer", [3], 2, "yes"],
        ["answer", [3], 3, "yes"],
        ["stop", [3]],
    ]);
});

test("it says that recording is being started, and asks once", async () => {
    const started = Promise.withResolvers();
    await openDialog();
    onRpc("noojee.voice.signature", "start", () => {
        expect.step("start");
        return started.promise;
    });
    await press("y");
    await waitFor(`${DIALOG} [role=status]:contains(Starting to record)`);
    expect(`${DIALOG} .o_noojee_voice_yes`).not.toBeEnabled();
    await press("y");
    await press("n");
    started.resolve(makeTake());
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(You order)`);
    expect.verifySteps(["start"]);
});

test("a refused start says why and can be tried again", async () => {
    await openDialog({}, { start: ["The phone system refused.", makeTake()] });
    await contains(`${DIALOG} .o_noojee_voice_yes`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_failure`);
    expect(`${DIALOG} .o_noojee_voice_failure`).toHaveText(/Not recorded\. The phone system refused\./);
    expect(`${DIALOG} .o_noojee_voice_failure`).toHaveAttribute("role", "alert");
    expect(`${DIALOG} .o_noojee_voice_yes`).toHaveText(/Try again/);
    await contains(`${DIALOG} .o_noojee_voice_yes`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(You order)`);
    expect(`${DIALOG} .o_noojee_voice_failure`).toHaveCount(0);
    expect.verifySteps([
        ["start", 42, 5, 7, "d1", true],
        ["start", 42, 5, 7, "d1", true],
    ]);
});

test("a stop without an answer is red, sounds, and can be asked again", async () => {
    listenToAlarm();
    const answers = ["yes", "yes", "yes"];
    await openDialog(
        { take: makeTake(answers) },
        { stop: ["The phone system does not answer.", makeTake(answers, { state: "signed" })] },
        [recorded()]
    );
    await contains(`${DIALOG} .o_noojee_voice_stop`).click();
    await waitFor(`${DIALOG} .o_noojee_still_recorded.alert-danger`);
    expect(`${DIALOG} .o_noojee_still_recorded`).toHaveText(
        /Still recorded\. The phone system does not answer\./
    );
    expect.verifySteps([["stop", [3]], "beep", "beep", "beep"]);
    await contains(`${DIALOG} .o_noojee_voice_stop`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_outcome`);
    expect.verifySteps([["stop", [3]]]);
});

test("a no ends it, unless the customer is asked again", async () => {
    await openDialog(
        { take: makeTake() },
        {
            answer: [makeTake(["yes", "no"]), makeTake(["yes", "yes"])],
        },
        [recorded()]
    );
    await press("n");
    await waitFor(`${DIALOG} .o_noojee_voice_read:contains(The customer said no)`);
    await press("ArrowLeft");
    await animationFrame();
    await press("ArrowLeft");
    await animationFrame();
    expect(`${DIALOG} .o_noojee_voice_text`).toHaveText(TEXTS[1]);
    await press("y");
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(Do you agree)`);
    expect.verifySteps([
        ["answer", [3], 2, "no"],
        ["answer", [3], 2, "yes"],
    ]);
});

test("the customer does not agree to be recorded", async () => {
    const declined = makeTake(["no"], { state: "declined", reason: "Answered no: Notice of recording." });
    await openDialog({}, { start: [declined] });
    await press("n");
    await waitFor(`${DIALOG} .o_noojee_voice_outcome`);
    expect(`${DIALOG} .o_noojee_voice_outcome`).toHaveText(/Declined/);
    expect(`${DIALOG} .o_noojee_voice_outcome`).toHaveText(/Notice of recording/);
    expect.verifySteps([["start", 42, 5, 7, "d1", false]]);
});

test("a no that the phone system did not hear is red, sounds, and is said again", async () => {
    listenToAlarm();
    const declined = makeTake(["no"], { state: "declined", reason: "Answered no: Notice of recording." });
    await openDialog({}, { start: ["The phone system does not answer.", declined] }, [recorded()]);
    await press("n");
    await waitFor(`${DIALOG} .o_noojee_still_recorded`);
    expect(`${DIALOG} .o_noojee_still_recorded`).toHaveText(
        /Still recorded\. The phone system does not answer\. Press No again/
    );
    expect(`${DIALOG} .o_noojee_voice_failure`).toHaveCount(0);
    expect.verifySteps([["start", 42, 5, 7, "d1", false], "beep", "beep", "beep"]);
    // his objection is known by now
    sendCall(recorded({ version: 4, not_recorded: "The other side said no.", objection_at: moment() }));
    await waitFor(`${DIALOG} .o_noojee_voice_yes:disabled`);
    await contains(`${DIALOG} .o_noojee_voice_no`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_outcome`);
    expect.verifySteps([["start", 42, 5, 7, "d1", false]]);
});

test("what fails in a call that is recorded anyway is not said to be unrecorded", async () => {
    await openDialog({}, { start: ["S00042 was changed meanwhile."] }, [recorded()]);
    await press("y");
    await waitFor(`${DIALOG} .o_noojee_voice_failure`);
    expect(`${DIALOG} .o_noojee_voice_failure`).toHaveText("S00042 was changed meanwhile.");
    expect.verifySteps([["start", 42, 5, 7, "d1", true]]);
});

test("who is on the line is told, and that it is somebody else", async () => {
    const party = { name: "Li Wei", doubt: "You are talking with Li Wei." };
    await openDialog({}, { party, start: [makeTake()] });
    await waitFor(`${DIALOG} .o_noojee_voice_doubt`);
    expect(`${DIALOG} .o_noojee_voice_doubt`).toHaveText("You are talking with Li Wei.");
    expect(DIALOG).toHaveText(/on the line: Li Wei/);
    // the agent decides
    await press("y");
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(You order)`);
    expect(`${DIALOG} .o_noojee_voice_doubt`).toHaveCount(1);
    expect.verifySteps([["start", 42, 5, 7, "d1", true]]);
});

test("it goes on where it was after the page was loaded anew", async () => {
    await openDialog({ take: makeTake(["yes", "yes"], { seconds: 75 }) }, {}, [recorded()]);
    expect(`${DIALOG} .o_noojee_voice_text`).toHaveText(TEXTS[2]);
    expect(`${DIALOG} .o_noojee_voice_time`).toHaveText("01:15");
    await advanceTime(3000);
    expect(`${DIALOG} .o_noojee_voice_time`).toHaveText("01:18");
    await press("ArrowLeft");
    await animationFrame();
    expect(`${DIALOG} .o_noojee_voice_text`).toHaveText(TEXTS[1]);
    expect(`${DIALOG} .badge`).toHaveText(/Yes · 00:11/);
    await press("ArrowRight");
    await animationFrame();
    await press("ArrowRight");
    await animationFrame();
    expect(`${DIALOG} .o_noojee_voice_text`).toHaveText(TEXTS[2]);
});

test("without a call it waits for one", async () => {
    await openDialog({}, {}, []);
    await waitFor(`${DIALOG} .o_noojee_voice_no_call`);
    expect(`${DIALOG} .o_noojee_voice_yes`).toHaveCount(0);
    sendCall(makeConnectedCall());
    await waitFor(`${DIALOG} .o_noojee_voice_yes`);
});

test("a customer who must not be recorded is not asked", async () => {
    await openDialog({}, {}, [makeConnectedCall({ not_recorded: "Priya does not want to be recorded." })]);
    expect(`${DIALOG} .o_noojee_voice_refused`).toHaveText("Priya does not want to be recorded.");
    expect(`${DIALOG} .o_noojee_voice_yes`).not.toBeEnabled();
    await press("y");
    await animationFrame();
    expect.verifySteps([]);
});

test("a call that is dropped is told by the bus", async () => {
    await openDialog({ take: makeTake(["yes", "yes"]) }, {}, [recorded()]);
    sendBus(
        "noojee.voice/updated",
        makeTake(["yes", "yes"], { state: "incomplete", reason: "The call ended before all was read." })
    );
    await waitFor(`${DIALOG} .o_noojee_voice_outcome:contains(Incomplete)`);
    expect(`${DIALOG} .o_noojee_voice_outcome`).toHaveText(/The call ended/);
    // that of another order
    sendBus("noojee.voice/updated", makeTake([], { id: 99, state: "signed" }));
    await animationFrame();
    expect(`${DIALOG} .o_noojee_voice_outcome h3`).toHaveText("Incomplete");
    await contains(`${DIALOG} .o_noojee_voice_close`).click();
    await waitForNone(DIALOG);
});

test("the digest of the audio is shown when it has come", async () => {
    const answers = ["yes", "yes", "yes"];
    await openDialog({ take: makeTake(answers, { state: "signed" }) });
    expect(`${DIALOG} .o_noojee_voice_sha256`).toHaveCount(0);
    sendBus(
        "noojee.voice/updated",
        makeTake(answers, { state: "signed", audio_sha256: "abc123" })
    );
    await waitFor(`${DIALOG} .o_noojee_voice_sha256`);
    expect(`${DIALOG} .o_noojee_voice_sha256`).toHaveText("abc123");
});

test("while recording is stopped for card data nothing is answered", async () => {
    await openDialog({ take: makeTake() }, {}, [makeConnectedCall({ recording: "paused" })]);
    onRpc("noojee.call", "action_resume_recording", ({ args }) => {
        expect.step(["resume", ...args]);
        return true;
    });
    expect(`${DIALOG} .o_noojee_voice_yes`).not.toBeEnabled();
    await press("y");
    await contains(`${DIALOG} .o_noojee_voice_resume`).click();
    sendCall(recorded());
    await waitFor(`${DIALOG} .o_noojee_voice_yes:enabled`);
    expect.verifySteps([["resume", [7]]]);
});

test("of several scripts one is chosen before it begins", async () => {
    const [script] = makeDialog().scripts;
    const other = {
        ...script,
        version_id: 6,
        name: "Short one",
        passages: [{ title: "Notice", text: "Short notice", is_notice: true }],
    };
    await openDialog({ scripts: [script, other] }, { start: [makeTake()] });
    await contains(`${DIALOG} .o_noojee_voice_script`).select("6");
    expect(`${DIALOG} .o_noojee_voice_text`).toHaveText("Short notice");
    await press("y");
    await waitForNone(`${DIALOG} .o_noojee_voice_script`);
    expect.verifySteps([["start", 42, 6, 7, "d1", true]]);
});

test("a script that does not fit, or none at all, is said", async () => {
    const script = { version_id: 5, name: "Agreement", language: "", passages: [], fault: "It does not fit." };
    await openDialog({ scripts: [script] });
    expect(`${DIALOG} .alert-danger`).toHaveText("It does not fit.");
    expect(`${DIALOG} .o_noojee_voice_yes`).not.toBeEnabled();
});

test("no script is there", async () => {
    await openDialog({ scripts: [] });
    expect(`${DIALOG} .o_noojee_voice_words`).toHaveText(/No script is there/);
});

test("it is given up, and taken again", async () => {
    const answers = { give_up: [makeTake(["yes"], { state: "incomplete", reason: "Given up by Anna." })] };
    const told = { take: makeTake() };
    await openDialog(told, answers, [recorded()]);
    await contains(`${DIALOG} .o_noojee_voice_give_up`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_outcome`);
    onRpc("noojee.voice.signature", "get_dialog", () => makeDialog());
    await contains(`${DIALOG} .o_noojee_voice_again`).click();
    await waitFor(`${DIALOG} .o_noojee_voice_text:contains(May I record)`);
    expect.verifySteps([["give_up", [3]]]);
});
