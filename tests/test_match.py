from odoo.tests import tagged

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestMatch(NoojeeCommon):
    def match(self, number, user=None):
        return self.env["noojee.call"]._match(number, self.pbx, user or self.anna)

    def test_every_written_form_finds_the_customer(self):
        for written in [
            "0370109876",
            "+61370109876",
            "+61 3 7010 9876",
            "(03) 7010-9876",
            "001161370109876",
            "61370109876",
        ]:
            with self.subTest(written):
                [found] = self.match(written)
                self.assertEqual(found["id"], self.customer.id)

    def test_extension_is_a_colleague(self):
        [found] = self.match("102")
        self.assertEqual(found["name"], "Ben Osei")

    def test_short_and_strange_numbers_match_nobody(self):
        for number in ["", "9876", "anonymous", "unknown", "+", "70109876"]:
            with self.subTest(number):
                self.assertFalse(self.match(number))

    def test_archived_contacts_are_left_out(self):
        self.customer.active = False
        self.assertFalse(self.match("0370109876"))

    def test_other_companies_contacts_are_left_out(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.customer.company_id = other
        self.assertFalse(self.match("0370109876"))

    def test_open_leads_are_found(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Roof",
                "contact_name": "Bruce Tanner",
                "phone": "0491 578 888",
                "country_id": self.env.ref("base.au").id,
            }
        )
        [found] = self.match("0491578888")
        self.assertEqual((found["model"], found["id"]), ("crm.lead", lead.id))

    def test_lookup_of_a_number_is_an_index_probe(self):
        self.env.flush_all()
        # the planner prefers reading a small table whole: forbid what a large one
        # would not do
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(
            "EXPLAIN SELECT id FROM res_partner WHERE phone_sanitized = '+61370109876'"
        )
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("res_partner__phone_sanitized_index", plan)
