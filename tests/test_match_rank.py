from odoo import Command
from odoo.tests import new_test_user, tagged

from .match_common import E164, MatchCommon


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
