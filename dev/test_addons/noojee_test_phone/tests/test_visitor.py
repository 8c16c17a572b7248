from lxml import etree

from odoo.tests import tagged

from odoo.addons.noojee.tests.common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestVisitor(NoojeeCommon):
    """What a model of another addon gets by inheriting the call mixin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visitor = cls.env["noojee.test.visitor"].create(
            {
                "name": "Mia Fuchs",
                "phone": "030 23125 100",
                "country_id": cls.env.ref("base.de").id,
            }
        )

    def view(self, view_type):
        model = self.env["noojee.test.visitor"].with_user(self.anna)
        return etree.fromstring(model.get_view(view_type=view_type)["arch"])

    def test_form_has_both_buttons_without_a_view_of_ours(self):
        form = self.view("form")
        self.assertTrue(form.xpath("./header/button[@name='action_noojee_call']"))
        self.assertTrue(
            form.xpath("//div[@name='button_box']/button[@name='action_noojee_calls']")
        )

    def test_phone_is_shown_as_one(self):
        for view_type in ("form", "list"):
            with self.subTest(view_type):
                [phone] = self.view(view_type).xpath("//field[@name='phone']")
                self.assertEqual(phone.get("widget"), "phone")

    def test_record_is_called_and_its_calls_are_counted(self):
        self.action_call(self.visitor)
        call = self.call()
        self.assertEqual(call.record_ref, self.visitor)
        self.assertEqual(call.number_e164, "+493023125100")
        [dialled] = self.simulator.requests("dial")
        self.assertEqual(dialled["params"]["number"], "0011493023125100")
        seen = self.visitor.with_user(self.anna)
        seen.invalidate_recordset()
        self.assertEqual(seen.noojee_call_count, 1)
        found = self.env["noojee.call"].search(seen.action_noojee_calls()["domain"])
        self.assertEqual(found, call)

    def test_its_phone_fields_dial(self):
        call = self.env["noojee.call"].with_user(self.anna)
        with self.own_cursors():
            call.dial("030 23125 100", "noojee.test.visitor", self.visitor.id)
        self.assertEqual(self.call().record_ref, self.visitor)

    def test_it_is_found_by_its_number(self):
        calls = self.env["noojee.call"]
        [found] = calls._match("+493023125100", self.pbx, self.anna)
        self.assertEqual(
            (found["model"], found["id"], found["name"]),
            ("noojee.test.visitor", self.visitor.id, "Mia Fuchs"),
        )
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'noojee_test_visitor'"
        )
        indexes = " ".join(definition for (definition,) in self.env.cr.fetchall())
        self.assertIn("(phone_sanitized) WHERE (phone_sanitized IS NOT NULL)", indexes)

    def test_numbers_are_remembered_for_it(self):
        self.env["noojee.number"].create(
            {
                "number": "+61491578888",
                "record_ref": f"noojee.test.visitor,{self.visitor.id}",
                "company_id": self.pbx.company_id.id,
            }
        )
        seen = self.visitor.with_user(self.anna)
        self.assertEqual(seen.noojee_number_ids.local_number, "0491 578 888")
        [shown] = self.view("form").xpath("//field[@name='noojee_number_ids']")
        self.assertEqual(shown.get("widget"), "noojee_numbers")
        [found] = self.env["noojee.call"]._match("+61491578888", self.pbx, self.anna)
        self.assertEqual(found["id"], self.visitor.id)
