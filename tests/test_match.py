from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user, tagged, users, warmup

from .common import NoojeeCommon

NUMBER = "0370109876"
E164 = "+61370109876"
# so many rows are no small table that PostgreSQL would rather read whole
MANY = 20_000


class MatchCommon(NoojeeCommon):
    def match(self, number=NUMBER, user=None):
        user = self.anna if user is None else user
        return self.env["noojee.call"]._match(number, self.pbx, user)

    def decided(self, number=NUMBER, user=None):
        """The contact and the record that a call is about by its number alone."""
        user = self.anna if user is None else user
        values = self.env["noojee.call"]._match_values(number, self.pbx, user)
        return values["partner_id"], values["record_ref"]

    def partner(self, name, **values):
        values = {"phone": "03 7010 9876", "name": name, **values}
        return self.env["res.partner"].create(values)

    def lead(self, name, **values):
        values = {"name": name, "type": "opportunity", "user_id": False, **values}
        if "partner_id" not in values:
            values = {"phone": "+61 3 7010 9876", **values}
        return self.env["crm.lead"].create(values)

    def order(self, partner, user, **values):
        values = {"partner_id": partner.id, "user_id": user.id, **values}
        return self.env["sale.order"].create(values)

    def names(self, found):
        return [candidate["name"] for candidate in found]

    def ids(self, found):
        return [candidate["id"] for candidate in found]

    def remember(self, record, number=E164, **values):
        values = {
            "number": number,
            "record_ref": f"{record._name},{record.id}",
            "partner_id": self.env["noojee.call"]._partner_of(record).id,
            "company_id": self.pbx.company_id.id,
            "user_id": self.ben.id,
            **values,
        }
        return self.env["noojee.number"].create(values)


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
        for written in ["+493023125100", "00114930 23125100"]:
            with self.subTest(written):
                self.assertEqual(self.ids(self.match(written)), [berlin.id])

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


