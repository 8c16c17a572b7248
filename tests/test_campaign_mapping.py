from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .campaign_common import CampaignCommon


@tagged("post_install", "-at_install", "noojee")
class TestCampaignMapping(CampaignCommon):
    """Which values of a lead fill the fields of a campaign."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Roof",
                "contact_name": "Priya Raman",
                "phone": "03 7010 1235",
                "city": "Carlton",
                "partner_id": cls.customer.id,
                "country_id": cls.env.ref("base.au").id,
                "description": "<p>Wants <b>12 kW</b></p>",
                "date_deadline": "2026-03-02",
                "expected_revenue": 4200,
            }
        )

    def setUp(self):
        super().setUp()
        self.refresh()

    def value(self, path, name="Suburb", lead=None):
        field = self.field(name)
        field.lead_path = path
        return field._value_of(lead or self.lead)[:2]

    def test_fields_are_proposed_by_name_at_the_first_refresh(self):
        paths = {f.name: f.lead_path for f in self.template().field_ids}
        self.assertEqual(paths["Name"], "contact_name")
        self.assertEqual(paths["Phone"], "phone")
        self.assertEqual(paths["Suburb"], "city")
        self.assertEqual(paths["Note"], "description")
        self.assertFalse(self.template().mapping_problem)

    def test_paths_are_told_in_the_words_of_the_screens(self):
        field = self.field("Suburb")
        self.assertEqual(field.lead_label, "City")
        field.lead_path = "partner_id.city"
        self.assertEqual(field.lead_label, "Contact → City")
        field.lead_path = False
        self.assertFalse(field.lead_label)

    def test_what_was_chosen_is_kept_at_a_proposal(self):
        self.field("Suburb").lead_path = "partner_id.city"
        self.field("Note").lead_path = False
        self.template().with_user(self.admin).action_propose()
        self.assertEqual(self.field("Suburb").lead_path, "partner_id.city")
        self.assertEqual(self.field("Note").lead_path, "description")
        self.field("Note").lead_path = False
        self.refresh()
        self.assertFalse(self.field("Note").lead_path)

    def test_values_are_sent_as_people_read_them(self):
        self.customer.city = "Fitzroy"
        self.lead.priority = "2"
        label = dict(self.lead._fields["priority"]._description_selection(self.env))
        self.lead.date_open = datetime(2026, 3, 1, 22, 30)
        cases = {
            "contact_name": self.lead.contact_name,
            "partner_id.city": "Fitzroy",
            "country_id": "Australia",
            "partner_id.country_id.code": "AU",
            "priority": label["2"],
            "description": "Wants *12 kW*",
            "date_deadline": "2026/03/02",
            # by the PBX's clock, in Melbourne
            "date_open": "2026/03/02 09:30",
            "expected_revenue": "4200.00",
            "active": "Yes",
            "color": "0",
        }
        for path, text in cases.items():
            with self.subTest(path):
                self.assertEqual(self.value(path), (text, False))

    def test_numbers_are_sent_as_the_pbx_dials_them(self):
        for written, text in {
            "03 7010 1235": "0370101235",
            "+61 491 570 156": "0491570156",
            "+64 3 341 4000": "00116433414000",
        }.items():
            with self.subTest(written):
                self.lead.phone = written
                self.assertEqual(self.value("phone", "Phone"), (text, False))
        self.lead.phone = "12345"
        text, problem = self.value("phone", "Phone")
        self.assertFalse(text)
        self.assertIn("too short", problem)

    def test_a_fixed_text_stands_where_the_field_is_empty(self):
        field = self.field("Suburb")
        field.write({"lead_path": "partner_id.city", "fixed_text": "unknown"})
        self.customer.city = False
        self.assertEqual(field._value_of(self.lead)[0], "unknown")
        self.customer.city = "Fitzroy"
        self.assertEqual(field._value_of(self.lead)[0], "Fitzroy")
        field.lead_path = False
        self.assertEqual(field._value_of(self.lead)[0], "unknown")

    def test_paths_that_lead_nowhere_or_to_another_type(self):
        for name, path, words in [
            ("Suburb", "partner_id.nothing", "no field of a lead is reached"),
            ("Suburb", "name.city", "no field of a lead is reached"),
            ("Suburb", "partner_id.image_1920", "of another type"),
            ("Phone", "expected_revenue", "of another type"),
            ("Phone", "partner_id", "of another type"),
        ]:
            with self.subTest(path), self.assertRaisesRegex(ValidationError, words):
                self.field(name).lead_path = path

    def test_problems_are_told_at_the_template(self):
        template = self.template()
        self.field("Phone").lead_path = False
        problem = template.mapping_problem
        self.assertIn("No phone field of Solar sales is filled", problem)
        self.assertIn("Phone is required by the campaign", problem)
        self.field("Phone").lead_path = "phone"
        self.simulator.control("campaigns", gone={"fields": ["5"]})
        self.refresh()
        self.assertIn("not sent any more: Note", template.mapping_problem)

    def test_the_preview_follows_lead_and_mapping(self):
        with Form(self.template().with_user(self.admin)) as form:
            form.preview_lead_id = self.lead
            rows = {
                row["name"]: (row["preview_value"], row["preview_problem"])
                for row in form.field_ids._records
            }
            self.assertEqual(rows["Phone"], ("0370101235", False))
            self.assertEqual(rows["Name"][0], self.lead.contact_name)
            form.preview_lead_id = self.env["crm.lead"].create({"name": "Nobody"})
            rows = {
                row["name"]: row["preview_problem"] for row in form.field_ids._records
            }
            self.assertIn("Phone is required", rows["Phone"])
