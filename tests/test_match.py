from odoo.tests import new_test_user, tagged

from .match_common import NUMBER, MatchCommon


@tagged("post_install", "-at_install", "noojee")
class TestMatch(MatchCommon):
    """Who is found, and who is not."""

    def test_every_written_form_finds_the_customer(self):
        for written in [
            "0370109876",
            "+61370109876",
            "+61 3 7010 9876",
            "(03) 7010-9876",
            "001161370109876",
            "61370109876",
            # some PBXs write what comes from abroad so, whatever their country's prefix
            "0061370109876",
        ]:
            with self.subTest(written):
                [found] = self.match(written)
                self.assertEqual(found["id"], self.customer.id)

    def test_extension_is_a_colleague(self):
        [found] = self.match("102")
        self.assertEqual((found["name"], found["reason"]), ("Ben Osei", "Colleague"))

    def test_extension_as_somebodys_number_is_a_colleague(self):
        self.env.cr.execute(
            "UPDATE res_partner SET phone_sanitized = '102' WHERE id = %s",
            [self.customer.id],
        )
        self.assertEqual(self.ids(self.match("102")), [self.ben.partner_id.id])

    def test_short_and_strange_numbers_match_nobody(self):
        strange = ["", "anonymous", "unknown", "Withheld", "+", "70109876", None, False]
        for number in ["987", "9876", "10987", "109876", *strange]:
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

    def test_foreign_number(self):
        berlin = self.partner("Mia Fuchs", phone="+49 30 23125 100")
        for written in [
            "+493023125100",
            "00114930 23125100",
            "004930 23125100",
            "493023125100",
        ]:
            with self.subTest(written):
                self.assertEqual(self.ids(self.match(written)), [berlin.id])

    def test_number_without_its_area_code_is_none_abroad(self):
        """+98 is Iran's."""
        self.customer.phone = "+98251234"
        self.assertEqual(self.customer.phone_sanitized, "+98251234")
        self.assertFalse(self.match("98251234"))

    def test_end_of_a_number_is_nobodys(self):
        self.partner("Somebody else", phone="+61 2 7010 9876")
        self.assertEqual(self.names(self.match()), ["Priya Raman"])

    def test_won_and_lost_leads_are_left_out(self):
        won = self.lead("Won", phone="0491 578 888")
        won.action_set_won()
        lost = self.lead("Lost", phone="0491 578 888")
        lost.action_set_lost()
        self.assertFalse(self.match("0491578888"))

    def test_leads_of_another_salesperson_by_the_users_own_rights(self):
        self.lead("Ben's", phone="0491 578 888", user_id=self.ben.id)
        groups = "noojee.group_user,sales_team.group_sale_salesman"
        carl = new_test_user(self.env, "noojee_carl", groups)
        self.assertFalse(self.match("0491578888", carl))
        self.assertTrue(self.match("0491578888", self.ben))

    def test_contact_of_a_lead_that_the_user_may_not_read_is_not_told(self):
        other = self.env["res.company"].create({"name": "Other company"})
        secret = self.partner("Secret", company_id=other.id, phone=False)
        lead = self.lead("Roof", contact_name="Somebody", phone="0491 578 888")
        # as after the contact moved to another company
        self.env.cr.execute(
            "UPDATE crm_lead SET partner_id = %s WHERE id = %s", [secret.id, lead.id]
        )
        self.env.invalidate_all()
        [found] = self.match("0491 578 888")
        self.assertFalse(found["partner_id"])
        self.assertNotIn("Secret", str(found))

    def test_all_of_many_with_one_number(self):
        for index in range(9):
            self.partner(f"Tenant {index}")
        found = self.match()
        self.assertEqual(len(found), 10)
        self.assertTrue(all(candidate["reason"] for candidate in found))
        self.assertEqual(self.decided(), (None, None))

    def test_own_record_is_found_behind_many_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.customer.phone = "0491 578 888"
        self.env["res.partner"].create(
            [
                {"name": f"N{i}", "phone": NUMBER, "company_id": other.id}
                for i in range(150)
            ]
        )
        last = self.partner("Own")
        self.assertEqual(self.ids(self.match()), [last.id])

    def test_number_changed_a_moment_ago(self):
        self.customer.phone = "0491 578 888"
        self.assertFalse(self.match())
        self.assertEqual(self.ids(self.match("0491578888")), [self.customer.id])
