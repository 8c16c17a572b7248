from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tests import tagged

from .call_common import CallCommon


@tagged("post_install", "-at_install", "noojee")
class TestStats(CallCommon):
    def test_attempts_last_and_first_call(self):
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "partner_id": self.customer.id, "user_id": self.anna.id}
        )
        created = lead.create_date
        missed = self.missed()
        unlifted = self.events(
            9,
            ("101", "Ringing", {"isClickToDialCall": True, "inbound": False}),
            ("101", "Hungup", {"isClickToDialCall": True, "inbound": False}),
        )
        tried, reached = self.outbound("Dialing Out", "Hungup"), self.talked()
        calls = missed + unlifted + tried + reached
        calls.write({"record_ref": f"crm.lead,{lead.id}", "partner_id": self.customer})
        for hours, call in enumerate(calls, start=1):
            call.started_at = created + timedelta(hours=hours)
        own = lead.with_user(self.anna)
        self.assertEqual(own.noojee_call_count, 4)
        self.assertEqual(own.noojee_attempt_count, 2)
        self.assertEqual(own.noojee_last_call_at, created + timedelta(hours=4))
        self.assertEqual(own.noojee_first_call_at, created + timedelta(hours=3))
        self.assertAlmostEqual(own.noojee_hours_to_first_call, 3)

    def test_answered_call_is_the_first_one(self):
        call = self.inbound("Ringing", "Connected", "Hungup")
        call.answered_at = self.customer.create_date + timedelta(hours=2)
        own = self.customer.with_user(self.anna)
        self.assertEqual(own.noojee_attempt_count, 0)
        self.assertAlmostEqual(own.noojee_hours_to_first_call, 2)

    def test_never_called(self):
        own = self.customer.with_user(self.anna)
        self.assertFalse(own.noojee_last_call_at)
        self.assertFalse(own.noojee_first_call_at)
        self.assertEqual((own.noojee_call_count, own.noojee_attempt_count), (0, 0))

    def test_company_shows_its_contacts_calls(self):
        company, other = self.env["res.partner"].create(
            [{"name": "Raman & Sons", "is_company": True}, {"name": "Somebody"}]
        )
        self.talked()
        self.customer.parent_id = company
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.talked().with_user(self.anna).this_is_the_caller("sale.order", order.id)
        counts = [
            record.with_user(self.anna).noojee_call_count
            for record in (company, self.customer, order, other)
        ]
        self.assertEqual(counts, [2, 2, 1, 0])
        action = company.with_user(self.anna).action_noojee_calls()
        self.assertEqual(self.env["noojee.call"].search_count(action["domain"]), 2)

    def test_users_count_what_they_may_see(self):
        self.talked(desk="102")
        self.assertEqual(self.customer.with_user(self.anna).noojee_call_count, 0)
        self.assertEqual(self.customer.with_user(self.ben).noojee_call_count, 1)

    def test_forms_show_them(self):
        for model in ("res.partner", "crm.lead"):
            arch = self.env[model].with_user(self.anna).get_view(view_type="form")
            names = etree.fromstring(arch["arch"]).xpath("//field/@name")
            for name in ("noojee_attempt_count", "noojee_hours_to_first_call"):
                with self.subTest(model, name=name):
                    self.assertIn(name, names)

    def test_eighty_calls_cost_two_queries(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.anna.id}
        )
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "partner_id": self.customer.id, "user_id": self.anna.id}
        )
        now = fields.Datetime.now()
        for record in (self.customer, order, lead):
            self.env["noojee.call"].create(
                [
                    {
                        "pbx_id": self.pbx.id,
                        "company_id": self.pbx.company_id.id,
                        "direction": "outbound" if number % 3 else "inbound",
                        "state": "ended",
                        "outcome": "answered" if number % 2 else "cancelled",
                        "has_rung": True,
                        "number_e164": "+61370109876",
                        "user_id": self.anna.id,
                        "partner_id": self.customer.id,
                        "record_ref": f"{record._name},{record.id}",
                        "started_at": now - timedelta(hours=number),
                        "answered_at": number % 2 and now - timedelta(hours=number),
                    }
                    for number in range(80)
                ]
            )
        for record in (self.customer, order, lead):
            with self.subTest(record._name):
                own = record.with_user(self.anna)
                arch = own.get_view(view_type="form")["arch"]
                names = set(
                    etree.fromstring(arch).xpath("//field[not(ancestor::field)]/@name")
                )
                ours = {name for name in names if name.startswith("noojee_")}
                # what is remembered for it is no figure
                ours.discard("noojee_number_ids")
                self.assertTrue(ours)
                without = self.queries(own, names - ours)
                self.assertLessEqual(self.queries(own, names), without + 2)

    def queries(self, record, names):
        """How many queries reading a form takes, when the registry is warm."""
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            record.web_read({name: {} for name in names})
            taken = self.env.cr.sql_log_count - before
        return taken
