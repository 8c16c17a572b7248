import { CallStrip } from "@noojee/call_strip/call_strip";

/** The calls under the user's hand, on whatever screen he looks at. */
export class StripOverlay {
    constructor(overlay) {
        this.overlay = overlay;
        this.remove = null;
    }

    toggle(isShown) {
        if (isShown) {
            this.remove ??= this.overlay.add(CallStrip, {});
        } else {
            this.remove?.();
            this.remove = null;
        }
    }
}
