import { describe, expect, test } from "@odoo/hoot";
import { waitFor } from "@odoo/hoot-dom";
import { AvatarCardPopover } from "@mail/discuss/web/avatar_card/avatar_card_popover";
import {
    contains,
    MockServer,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";

import { defineNoojeeModels, makeDialledCall, mountPhone } from "./noojee_test_helpers";

describe.current.tags("desktop");
defineNoojeeModels();

test("the number on an avatar's card dials", async () => {
    onRpc("noojee.call", "dial", ({ args }) => {
        expect.step(args);
        return makeDialledCall();
    });
    await mountPhone();
    const id = MockServer.env["res.partner"].create({ name: "Ben Osei", phone: "102" });
    await mountWithCleanup(AvatarCardPopover, {
        props: { id, model: "res.partner", close: () => {} },
    });
    await contains(".o-mail-avatar-card-tel").click();
    expect.verifySteps([["102", "res.partner", id]]);
    await waitFor(".o_noojee_current_call");
});
