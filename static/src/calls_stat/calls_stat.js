import { Component, useEffect, useState } from "@odoo/owl";

import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
const COUNT = "noojee_call_count";
const LAST = "noojee_last_call_at";

/** How many calls a record has had and when the last was; it counts on by itself. */
export class CallsStat extends Component {
    static template = "noojee.CallsStat";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.phone = useState(useService("noojee.phone"));
        this.fresh = useState({ resId: false, values: {} });
        // the form itself is not loaded again: it may hold unsaved changes
        let seen = this.phone.endedCount;
        useEffect(
            (ended) => {
                if (ended !== seen) {
                    seen = ended;
                    this.read();
                }
            },
            () => [this.phone.endedCount]
        );
    }

    get values() {
        const { resId, data } = this.props.record;
        if (this.fresh.resId === resId) {
            return this.fresh.values;
        }
        return { count: data[COUNT], last: data[LAST] };
    }

    /** The moment itself: nothing counts on while the form stands there. */
    get lastWords() {
        const { last } = this.values;
        const isToday = last.hasSame(DateTime.local(), "day");
        const parts = { showDate: !isToday, showTime: isToday, showSeconds: false };
        return _t("last %s", toLocaleDateTimeString(last, parts));
    }

    get lastTitle() {
        return _t("Last call %s", toLocaleDateTimeString(this.values.last));
    }

    async read() {
        const { resModel, resId } = this.props.record;
        if (!resId) {
            return;
        }
        const [row] = await this.orm.silent.read(resModel, [resId], [COUNT, LAST]);
        this.fresh.values = {
            count: row[COUNT],
            last: row[LAST] && deserializeDateTime(row[LAST]),
        };
        this.fresh.resId = resId;
    }
}

export const callsStat = {
    component: CallsStat,
    displayName: _t("Calls"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
    fieldDependencies: [{ name: LAST, type: "datetime" }],
};

registry.category("fields").add("noojee_calls_stat", callsStat);
