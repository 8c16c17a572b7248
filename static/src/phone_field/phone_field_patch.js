import { useRef } from "@odoo/owl";

import { patch } from "@web/core/utils/patch";
import { PhoneField } from "@web/views/fields/phone/phone_field";

import { useDialLink } from "./dial_link";

patch(PhoneField.prototype, {
    setup() {
        super.setup();
        const input = useRef("input");
        this.dialLink = useDialLink(() => {
            const { name, record } = this.props;
            // what is written there now, saved or not
            const number = input.el ? input.el.value : record.data[name];
            return { number: number || "", model: record.resModel, id: record.resId };
        });
    },
});
