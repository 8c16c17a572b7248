import { Component } from "@odoo/owl";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ", 0: "+" };
const LONGEST = 200;

/** Keys to click; what is typed or pasted while one of them has the focus counts too. */
export class Keypad extends Component {
    static template = "noojee.Keypad";
    static props = { onWritten: Function, onErased: Function };

    setup() {
        this.keys = KEYS;
    }

    letters(key) {
        return LETTERS[key] || "";
    }

    onKeydown(ev) {
        if (ev.altKey || ev.ctrlKey || ev.metaKey) {
            return;
        }
        if (KEYS.includes(ev.key) || ev.key === "+") {
            ev.stopPropagation();
            this.props.onWritten(ev.key);
        } else if (ev.key === "Backspace") {
            ev.stopPropagation();
            this.props.onErased();
        }
    }

    onPaste(ev) {
        ev.preventDefault();
        // as it is: without its words or signs it might be another number, and the server
        // reads every form or says what is wrong
        const text = ev.clipboardData.getData("text").trim().slice(0, LONGEST);
        if (text) {
            this.props.onWritten(text);
        }
    }
}
