import { AvatarCardPopover } from "@mail/discuss/web/avatar_card/avatar_card_popover";
import { RecipientsPopover } from "@mail/core/web/recipients_popover";

import { patch } from "@web/core/utils/patch";

import { useDialLink } from "./dial_link";

patch(AvatarCardPopover.prototype, {
    setup() {
        super.setup();
        this.dialLink = useDialLink(() => ({
            number: this.phone,
            model: "res.partner",
            id: this.partner?.id,
        }));
    },
});

patch(RecipientsPopover.prototype, {
    setup() {
        super.setup();
        this.dialLink = useDialLink(() => ({
            number: this.phone,
            model: "res.partner",
            id: this.props.id,
        }));
    },
});
