import { describe, expect, test } from "@odoo/hoot";
import { press, queryAll, queryOne, waitFor } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeServerError,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { RecordingPlayer } from "@noojee/player/recording_player";

import { defineNoojeeModels, mountPhone } from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

const PLAYER = ".o_noojee_player";

function makeTrack(number, start, seconds, values = {}) {
    return {
        id: number,
        number,
        url: `/noojee/recording/leg/${number}`,
        start,
        seconds,
        title: `Leg ${number}: 101 → 102`,
        is_stored: true,
        reason: "",
        ...values,
    };
}

function makeRecording(values = {}) {
    return {
        id: 4,
        name: "S00042",
        state: "stored",
        reason: "",
        can_download: false,
        seconds: 100,
        tracks: [makeTrack(1, 0, 20), makeTrack(2, 60, 40)],
        gaps: [{ start: 20, seconds: 40, is_card: true }],
        ...values,
    };
}

/** Open the player on an audio element that plays nothing; what it is told is a step. */
async function openPlayer(values = {}) {
    const audio = {};
    patchWithCleanup(RecordingPlayer.prototype, {
        setup() {
            super.setup();
            audio.player = this;
        },
    });
    patchWithCleanup(HTMLMediaElement.prototype, {
        play() {
            expect.step(`play ${this.getAttribute("src")}`);
            return Promise.resolve();
        },
        pause() {},
    });
    onRpc("noojee.recording", "get_player", ({ args }) => {
        expect(args).toEqual([4]);
        return makeRecording(values);
    });
    await mountPhone();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.play_recording",
        params: { id: 4, name: "S00042" },
    });
    await waitFor(PLAYER);
    return audio;
}

function tell(kind) {
    queryOne(`${PLAYER} audio`).dispatchEvent(new Event(kind));
    return animationFrame();
}

test("the legs are played one after the other, without the gap", async () => {
    await openPlayer();
    await tell("ended");
    await tell("ended");
    expect(`${PLAYER} .o_noojee_play`).toHaveAttribute("aria-label", "Play");
    expect.verifySteps(["play /noojee/recording/leg/1", "play /noojee/recording/leg/2"]);
});

test("legs that begin in the same second are each played", async () => {
    await openPlayer({ tracks: [makeTrack(1, 0, 1), makeTrack(2, 0, 1), makeTrack(3, 1, 9)] });
    await tell("ended");
    await tell("ended");
    const played = [1, 2, 3].map((number) => `play /noojee/recording/leg/${number}`);
    expect.verifySteps(played);
});

test("length, legs and gaps are drawn before anything is loaded", async () => {
    await openPlayer();
    expect(`${PLAYER} .o_noojee_figures`).toHaveText("00:00 / 01:40");
    const styles = queryAll(`${PLAYER} .o_noojee_track`).map((el) => el.getAttribute("style"));
    expect(styles).toEqual(["left: 0%; width: 20%", "left: 60%; width: 40%"]);
    expect(`${PLAYER} .o_noojee_gap_card`).toHaveAttribute("style", "left: 20%; width: 40%");
    expect(`${PLAYER} .o_noojee_gap_card`).toHaveAttribute("title", "Stopped for card data, 00:40");
    expect(`${PLAYER} [role=slider]`).toHaveAttribute("aria-valuemax", "100");
    expect.verifySteps(["play /noojee/recording/leg/1"]);
});

test("ten seconds on and back, by buttons and keys, and over a gap", async () => {
    await openPlayer();
    await contains(`${PLAYER} .o_noojee_forward`).click();
    expect(`${PLAYER} .o_noojee_figures`).toHaveText("00:10 / 01:40");
    queryOne(`${PLAYER} [role=slider]`).focus();
    await press("ArrowRight");
    await animationFrame();
    // in the gap nothing was recorded: it goes on with the next leg
    expect(`${PLAYER} .o_noojee_figures`).toHaveText("01:00 / 01:40");
    await press("ArrowLeft");
    await animationFrame();
    expect(`${PLAYER} .o_noojee_figures`).toHaveText("01:00 / 01:40");
    await press("Home");
    await animationFrame();
    expect(`${PLAYER} .o_noojee_figures`).toHaveText("00:00 / 01:40");
    expect.verifySteps([
        "play /noojee/recording/leg/1",
        "play /noojee/recording/leg/2",
        "play /noojee/recording/leg/1",
    ]);
});

