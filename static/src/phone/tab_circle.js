import { useRef } from "@odoo/owl";

import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { useService } from "@web/core/utils/hooks";
import { getTabableElements } from "@web/core/utils/ui";

/**
 * Over a dialogue Tab goes round in an element of ours: what comes before and after it is
 * the page beneath, which can be neither seen nor clicked.
 *
 * @param {string} refName of the element
 * @returns {(ev: KeyboardEvent) => void} for the keys that are pressed in there
 */
export function useTabCircle(refName) {
    const root = useRef(refName);
    const ui = useService("ui");

    function turn(isBack) {
        const controls = getTabableElements(root.el);
        const at = controls.indexOf(document.activeElement);
        controls.at(isBack ? Math.max(at, 0) - 1 : (at + 1) % controls.length)?.focus();
    }

    return (ev) => {
        const hotkey = getActiveHotkey(ev);
        if (["tab", "shift+tab"].includes(hotkey) && ui.activeElement !== document) {
            turn(hotkey === "shift+tab");
            ev.preventDefault();
            // the dialogue must not take it
            ev.stopPropagation();
        }
    };
}
