import { browser } from "@web/core/browser/browser";

/** Three short high beeps, in seconds from now: nothing else in Odoo sounds so. */
const BEEPS = [0, 0.25, 0.5];
const BEEP = 0.15;
const FREQUENCY = 1200;
const VOLUME = 0.2;

/** Something that a person believes to be stopped goes on. */
export function soundAlarm() {
    let context;
    try {
        context = new browser.AudioContext();
    } catch {
        // no sound here: it is said on the screen all the same
        return;
    }
    const gain = context.createGain();
    gain.gain.value = VOLUME;
    gain.connect(context.destination);
    for (const start of BEEPS) {
        const tone = context.createOscillator();
        tone.frequency.value = FREQUENCY;
        tone.connect(gain);
        tone.start(context.currentTime + start);
        tone.stop(context.currentTime + start + BEEP);
    }
    browser.setTimeout(() => context.close(), 1000);
}
