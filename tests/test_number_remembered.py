from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .call_common import E164, NUMBER, CallCommon

OTHER = "0491578888"
OTHER_E164 = "+61491578888"


class RememberedCommon(CallCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = cls.env["noojee.number"]
        cls.company = cls.env["res.partner"].create(
            {"name": "Coastal", "is_company": True}
        )

    def as_user(self, record, user=None):
        return record.with_user(user or self.anna)

    def say(self, call, record, user=None):
        own = self.as_user(call, user)
        return own.this_is_the_caller(record._name, record.id)

    def contact(self, name, **values):
        return self.env["res.partner"].create({"name": name, **values})

    def lead(self, name, **values):
        return self.env["crm.lead"].create({"name": name, **values})


@tagged("post_install", "-at_install", "noojee")
class TestThisIsTheCaller(RememberedCommon):
    """What a person says at a call about who it is."""

    def test_number_is_remembered_and_the_call_linked(self):
        call = self.inbound("Ringing", caller=OTHER)
        self.assertFalse(call.partner_id)
        answer = self.say(call, self.customer)
        [number] = self.numbers.search([])
        self.assertEqual(
            answer, {"remembered_id": number.id, "name": self.customer.name}
        )
        self.assertEqual(
            (number.number, number.record_ref), (OTHER_E164, self.customer)
        )
        self.assertEqual(number.partner_id, self.customer)
        self.assertEqual((number.user_id, number.call_id), (self.anna, call))
        self.assertEqual(number.company_id, call.company_id)
        self.assertEqual((call.record_ref, call.partner_id), (self.customer,) * 2)
        shown = self.bus_messages(self.anna, "noojee.call/updated")[-1:]
        self.assertIn('"Priya Raman"', shown.message)
        # the next call from there is his at once
        self.assertEqual(
            self.inbound("Ringing", caller=OTHER).partner_id, self.customer
        )

    def test_said_twice(self):
        call = self.inbound("Ringing", caller=OTHER)
        for _again in range(2):
            self.assertTrue(self.say(call, self.customer)["remembered_id"])
            self.assertEqual(self.numbers.search([]).record_ref, self.customer)

    def test_own_number_needs_not_to_be_remembered(self):
        call = self.inbound("Ringing")
        self.assertFalse(self.say(call, self.customer)["remembered_id"])
        self.assertFalse(self.numbers.search([]))

    def test_own_number_that_others_have_too_is(self):
        self.contact("Twin", phone="+61 3 7010 9876")
        call = self.inbound("Ringing")
        self.assertFalse(call.partner_id)
        self.assertTrue(self.say(call, self.customer)["remembered_id"])
        self.assertEqual(self.inbound("Ringing").partner_id, self.customer)

    def test_hidden_caller_and_colleague_are_linked_and_not_remembered(self):
        for caller in ("anonymous", "102"):
            with self.subTest(caller):
                call = self.inbound("Ringing", caller=caller)
                self.assertFalse(self.say(call, self.customer)["remembered_id"])
                self.assertEqual(call.partner_id, self.customer)
        self.assertFalse(self.numbers.search([]))

    def test_switchboard_is_remembered_for_the_company(self):
        people = [self.contact(n, parent_id=self.company.id) for n in "AB"]
        call = self.inbound("Ringing", caller=OTHER)
        self.say(call, people[0])
        answer = self.say(self.inbound("Ringing", caller=OTHER), people[1])
        self.assertEqual(answer["name"], "Coastal")
        later = self.inbound("Ringing", caller=OTHER)
        self.assertEqual(later.partner_id, self.company)
        # a person may still be chosen
        offered = [c["name"] for c in self.as_user(later).get_candidates()]
        self.assertEqual(set(offered), {"A", "Coastal"})

    def test_number_of_the_company_itself_is_a_switchboards(self):
        self.company.phone = "+61 491 578 888"
        self.contact("Other company's", phone="+61 491 578 888")
        person = self.contact("A", parent_id=self.company.id, phone=False)
        call = self.inbound("Ringing", caller=OTHER)
        self.assertEqual(self.say(call, person)["name"], "Coastal")
        self.assertEqual(call.partner_id, person)
        later = self.inbound("Ringing", caller=OTHER)
        self.assertEqual(later.partner_id, self.company)

    def test_order_is_linked_and_its_customer_remembered(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        call = self.inbound("Ringing", caller=OTHER)
        answer = self.as_user(call).this_is_the_caller("sale.order", order.id)
        self.assertEqual(answer["name"], "Priya Raman")
        self.assertEqual((call.record_ref, call.partner_id), (order, self.customer))
        self.assertEqual(self.numbers.search([]).record_ref, self.customer)

    def test_lead_without_a_contact_is_remembered_itself(self):
        lead = self.lead("Roof")
        call = self.inbound("Ringing", caller=OTHER)
        self.say(call, lead)
        self.assertEqual(self.inbound("Ringing", caller=OTHER).record_ref, lead)

    def test_undone_where_it_was_done(self):
        call = self.inbound("Ringing", caller=OTHER)
        self.say(call, self.customer)
        self.as_user(call).forget_caller()
        self.assertFalse(self.numbers.search([]))
        self.assertFalse(call.partner_id or call.record_ref)
        self.assertFalse(self.payload(call)["record"])

    def test_link_is_undone_where_nothing_was_remembered(self):
        call = self.inbound("Ringing", caller="anonymous")
        self.say(call, self.customer)
        self.as_user(call).forget_caller()
        self.assertFalse(call.partner_id or call.record_ref)

    def dialled_from(self, record):
        self.action_call(record)
        return self.call()

    def test_dialled_call_is_again_about_what_it_was_dialled_from(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        call = self.dialled_from(order)
        call.has_rung = True
        call._end("cancelled")
        call._update_chatter()
        self.assertEqual(len(self.lines(order)), 1)
        other = self.contact("Somebody else")
        self.say(call, other)
        self.assertFalse(self.lines(order))
        self.as_user(call).forget_caller()
        self.assertEqual((call.record_ref, call.partner_id), (order, self.customer))
        self.assertEqual(len(self.lines(order)), 1)
        self.assertFalse(self.lines(other))

    def test_dialled_call_whose_record_is_gone_is_its_customers(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        call = self.dialled_from(order)
        self.say(call, self.contact("Somebody else"))
        order.unlink()
        self.as_user(call).forget_caller()
        self.assertEqual((call.record_ref, call.partner_id), (None, self.customer))

    def test_dialled_call_follows_leads_that_become_one(self):
        number = {"phone": "+61 491 578 888"}
        leads = self.lead("Roof", **number) | self.lead("Roof again", **number)
        call = self.dialled_from(leads[1])
        self.say(call, self.customer)
        kept = leads.merge_opportunity()
        self.as_user(call).forget_caller()
        self.assertEqual(call.record_ref, kept)

    def test_number_that_was_dialled_alone_is_again_whose_it_is(self):
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.anna).dial(NUMBER)
        call = self.call()
        self.assertEqual(call.partner_id, self.customer)
        self.say(call, self.contact("Somebody else"))
        self.as_user(call).forget_caller()
        self.assertEqual(call.partner_id, self.customer)

    def test_what_was_said_at_another_call_is_not_undone(self):
        self.say(self.inbound("Ringing", caller=OTHER), self.customer)
        other = self.inbound("Ringing", caller=OTHER)
        self.as_user(other).forget_caller()
        self.assertTrue(self.numbers.search([]))
        self.assertEqual(other.partner_id, self.customer)

    def test_who_was_said_by_mistake_is_forgotten(self):
        """The second word corrects the first, and the way back leads before both."""
        call = self.inbound("Ringing", caller=OTHER)
        self.say(call, self.contact("Wrong"))
        self.say(call, self.customer)
        self.assertEqual(self.numbers.search([]).record_ref, self.customer)
        self.as_user(call).forget_caller()
        self.assertFalse(self.numbers.search([]))
        self.assertFalse(call.partner_id or call.record_ref)

    def test_colleague_at_the_same_company_was_meant(self):
        """It is a correction, not a switchboard."""
        people = [self.contact(n, parent_id=self.company.id) for n in "AB"]
        call = self.inbound("Ringing", caller=OTHER)
        self.say(call, people[0])
        self.assertEqual(self.say(call, people[1])["name"], "B")
        self.assertEqual(self.numbers.search([]).record_ref, people[1])

    def test_who_said_it_is_offered_the_way_back(self):
        call = self.inbound("Ringing", caller=OTHER, desks=("101", "102"))
        self.assertFalse(self.payload(call)["told"])
        self.say(call, self.customer)
        told = {"name": "Priya Raman", "is_remembered": True}
        self.assertEqual(self.payload(call)["told"], told)
        self.assertFalse(self.payload(call, self.ben)["told"])
        self.say(call, self.contact("Cy", phone=f"+61{OTHER[1:]}"), self.ben)
        self.assertFalse(self.payload(call)["told"])
        told = {"name": "Cy", "is_remembered": False}
        self.assertEqual(self.payload(call, self.ben)["told"], told)

    def new_record(self, call, model, user=None, **values):
        """A record as the card's form makes it; the form says who it is."""
        context = self.as_user(call, user).get_new_record_context(model)
        form = Form(
            self.env[model].with_user(user or self.anna).with_context(**context)
        )
        for name, value in values.items():
            form[name] = value
        record = form.save()
        return record, self.say(call, record)

    def test_new_contact_has_the_number(self):
        call = self.inbound("Ringing", caller=OTHER)
        contact, answer = self.new_record(call, "res.partner", name="Cy")
        self.assertEqual(contact.phone_sanitized, OTHER_E164)
        self.assertEqual(call.partner_id, contact)
        # the number stands on the contact
        self.assertFalse(answer["remembered_id"])

    def test_new_contact_of_an_anonymous_caller(self):
        call = self.inbound("Ringing", caller="anonymous")
        contact, _answer = self.new_record(call, "res.partner", name="Cy")
        self.assertFalse(contact.phone)
        self.assertEqual(call.partner_id, contact)

    def test_new_lead_of_an_anonymous_caller(self):
        call = self.inbound("Ringing", caller="anonymous")
        lead, _answer = self.new_record(call, "crm.lead")
        self.assertEqual(lead.name, "Call from withheld number")
        self.assertFalse(lead.phone)

    def test_new_lead(self):
        call = self.inbound("Ringing", caller=OTHER)
        lead, _answer = self.new_record(call, "crm.lead")
        self.assertEqual((lead.type, lead.phone_sanitized), ("lead", OTHER_E164))
        self.assertEqual(lead.name, "Call from 0491 578 888")
        self.assertEqual(call.record_ref, lead)

    def test_new_lead_of_a_known_customer_leaves_his_number(self):
        call = self.inbound("Ringing", caller=OTHER)
        self.say(call, self.customer)
        lead, _answer = self.new_record(call, "crm.lead", name="Battery")
        self.assertEqual(call.record_ref, lead)
        self.assertEqual(lead.partner_id, self.customer)
        self.assertEqual(self.customer.phone_sanitized, E164)

    def test_candidates_as_the_asking_user_sees_them(self):
        values = {"phone": "0491 578 888", "type": "lead", "contact_name": "Cy"}
        self.lead("Roof", user_id=self.ben.id, **values)
        call = self.inbound("Ringing", caller=OTHER, desks=("101", "102", "103"))
        groups = "noojee.group_user,sales_team.group_sale_salesman"
        carl = new_test_user(self.env, "noojee_carl", groups)
        self.desk_103.user_id = carl
        carls = self.inbound("Ringing", caller=OTHER, desks=("103",))
        self.assertEqual(self.as_user(carls, carl).get_candidates(), [])
        [found] = self.as_user(call, self.ben).get_candidates()
        self.assertEqual(found["reason"], "Your lead “Roof”")
        keys = {"model", "id", "name", "subtitle", "reason", "avatar", "partner_id"}
        self.assertEqual(set(found), keys)

    def test_calls_of_others_are_out_of_reach(self):
        call = self.inbound("Ringing", caller=OTHER)
        reach = self.as_user(call, self.ben)
        record = ("res.partner", self.customer.id)
        for method, *arguments in [
            ("get_candidates",),
            ("this_is_the_caller", *record),
            ("get_new_record_context", "res.partner"),
            ("forget_caller",),
        ]:
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(reach, method)(*arguments)

    def test_supervisor_says_it_for_his_team(self):
        groups = "noojee.group_supervisor,sales_team.group_sale_salesman_all_leads"
        chloe = new_test_user(self.env, "noojee_chloe", groups)
        self.env["crm.team"].create(
            {"name": "Field", "user_id": chloe.id, "member_ids": self.anna.ids}
        )
        call = self.inbound("Ringing", caller=OTHER)
        self.assertTrue(self.say(call, self.customer, chloe)["remembered_id"])

    def test_record_that_may_not_be_read_or_is_none(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.customer.company_id = other
        call = self.inbound("Ringing", caller=OTHER)
        with self.assertRaises(AccessError):
            self.say(call, self.customer)
        with self.assertRaises(UserError):
            self.as_user(call).this_is_the_caller("res.users", self.anna.id)
        gone = self.contact("Gone")
        gone.unlink()
        with self.assertRaisesRegex(UserError, "deleted"):
            self.say(call, gone)


@tagged("post_install", "-at_install", "noojee")
class TestRememberedNumber(RememberedCommon):
    """What is remembered, and what becomes of it."""

    def remember(self, record, number=OTHER_E164):
        return self.numbers.create(
            {
                "number": number,
                "record_ref": f"{record._name},{record.id}",
                "company_id": self.pbx.company_id.id,
                "user_id": self.anna.id,
            }
        )

    def test_listed_on_the_record_as_people_write_it(self):
        for number in (OTHER_E164, "+493023125100"):
            self.remember(self.customer, number)
        shown = self.as_user(self.customer).noojee_number_ids
        self.assertEqual(
            set(shown.mapped("local_number")), {"0491 578 888", "+49 30 23125100"}
        )
        self.assertFalse(self.as_user(self.company).noojee_number_ids)

    def test_listed_on_the_forms_of_whoever_calls(self):
        for model, is_listed in (
            ("res.partner", True),
            ("crm.lead", True),
            ("sale.order", False),
        ):
            with self.subTest(model):
                view = self.env[model].with_user(self.anna).get_view(view_type="form")
                listed = 'name="noojee_number_ids"' in view["arch"]
                self.assertEqual(listed, is_listed)

    def test_removed_on_the_record(self):
        number = self.remember(self.customer)
        self.as_user(number, self.ben).forget()
        self.assertFalse(self.numbers.search([]))

    def test_seen_with_the_record_alone(self):
        number = self.remember(self.customer)
        seen = self.as_user(self.numbers).search([])
        self.assertEqual(seen, number)
        other = self.env["res.company"].create({"name": "Other company"})
        self.customer.company_id = other
        self.assertFalse(self.as_user(self.numbers).search([]))
        with self.assertRaises(AccessError):
            self.as_user(number).read(["number"])
        with self.assertRaises(AccessError):
            self.as_user(number).forget()

    def test_nobody_writes_them_by_hand(self):
        number = self.as_user(self.remember(self.customer))
        for action in (
            lambda: number.write({"number": "+61400000000"}),
            number.unlink,
            lambda: self.numbers.with_user(self.anna).create(
                {"number": "+61400000000"}
            ),
        ):
            with self.assertRaises(AccessError):
                action()

    def test_goes_with_its_record(self):
        self.remember(self.company)
        lead = self.lead("Roof")
        self.remember(lead)
        lead.unlink()
        self.company.unlink()
        self.assertFalse(self.numbers.search([]))

    def test_follows_contacts_that_become_one(self):
        twin = self.contact("Priya R.")
        self.remember(twin)
        self.remember(twin, "+61491578889")
        self.remember(self.customer, "+61491578889")
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((twin | self.customer).ids, self.customer)
        numbers = self.numbers.search([])
        self.assertEqual(numbers.mapped("record_ref"), [self.customer] * 2)
        self.assertEqual(sorted(numbers.mapped("number")), [OTHER_E164, "+61491578889"])

    def test_follows_leads_that_become_one(self):
        leads = self.lead("Roof") | self.lead("Roof again")
        for lead in leads:
            self.remember(lead)
        kept = leads.merge_opportunity()
        self.assertEqual(self.numbers.search([]).record_ref, kept)

    def test_remembered_once(self):
        self.remember(self.customer)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.remember(self.customer)
            self.env.flush_all()
