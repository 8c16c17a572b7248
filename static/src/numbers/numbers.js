import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The numbers that were remembered for a record, each to be forgotten by a click. */
export class Numbers extends Component {
    static template = "noojee.Numbers";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        // the form itself is not loaded again: it may hold unsaved changes
        this.forgotten = useState(new Set());
    }

    get numbers() {
        return this.props.record.data[this.props.name].records
            .filter((number) => !this.forgotten.has(number.resId))
            .map((number) => ({ id: number.resId, name: number.data.display_name }));
    }

    async forget(id) {
        await this.orm.call("noojee.number", "forget", [[id]]);
        this.forgotten.add(id);
    }
}

export const numbers = {
    component: Numbers,
    displayName: _t("Remembered numbers"),
    supportedTypes: ["one2many"],
    relatedFields: [{ name: "display_name", type: "char" }],
};

registry.category("fields").add("noojee_numbers", numbers);
