import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

import { defineNoojeeModels } from "./noojee_test_helpers";

class Number_ extends models.Model {
    _name = "noojee.number";

    name = fields.Char();

    _records = [
        { id: 1, name: "0491 570 006" },
        { id: 2, name: "+49 30 23125100" },
    ];
}

class Customer extends models.Model {
    _name = "customer";

    name = fields.Char();
    number_ids = fields.One2many({ relation: "noojee.number" });

    _records = [{ id: 1, name: "Priya Raman", number_ids: [1, 2] }];
}

describe.current.tags("desktop");
defineNoojeeModels();
defineModels([Number_, Customer]);

test("a remembered number is forgotten, and the form keeps what was typed", async () => {
    onRpc("noojee.number", "forget", ({ args }) => {
        expect.step(args);
        return true;
    });
    await mountView({
        resModel: "customer",
        resId: 1,
        type: "form",
        arch: `<form><field name="name"/>
            <field name="number_ids" widget="noojee_numbers" readonly="1"/></form>`,
    });
    expect(queryAllTexts(".o_noojee_remembered")).toEqual(["0491 570 006", "+49 30 23125100"]);
    await contains(".o_field_widget[name=name] input").edit("Priya R.", { confirm: false });
    await contains(".o_noojee_remembered button").click();
    await animationFrame();
    expect.verifySteps([[[1]]]);
    expect(queryAllTexts(".o_noojee_remembered")).toEqual(["+49 30 23125100"]);
    expect(".o_field_widget[name=name] input").toHaveValue("Priya R.");
});
