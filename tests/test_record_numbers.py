from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordNumbers(NoojeeCommon):
    """Which numbers a record can be called at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office, cls.site = cls.env["res.partner"].create(
            [
                {
                    "name": "Accounts",
                    "type": "invoice",
                    "parent_id": cls.customer.id,
                    "phone": "030 23125 100",
                    "country_id": cls.env.ref("base.de").id,
                },
                {
                    "name": "Site office",
                    "type": "delivery",
                    "parent_id": cls.customer.id,
                    "phone": "+61 (0)3 7010 9876",
                },
            ]
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "partner_invoice_id": cls.office.id,
                "partner_shipping_id": cls.site.id,
            }
        )

    def numbers(self, record):
        return [
            (entry["number"], entry["label"], entry["partner_id"])
            for entry in record.with_user(self.anna)._noojee_numbers()
        ]

    def test_order_has_its_contacts_numbers_each_once(self):
        # the site's number is the customer's in another form
        expected = [
            ("+61 3 7010 9876", "Customer", self.customer.id),
            ("+49 30 23125100", "Invoice address", self.office.id),
        ]
        self.assertEqual(self.numbers(self.order), expected)

    def test_lead_has_its_own_number_or_its_contacts(self):
        lead = self.env["crm.lead"].create(
            {"name": "12 kW roof", "phone": "0491 570 156"}
        )
        self.assertEqual(self.numbers(lead), [("+61 491 570 156", "Phone", False)])
        lead.partner_id = self.office
        lead.phone = False
        self.assertEqual(
            self.numbers(lead), [("+49 30 23125100", "Contact", self.office.id)]
        )

    def test_contact_has_its_own_alone(self):
        self.assertEqual(
            self.numbers(self.office), [("+49 30 23125100", "Phone", self.office.id)]
        )

    def drop_phones(self):
        order = self.order
        partners = order.partner_id | order.partner_invoice_id
        (partners | order.partner_shipping_id).phone = False

    def remember(self, number, record, company=None):
        self.env["noojee.number"].create(
            {
                "number": number,
                "record_ref": f"{record._name},{record.id}",
                "company_id": (company or self.env.company).id,
            }
        )

    def test_remembered_numbers_are_called_where_there_is_no_other(self):
        self.remember("+61491570156", self.customer)
        self.remember("+61491570157", self.order)
        written = [
            ("+61 3 7010 9876", "Customer", self.customer.id),
            ("+49 30 23125100", "Invoice address", self.office.id),
        ]
        self.assertEqual(self.numbers(self.order), written)
        self.drop_phones()
        remembered = [
            ("+61 491 570 157", "Also calls from", self.customer.id),
            ("+61 491 570 156", "Also calls from", self.customer.id),
        ]
        self.assertEqual(self.numbers(self.order), remembered)

    def test_what_another_company_remembers_is_not_called(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.remember("+61491570156", self.office, other)
        self.office.phone = False
        self.assertEqual(self.numbers(self.office), [])

    def test_what_is_remembered_for_a_contact_that_may_not_be_read(self):
        self.remember("+61491570156", self.office)
        self.env["ir.rule"].create(
            {
                "name": "Not the office",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": [("id", "!=", self.office.id)],
            }
        )
        self.drop_phones()
        self.assertEqual(self.numbers(self.order), [])

    def test_several_numbers_are_offered_and_nothing_is_dialled(self):
        action = self.action_call(self.order)
        self.assertEqual(action["tag"], "noojee.choose_number")
        params = action["params"]
        self.assertEqual((params["model"], params["id"]), ("sale.order", self.order.id))
        self.assertEqual(params["numbers"][1]["person"], self.office.display_name)
        self.assertFalse(self.simulator.requests("dial"))

    def test_call_of_an_order_is_its_customers_too(self):
        self.order.partner_invoice_id = self.customer
        self.action_call(self.order)
        self.assertEqual(self.call().record_ref, self.order)
        self.assertEqual(self.call().partner_id, self.customer)

    def test_number_of_a_foreign_contact_is_dialled_abroad(self):
        self.customer.phone = False
        self.site.phone = False
        self.action_call(self.order)
        [dialled] = self.simulator.requests("dial")
        self.assertEqual(dialled["params"]["number"], "00114930" + "23125100")
        self.assertEqual(self.call().partner_id, self.office)
        self.assertEqual(self.call().record_ref, self.order)

    def test_record_without_a_number_is_named(self):
        (self.customer | self.office | self.site).phone = False
        with self.assertRaisesRegex(UserError, f"no number to call: {self.order.name}"):
            self.action_call(self.order)

    def test_who_has_no_line_is_told_before_he_chooses(self):
        user = new_test_user(
            self.env,
            "noojee_deskless",
            "noojee.group_user,sales_team.group_sale_salesman_all_leads",
        )
        with self.assertRaisesRegex(UserError, "no line"):
            self.action_call(self.order, user)

    def test_phones_of_every_view_are_shown_as_such(self):
        for model, view_type in [
            ("res.partner", "list"),
            ("res.partner", "kanban"),
            ("res.partner", "form"),
            ("crm.lead", "list"),
            ("crm.lead", "form"),
        ]:
            with self.subTest(model=model, view=view_type):
                arch = self.env[model].get_view(view_type=view_type)["arch"]
                phones = etree.fromstring(arch).xpath(
                    "//field[@name='phone'][not(@invisible='1')]"
                )
                self.assertTrue(phones)
                self.assertEqual({node.get("widget") for node in phones}, {"phone"})
