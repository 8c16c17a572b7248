import { CallStrip } from "@noojee/call_strip/call_strip";
import { IncomingCards } from "@noojee/incoming_card/incoming_card";

/** The cards that stand on whatever screen the user looks at. */
export class CallOverlays {
    constructor(overlay) {
        this.overlay = overlay;
        this.removers = {};
    }

    /**
     * @param {Object} shown
     * @param {boolean} shown.incoming whether calls that ring have a card
     * @param {boolean} shown.current whether those under the user's hand have one
     */
    show({ incoming, current }) {
        // above whatever dialogue is opened while it rings
        this.toggle("incoming", IncomingCards, incoming, { sequence: 60 });
        this.toggle("current", CallStrip, current);
    }

    toggle(name, Component, isShown, options = {}) {
        if (isShown && !this.removers[name]) {
            this.removers[name] = this.overlay.add(Component, {}, options);
        } else if (!isShown && this.removers[name]) {
            this.removers[name]();
            delete this.removers[name];
        }
    }
}
