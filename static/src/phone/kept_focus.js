import { onMounted, onPatched, useExternalListener, useRef } from "@odoo/owl";

/**
 * A control that goes, or is off for a moment, drops the focus: whoever uses the keyboard
 * would start again at the top of the page. What came in its place gets the focus.
 *
 * @param {string} refName of the element around the controls; it can have the focus
 * @param {[string, string][]} successors selectors of controls that go, and of what
 *  follows them
 */
export function useKeptFocus(refName, successors) {
    const root = useRef(refName);
    /** The control that had the focus last, and what follows when it goes. */
    let last = null;
    let next = null;
    const remember = ({ target }) => {
        last = root.el?.contains(target) ? target : null;
        next = last && successors.find(([gone]) => last.matches(gone))?.[1];
    };
    // what takes the focus as it appears does so before anybody listens
    onMounted(() => remember({ target: document.activeElement }));
    useExternalListener(document, "focusin", remember);
    // a click on nothing gives the focus up
    useExternalListener(document, "pointerdown", remember, { capture: true });
    onPatched(() => {
        if (!last || document.activeElement !== document.body) {
            return;
        }
        if (!last.isConnected) {
            ((next && root.el.querySelector(next)) || root.el).focus();
        } else if (!last.disabled) {
            last.focus();
        }
    });
}
