from unittest.mock import patch

from odoo.tests import new_test_user, tagged

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

    def test_user_without_rights_on_leads(self):
        self.env["crm.lead"].create({"name": "Roof", "phone": "03 7010 9876"})
        reception = new_test_user(self.env, "noojee_reception", "noojee.group_user")
        [found] = self.match("0370109876", reception)
        self.assertEqual(found["id"], self.customer.id)

    def test_desk_without_a_user_sees_its_own_company_alone(self):
        other = self.env["res.company"].create({"name": "Other company"})
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "phone": "0491 578 888", "company_id": other.id}
        )
        lead.country_id = self.env.ref("base.au")
        self.customer.company_id = other
        calls = self.env["noojee.call"]
        nobody = self.env["res.users"]
        for number in ("0370109876", "0491578888"):
            with self.subTest(number):
                self.assertFalse(calls._match(number, self.pbx, nobody))
        lead.company_id = self.customer.company_id = self.pbx.company_id
        self.assertTrue(calls._match("0370109876", self.pbx, nobody))
        self.assertTrue(calls._match("0491578888", self.pbx, nobody))

    def test_lookup_of_a_number_is_an_index_probe(self):
        self.env.flush_all()
        plans = self.plans(lambda: self.match("0370109876"))
        for table in ("res_partner", "crm_lead"):
            with self.subTest(table):
                [plan] = [
                    plan
                    for query, plan in plans.items()
                    if f'FROM "{table}"' in query and "+61370109876" in query
                ]
                self.assertIn(f"{table}__phone_sanitized_index", plan)

    def plans(self, action):
        """How PostgreSQL carries out the SELECTs that an action runs."""
        cr = self.env.cr
        queries = []
        execute = type(cr).execute

        def spy(cursor, *args, **kwargs):
            execute(cursor, *args, **kwargs)
            queries.append(cursor._obj.query.decode())

        with patch.object(type(cr), "execute", spy):
            action()
        # the planner prefers reading a small table whole: forbid what a large one
        # would not do
        cr.execute("SET LOCAL enable_seqscan = off")
        plans = {}
        for query in queries:
            if query.startswith("SELECT"):
                cr._obj.execute(f"EXPLAIN {query}".replace("%", "%%"))
                plans[query] = "\n".join(row[0] for row in cr._obj.fetchall())
        return plans
