from odoo.tests import tagged

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestMatch(NoojeeCommon):
    def match(self, number, user=None):
        return self.env["noojee.call"]._match(number, self.pbx, user or self.anna)

    def test_every_written_form_finds_the_customer(self):
        for written in [
            "0370101235",
            "+61370101235",
            "+61 3 7010 1235",
            "(03) 7010-1235",
            "001161370101235",
            "61370101235",
        ]:
            with self.subTest(written):
                [found] = self.match(written)
                self.assertEqual(found["id"], self.customer.id)

    def test_extension_is_a_colleague(self):
        [found] = self.match("102")
        self.assertEqual(found["name"], "Ben Osei")

    def test_short_and_strange_numbers_match_nobody(self):
        for number in ["", "1235", "anonymous", "unknown", "+", "70101235"]:
            with self.subTest(number):
                self.assertFalse(self.match(number))

    def test_archived_contacts_are_left_out(self):
        self.customer.active = False
        self.assertFalse(self.match("0370101235"))

    def test_other_companies_contacts_are_left_out(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.customer.company_id = other
        self.assertFalse(self.match("0370101235"))

    def test_open_leads_are_found(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Roof",
                "contact_name": "Bruce Tanner",
                "phone": "0491 574 118",
                "country_id": self.env.ref("base.au").id,
            }
        )
        [found] = self.match("0491574118")
        self.assertEqual((found["model"], found["id"]), ("crm.lead", lead.id))

    def test_lookup_of_a_number_is_an_index_probe(self):
        self.env.flush_all()
        # the planner prefers reading a small table whole: forbid what a large one
        # would not do
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM res_partner WHERE phone_sanitized = '+61370101235'"
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("res_partner__phone_sanitized_index", plan)