@tagged("post_install", "-at_install", "noojee")
class TestMatchRank(MatchCommon):
    """Who comes first, why, and who it is at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.name = "A"
        cls.second = cls.env["res.partner"].create(
            {"name": "B", "phone": "+61 3 7010 9876"}
        )

    def first(self, user=None):
        found = self.match(user=user)
        self.assertGreater(len(found), 1)
        return found[0]["name"], found[0]["reason"]

    def test_nothing_known_of_either(self):
        self.assertEqual(self.names(self.match()), ["A", "B"])
        self.assertEqual(self.decided(), (None, None))

    def test_person_before_company(self):
        self.customer.is_company = True
        self.assertEqual(self.names(self.match()), ["B", "A"])
        self.assertEqual(self.match()[1]["reason"], "Company")

    def test_last_call(self):
        calls = self.env["noojee.call"]
        values = {
            "pbx_id": self.pbx.id,
            "company_id": self.pbx.company_id.id,
            "direction": "inbound",
            "state": "ended",
            "user_id": self.anna.id,
        }
        calls.create(
            [
                {**values, "partner_id": partner.id, "started_at": moment}
                for partner, moment in [
                    (self.customer, "2026-03-01 01:00:00"),
                    (self.second, "2026-03-02 01:00:00"),
                ]
            ]
        )
        self.assertEqual(self.first(), ("B", "Last call on 03/02/2026"))
        # another's calls are not told, nor do they count
        self.assertEqual(self.first(self.ben)[0], "A")

    def test_owner_of_the_contact_before_the_last_call(self):
        self.second.user_id = self.anna
        self.assertEqual(self.first(), ("B", "Your customer"))
        self.assertEqual(self.first(self.ben)[0], "A")

    def test_own_quotation(self):
        self.customer.user_id = self.anna
        order = self.order(self.second, self.anna)
        self.assertEqual(self.first(), ("B", f"Your quotation {order.name}"))
        self.assertEqual(self.first(self.ben)[0], "A")
        order.action_cancel()
        self.assertEqual(self.first()[0], "A")

    def test_own_order(self):
        product = self.env["product.product"].create({"name": "Roof"})
        order = self.order(
            self.second,
            self.anna,
            order_line=[Command.create({"product_id": product.id})],
        )
        order.action_confirm()
        self.assertEqual(self.first(), ("B", f"Your order {order.name}"))

    def test_own_lead(self):
        self.lead("Roof", partner_id=self.second.id, user_id=self.anna.id)
        self.assertEqual(self.first(), ("B", "Your opportunity “Roof”"))
        self.assertEqual(self.first(self.ben)[0], "A")

    def test_own_lead_of_nobody_in_the_contacts(self):
        self.lead("Roof", contact_name="Cy", user_id=self.ben.id, type="lead")
        self.assertEqual(self.first(self.ben), ("Cy", "Your lead “Roof”"))
        self.assertEqual(self.names(self.match()), ["A", "B", "Cy"])

    def test_user_without_rights_on_orders_and_leads(self):
        self.order(self.second, self.anna)
        reception = new_test_user(self.env, "noojee_reception", "noojee.group_user")
        self.assertEqual(self.names(self.match(user=reception)), ["A", "B"])

    def test_desk_without_a_user(self):
        self.lead("Roof", partner_id=self.second.id, user_id=self.anna.id)
        nobody = self.env["res.users"]
        self.assertEqual(self.names(self.match(user=nobody)), ["A", "B"])

    # === ONE CUSTOMER COMES ONCE === #

    def test_lead_is_no_rival_of_its_contact(self):
        self.second.phone = False
        self.lead("Ben's roof", partner_id=self.customer.id, user_id=self.ben.id)
        [found] = self.match()
        self.assertEqual((found["model"], found["name"]), ("res.partner", "A"))
        self.assertEqual(
            self.decided(), (self.customer.id, f"res.partner,{self.customer.id}")
        )

    def test_own_lead_is_opened_in_its_contacts_place(self):
        self.second.phone = False
        lead = self.lead("Roof", partner_id=self.customer.id, user_id=self.anna.id)
        [found] = self.match()
        self.assertEqual(
            (found["model"], found["id"], found["partner_id"]),
            ("crm.lead", lead.id, self.customer.id),
        )
        self.assertEqual((found["name"], found["subtitle"]), ("A", "Roof"))
        self.assertEqual(self.match(user=self.ben)[0]["model"], "res.partner")

    def test_contact_is_opened_where_several_things_are_open(self):
        self.second.phone = False
        self.lead("Roof", partner_id=self.customer.id, user_id=self.anna.id)
        self.order(self.customer, self.anna)
        self.assertEqual(self.match()[0]["model"], "res.partner")
        self.env["sale.order"].search([]).filtered(
            lambda order: order.partner_id == self.customer
        ).action_cancel()
        self.lead("Battery", partner_id=self.customer.id, user_id=self.anna.id)
        self.assertEqual(self.match()[0]["model"], "res.partner")

    def test_leads_of_one_contact_with_another_number(self):
        (self.customer | self.second).phone = False
        contact = self.partner("Cy", phone="0491 578 888")
        for name in ("Roof", "Battery"):
            lead = self.lead(name, partner_id=contact.id)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE crm_lead SET phone_sanitized = %s WHERE id = %s",
                [E164, lead.id],
            )
        self.env.invalidate_all()
        [found] = self.match()
        self.assertEqual((found["model"], found["id"]), ("res.partner", contact.id))

    def test_company_and_its_one_contact(self):
        self.customer.is_company = True
        self.second.parent_id = self.customer
        self.second.phone = "+61 3 7010 9876"
        self.assertEqual(self.names(self.match()), ["B", "A"])
        self.assertEqual(self.decided()[0], self.second.id)
        self.partner("C", parent_id=self.customer.id)
        self.assertEqual(self.decided(), (None, None))

    # === REMEMBERED === #

    def test_remembered_contact_is_it_at_once(self):
        cy = self.partner("Cy", phone="0491 578 888")
        self.remember(cy)
        self.assertEqual(self.first(), ("Cy", "Remembered by Ben Osei"))
        self.assertEqual(self.decided(), (cy.id, f"res.partner,{cy.id}"))

    def test_remembered_one_of_several_with_the_number(self):
        self.remember(self.second)
        self.assertEqual(self.names(self.match()), ["B", "A"])
        self.assertEqual(self.decided()[0], self.second.id)

    def test_remembered_for_two(self):
        self.remember(self.customer)
        self.remember(self.second)
        self.assertEqual(self.names(self.match()), ["B", "A"])
        self.assertEqual(self.decided(), (None, None))

    def test_switchboard(self):
        company = self.partner("Coastal", is_company=True, phone=False)
        (self.customer | self.second).parent_id = company
        (self.customer | self.second).phone = "+61 3 7010 9876"
        self.remember(self.customer)
        self.remember(company)
        self.assertEqual(self.decided()[0], company.id)
        self.assertEqual(len(self.match()), 3)

    def test_remembered_record_that_the_user_may_not_see(self):
        cy = self.partner("Cy", phone=False)
        self.remember(cy)
        other = self.env["res.company"].create({"name": "Other company"})
        cy.company_id = other
        self.assertEqual(self.names(self.match()), ["A", "B"])
        cy.write({"company_id": False, "active": False})
        self.assertEqual(self.names(self.match()), ["A", "B"])

    def test_remembered_in_another_company(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.anna.company_ids |= other
        self.remember(self.second, company_id=other.id)
        self.assertEqual(self.names(self.match()), ["A", "B"])

    def test_remembered_lead_and_what_became_of_it(self):
        (self.customer | self.second).phone = False
        lead = self.lead("Roof", phone=False, contact_name="Cy")
        self.remember(lead)
        self.assertEqual(self.decided(), (False, f"crm.lead,{lead.id}"))
        lead.partner_id = self.second
        lead.action_set_won()
        self.assertEqual(
            self.decided(), (self.second.id, f"res.partner,{self.second.id}")
        )


@tagged("post_install", "-at_install", "noojee")
class TestMatchCost(MatchCommon):
    """What a look at a number costs, however many customers there are."""

    @users("noojee_anna")
    @warmup
    def test_number_of_queries(self):
        # in the transaction of the events that bring the number
        pbx, calls = self.pbx, self.env["noojee.call"]
        calls._match("+61370100001", pbx, self.anna)
        with self.assertQueryCount(1):
            self.assertFalse(calls._match("+61370100000", pbx, self.anna))
        with self.assertQueryCount(1):
            self.assertTrue(calls._match(E164, pbx, self.anna))

    def test_no_table_of_customers_is_read_whole(self):
        # SQL: the ORM would take minutes
        self.env.cr.execute(
            """
            INSERT INTO res_partner (
                name, phone_sanitized, active, type, autopost_bills,
                commercial_partner_id
            )
            SELECT 'Many', '+614' || n, TRUE, 'contact', 'ask', %(partner)s
              FROM generate_series(10000000, 10000000 + %(many)s) AS n;
            INSERT INTO crm_lead (name, phone_sanitized, active, type)
            SELECT 'Many', '+614' || n, TRUE, 'lead'
              FROM generate_series(10000000, 10000000 + %(many)s) AS n;
            INSERT INTO noojee_number (number, record_ref, company_id)
            SELECT '+614' || n, 'res.partner,' || %(partner)s, %(company)s
              FROM generate_series(10000000, 10000000 + %(many)s) AS n;
            ANALYZE res_partner, crm_lead, noojee_number
            """,
            {
                "many": MANY,
                "partner": self.customer.id,
                "company": self.pbx.company_id.id,
            },
        )
        # one customer, several with one number, nobody
        self.partner("Twin", phone="+61 410 000 008")
        for number in ("+61410000007", "+61410000008", "+61370100000"):
            with self.subTest(number):
                plans = self.plans(lambda number=number: self.match(number))
                probe = next(plan for query, plan in plans.items() if E164[:3] in query)
                self.assertIn("res_partner__phone_sanitized_index", probe)
                self.assertIn("crm_lead__phone_sanitized_index", probe)
                self.assertIn("noojee_number_number_unique", probe)
                for plan in plans.values():
                    for table in ("res_partner", "crm_lead", "noojee_number"):
                        self.assertNotRegex(plan, f"Seq Scan on {table}")
        self.assertGreater(len(self.match("+61410000008")), 1)

    def plans(self, action):
        """How PostgreSQL carries out the SELECTs that an action runs."""
        cr = self.env.cr
        queries = []
        execute = type(cr).execute

        def spy(cursor, *args, **kwargs):
            execute(cursor, *args, **kwargs)
            queries.append(cursor._obj.query.decode())

        self.env.flush_all()
        with patch.object(type(cr), "execute", spy):
            action()
        plans = {}
        for query in queries:
            if query.lstrip("(").startswith("SELECT"):
                cr._obj.execute(f"EXPLAIN {query}".replace("%", "%%"))
                plans[query] = "\n".join(row[0] for row in cr._obj.fetchall())
        return plans
