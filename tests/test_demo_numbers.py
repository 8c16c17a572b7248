from odoo.tests import tagged

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestDemoNumbers(NoojeeCommon):
    def demo(self, model):
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "noojee"),
                ("model", "=", model),
                ("name", "=like", f"{model.partition('.')[2]}_%"),
            ]
        )
        return self.env[model].browse(data.mapped("res_id"))

    def test_every_written_number_can_be_dialled_and_found(self):
        partners = self.demo("res.partner").filtered("phone")
        self.assertGreaterEqual(len(partners), 30)
        for partner in partners:
            with self.subTest(partner.phone):
                digits, e164 = self.pbx._dial_form(partner.phone)
                self.assertEqual(partner.phone_sanitized, e164)
                found = self.env["noojee.call"]._match(digits, self.pbx, self.anna)
                self.assertIn(partner.id, [match["id"] for match in found])
