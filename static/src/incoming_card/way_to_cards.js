import { onPatched, useExternalListener, useRef } from "@odoo/owl";

import { isMacOS } from "@web/core/browser/feature_detection";
import { useCommand } from "@web/core/commands/command_hook";
import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { getTabableElements } from "@web/core/utils/ui";

import { useTabCircle } from "@noojee/phone/tab_circle";

/** As screen readers and people are told it. */
export function hotkeyName() {
    return isMacOS() ? "Control+Shift+R" : "Alt+Shift+R";
}

/**
 * The way by the keyboard to the cards, and back to where one was. They stand outside the
 * page, and a dialogue lets Tab lead nowhere else.
 *
 * @param {string} refName of the element around the cards
 * @returns {(ev: KeyboardEvent) => void} for the keys that are pressed in there
 */
export function useWayToCards(refName) {
    const root = useRef(refName);
    const ui = useService("ui");
    const goRound = useTabCircle(refName);
    /** Whether a card has the focus, and what had it before. */
    let isHere = false;
    let origin = null;

    /** What is done most, on the newest card that still rings. */
    function getTarget() {
        const cards = root.el?.querySelectorAll(
            ".o_noojee_incoming_card:not(.o_noojee_withdrawn)"
        );
        const card = cards && [...cards].at(-1);
        return (
            card && (card.querySelector(".o_noojee_answer:enabled") ?? getTabableElements(card)[0])
        );
    }

    function goBack() {
        isHere = false;
        if (origin?.isConnected) {
            origin.focus();
        } else if (ui.activeElement === document) {
            document.activeElement.blur();
        } else {
            getTabableElements(ui.activeElement)[0]?.focus();
        }
    }

    useExternalListener(document, "focusin", ({ target, relatedTarget }) => {
        const wasHere = isHere;
        isHere = Boolean(root.el?.contains(target));
        if (isHere && !wasHere) {
            origin = relatedTarget;
        }
    });
    // a click on nothing gives the focus up
    const onPointerdown = ({ target }) => (isHere &&= root.el.contains(target));
    useExternalListener(document, "pointerdown", onPointerdown, { capture: true });
    onPatched(() => {
        // it went with its card
        if (isHere && document.activeElement === document.body) {
            goBack();
        }
    });
    useCommand(
        _t("Go to the incoming call, or back"),
        () => (isHere ? goBack() : getTarget().focus()),
        {
            hotkey: "alt+shift+r",
            // in the midst of writing, and over any dialogue
            global: true,
            hotkeyOptions: { bypassEditableProtection: true, withOverlay: getTarget },
            isAvailable: () => isHere || Boolean(getTarget()),
        }
    );

    return (ev) => {
        if (getActiveHotkey(ev) !== "escape") {
            return goRound(ev);
        }
        goBack();
        ev.preventDefault();
        // the dialogue must not take it
        ev.stopPropagation();
    };
}
