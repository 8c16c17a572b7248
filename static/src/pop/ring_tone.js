import { browser } from "@web/core/browser/browser";

/** Two rings and a pause, as phones ring here; in seconds. */
const RINGS = [0, 0.6];
const RING = 0.4;
const PERIOD = 3;
const FREQUENCIES = [400, 450];
const VOLUME = 0.08;

/** A ring without a file: the same on every machine, and nothing to load. */
export class RingTone {
    play() {
        if (this.context) {
            return;
        }
        try {
            this.context = new browser.AudioContext();
            this.ring();
        } catch {
            // no sound here: the handset rings all the same
            this.stop();
            return;
        }
        this.interval = browser.setInterval(() => this.ring(), PERIOD * 1000);
    }

    stop() {
        browser.clearInterval(this.interval);
        this.context?.close();
        this.context = null;
    }

    ring() {
        const now = this.context.currentTime;
        const gain = this.context.createGain();
        gain.gain.value = VOLUME;
        gain.connect(this.context.destination);
        for (const frequency of FREQUENCIES) {
            for (const start of RINGS) {
                const tone = this.context.createOscillator();
                tone.frequency.value = frequency;
                tone.connect(gain);
                tone.start(now + start);
                tone.stop(now + start + RING);
            }
        }
    }
}
