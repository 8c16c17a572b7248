from lxml import etree

from odoo.tests import new_test_user, tagged

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestFormButtons(NoojeeCommon):
    def buttons(self, model, user):
        arch = self.env[model].with_user(user).get_view(view_type="form")["arch"]
        return etree.fromstring(arch).xpath("//button/@name")

    def test_forms_have_both_buttons(self):
        for model in ("res.partner", "crm.lead", "sale.order"):
            with self.subTest(model):
                names = self.buttons(model, self.anna)
                self.assertEqual(names.count("action_noojee_call"), 1)
                self.assertEqual(names.count("action_noojee_calls"), 1)

    def test_others_have_none(self):
        # whoever asks first, the cached view must not be his alone
        self.buttons("res.partner", self.anna)
        other = new_test_user(self.env, "noojee_none", "base.group_user")
        self.assertNotIn("action_noojee_call", self.buttons("res.partner", other))

    def test_calls_are_counted_where_they_belong(self):
        company = self.env["res.partner"].create(
            {"name": "Raman & Sons", "is_company": True}
        )
        self.customer.parent_id = company
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.action_call(order)
        self.env.invalidate_all()
        for record in (order, self.customer, company):
            with self.subTest(record):
                seen = record.with_user(self.anna)
                self.assertEqual(seen.noojee_call_count, 1)
                action = seen.action_noojee_calls()
                found = self.env["noojee.call"].search(action["domain"])
                self.assertEqual(found, self.call())