test("a click on the bar goes there, a key pauses", async () => {
    await openPlayer();
    const bar = queryOne(`${PLAYER} .o_noojee_player_bar`);
    const { left, top, width } = bar.getBoundingClientRect();
    bar.dispatchEvent(
        new MouseEvent("click", { clientX: left + width * 0.8, clientY: top + 2, bubbles: true })
    );
    await animationFrame();
    expect(`${PLAYER} .o_noojee_figures`).toHaveText(/01:(19|20) /);
    bar.focus();
    await press(" ");
    await animationFrame();
    expect(`${PLAYER} .o_noojee_play`).toHaveAttribute("aria-label", "Play");
    expect.verifySteps(["play /noojee/recording/leg/1", "play /noojee/recording/leg/2"]);
});

test("the speed is kept from leg to leg", async () => {
    await openPlayer();
    await contains(`${PLAYER} .o_noojee_speed`).select("1.5");
    await tell("ended");
    expect(queryOne(`${PLAYER} audio`).playbackRate).toBe(1.5);
    expect.verifySteps(["play /noojee/recording/leg/1", "play /noojee/recording/leg/2"]);
});

test("a leg that is not here is left out, and told", async () => {
    await openPlayer({
        tracks: [
            makeTrack(1, 0, 20, { is_stored: false, reason: "The PBX does not have it." }),
            makeTrack(2, 60, 40),
        ],
    });
    expect(`${PLAYER} .o_noojee_track_missing`).toHaveAttribute(
        "title",
        "Leg 1: 101 → 102 · The PBX does not have it."
    );
    expect(`${PLAYER} .o_noojee_player_words`).toHaveText("1 parts are not here.");
    expect.verifySteps(["play /noojee/recording/leg/2"]);
});

test("audio that is on its way, and audio that cannot be played", async () => {
    await openPlayer({ state: "fetching", tracks: [], gaps: [], seconds: 0 });
    expect(`${PLAYER} .o_noojee_player_words`).toHaveText("The audio is on its way.");
    expect(`${PLAYER} .o_noojee_play`).not.toBeEnabled();
    expect.verifySteps([]);
});

test("a part that fails says so, and can be tried again", async () => {
    await openPlayer();
    await tell("error");
    expect(`${PLAYER} .o_noojee_player_words`).toHaveText(/cannot be played/);
    await contains(`${PLAYER} .o_noojee_play`).click();
    expect(`${PLAYER} .o_noojee_player_words`).toHaveCount(0);
    expect.verifySteps(["play /noojee/recording/leg/1", "play /noojee/recording/leg/1"]);
});

test("who may not hear it is told why", async () => {
    onRpc("noojee.recording", "get_player", () => {
        throw makeServerError({ message: "You may not see what this recording is filed on." });
    });
    await mountPhone();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "noojee.play_recording",
        params: { id: 4, name: "S00042" },
    });
    await waitFor(`${PLAYER} .o_noojee_player_words`);
    expect(`${PLAYER} .o_noojee_player_words`).toHaveText(/may not see/);
    expect(`${PLAYER} .o_noojee_play`).toHaveCount(0);
});

test("files are offered to those allowed", async () => {
    await openPlayer({ can_download: true });
    expect(`${PLAYER} .o_noojee_download`).toHaveCount(2);
    expect(`${PLAYER} .o_noojee_download:first`).toHaveAttribute(
        "href",
        "/noojee/recording/leg/1?download=1"
    );
    expect.verifySteps(["play /noojee/recording/leg/1"]);
});
