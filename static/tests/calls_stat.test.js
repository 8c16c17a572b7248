import { describe, expect, test } from "@odoo/hoot";
import { queryOne, waitFor } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, mountPhone } from "./noojee_test_helpers";

describe.current.tags("desktop");

class Visitor extends models.Model {
    _name = "visitor";
    noojee_call_count = fields.Integer();
    noojee_last_call_at = fields.Datetime();
    _records = [
        { id: 1, noojee_call_count: 8, noojee_last_call_at: "2026-11-24 10:00:00" },
        { id: 2, noojee_call_count: 1, noojee_last_call_at: "2026-11-01 10:00:00" },
        { id: 3, noojee_call_count: 0, noojee_last_call_at: false },
    ];
    _views = {
        form: `
            <form>
                <sheet>
                    <div name="button_box" class="oe_button_box">
                        <button name="action_noojee_calls" type="object" class="oe_stat_button" icon="fa-phone">
                            <field name="noojee_call_count" widget="noojee_calls_stat"/>
                        </button>
                    </div>
                </sheet>
            </form>`,
    };
}

defineNoojeeModels();
defineModels([Visitor]);

const STAT = ".o_noojee_calls_stat";

/** The words of the button, a space that breaks no line like any other. */
async function mountStat(resId) {
    mockDate("2026-11-24 10:05:00", 0);
    await mountPhone();
    await mountView({ type: "form", resModel: "visitor", resId });
    await waitFor(STAT);
    return words();
}

function words() {
    return queryOne(STAT).innerText.replace(/\s+/g, " ").trim();
}

test("the last call of today is a time of the day, and does not age", async () => {
    expect(await mountStat(1)).toBe("Calls 8 · last 10:00 AM");
    expect(`${STAT} [title]`).toHaveAttribute("title", /^Last call Nov 24, 10:00\sAM$/);
    await advanceTime(120000);
    await animationFrame();
    expect(words()).toBe("Calls 8 · last 10:00 AM");
});

test("the last call of another day is a day", async () => {
    expect(await mountStat(2)).toBe("Calls 1 · last Nov 1");
});

test("who was never called has no last call", async () => {
    expect(await mountStat(3)).toBe("Calls 0");
});

test("the button holds what it says", async () => {
    await mountStat(1);
    const button = queryOne(".oe_stat_button").getBoundingClientRect();
    const last = queryOne(`${STAT} [title]`).getBoundingClientRect();
    expect(last.top).toBeGreaterThan(button.top);
    expect(last.bottom).toBeLessThan(button.bottom);
    const { clientWidth, scrollWidth } = queryOne(`${STAT} .o_stat_value`);
    expect(scrollWidth <= clientWidth).toBe(true);
});
