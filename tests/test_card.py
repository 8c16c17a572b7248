import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .call_common import CallCommon


@tagged("post_install", "-at_install", "noojee")
class TestCard(CallCommon):
    """What a card tells about the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.partner"].create(
            {"name": "Coastal Solar Pty Ltd", "is_company": True}
        )
        cls.roof = cls.env["product.product"].create(
            {"name": "12 kW roof", "invoice_policy": "order"}
        )
        cls.customer.write({"parent_id": cls.company.id, "user_id": cls.ben.id})

    def card(self, call=None, user=None):
        return self.payload(call or self.inbound("Ringing"), user)["card"]

    def order(self, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.anna.id,
                "order_line": [
                    fields.Command.create(
                        {
                            "product_id": self.roof.id,
                            "price_unit": 4200,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )

    def lead(self, **values):
        return self.env["crm.lead"].create(
            {
                "name": "12 kW roof",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.anna.id,
                **values,
            }
        )

    def test_nothing_to_tell(self):
        self.assertEqual(
            self.card(),
            {
                "owner": "Ben Osei",
                "is_owner_me": False,
                "last_call": False,
                "next_activity": False,
                "open": [],
            },
        )

    def test_owner_is_oneself(self):
        call = self.inbound("Ringing", desks=("102",))
        self.assertTrue(self.card(call, self.ben)["is_owner_me"])

    def test_no_card_without_customer(self):
        self.assertFalse(self.card(self.inbound("Ringing", caller="0491570999")))
        self.assertFalse(self.card(self.inbound("Ringing", caller="102")))

    def test_withheld_number(self):
        for caller in ("anonymous", "Unknown", ""):
            payload = self.payload(self.inbound("Ringing", caller=caller))
            self.assertEqual((payload["number"], payload["dial_number"]), ("", ""))
            self.assertEqual(payload["candidates"], [])

    def test_no_card_when_all_is_over(self):
        self.assertTrue(self.card(self.inbound("Ringing", "Connected")))
        self.assertFalse(self.card(self.inbound("Ringing", "Connected", "Hungup")))

    def test_call_typed_on_the_handset(self):
        self.assertTrue(self.card(self.outbound("Dialing Out")))

    def test_last_call_is_anybodys(self):
        earlier = self.talked(desk="102")
        earlier.write({"started_at": fields.Datetime.now() - timedelta(days=3)})
        earlier.with_user(self.ben).wrap_up(
            self.result("reached").id, "Wants the 12 kW roof"
        )
        self.assertEqual(
            self.card()["last_call"],
            {
                "at": f"{earlier.started_at.isoformat(timespec='seconds')}Z",
                "words": self.result("reached").name,
                "note": "Wants the 12 kW roof",
            },
        )

    def noted(self, note, days, **values):
        """A call of Ben's, some days ago."""
        call = self.talked(desk="102")
        call.write(
            {
                "note": note,
                "started_at": fields.Datetime.now() - timedelta(days=days),
                **values,
            }
        )
        self.env.flush_all()
        return call

    def told(self, user):
        """The last call as the browser was told of it when it rang."""
        self.inbound("Ringing", desks=("101", "102"))
        message = self.bus_messages(user, "noojee.call/updated").sorted("id")[-1]
        return json.loads(message.message)["payload"]["card"]["last_call"]

    def test_last_call_is_none_that_never_left(self):
        """A PBX that was away does not hide what was talked of."""
        self.talked(desk="102")
        last = self.card()["last_call"]
        self.assertTrue(last)
        self.simulator.faults({"kind": "refused", "method": "dial"})
        with self.assertRaisesRegex(UserError, "."):
            self.action_call(self.customer)
        self.assertEqual(self.call().state, "ended")
        self.assertEqual(self.told(self.anna), last)
        self.assertEqual(self.card()["last_call"], last)

    def test_last_call_of_another_company_is_not_told(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.noted("Wants the 12 kW roof", 3)
        self.noted("Owes us money", 1, company_id=other.id)
        self.assertEqual(self.told(self.anna)["note"], "Wants the 12 kW roof")
        self.ben.company_ids |= other
        self.assertEqual(self.told(self.ben)["note"], "Owes us money")
        self.assertEqual(self.card()["last_call"]["note"], "Wants the 12 kW roof")

    def test_note_about_what_the_user_may_not_read_is_not_told(self):
        self.anna.group_ids = [
            fields.Command.unlink(
                self.env.ref("sales_team.group_sale_salesman_all_leads").id
            ),
            fields.Command.link(self.env.ref("sales_team.group_sale_salesman").id),
        ]
        lead = self.lead(user_id=self.ben.id)
        self.noted("Asks for a discount", 1, record_ref=f"crm.lead,{lead.id}")
        for last_call in (self.told(self.anna), self.card()["last_call"]):
            self.assertEqual(last_call["note"], "")
            self.assertTrue(last_call["words"])
        lead.user_id = self.anna
        self.assertEqual(self.told(self.anna)["note"], "Asks for a discount")

    def test_last_call_with_another_of_the_company(self):
        colleague = self.env["res.partner"].create(
            {"name": "Marek", "parent_id": self.company.id, "phone": "0491 578 156"}
        )
        self.missed(caller=colleague.phone_sanitized)
        self.assertEqual(self.card()["last_call"]["words"], "Missed")

    def test_next_activity_of_record_or_contact(self):
        today = self.today()
        for days, summary in [(5, "Later"), (1, "Send offer")]:
            self.customer.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=today + timedelta(days=days),
                summary=summary,
                user_id=self.anna.id,
            )
        self.assertEqual(
            self.card()["next_activity"],
            {"summary": "Send offer", "days": 1},
        )

    def test_days_to_the_next_activity_by_the_users_clock(self):
        """As the list *To call* counts them, whoever is to do it and wherever."""
        self.ben.tz = "Pacific/Kiritimati"
        self.customer.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=fields.Date.to_date("2026-11-23"),
            user_id=self.ben.id,
        )
        # the 24th in Kiritimati, the 22nd far behind
        with freeze_time("2026-11-23 11:00:00"):
            for zone, days in (("Pacific/Kiritimati", -1), ("Etc/GMT+12", 1)):
                self.anna.tz = zone
                self.assertEqual(self.card()["next_activity"]["days"], days)

    def test_open_records(self):
        order = self.order()
        self.order(state="cancel")
        lead = self.lead(probability=60)
        self.lead(stage_id=self.env.ref("crm.stage_lead4").id)
        currency = order.currency_id
        amount = currency.format(4200)
        call = self.inbound("Ringing")
        self.assertEqual(
            self.card(call)["open"],
            [
                {
                    "model": "sale.order",
                    "id": order.id,
                    "name": f"Quotation {order.name} · {amount}",
                },
                {
                    "model": "crm.lead",
                    "id": lead.id,
                    "name": "12 kW roof · 60%",
                },
            ],
        )

    def test_confirmed_order_until_it_is_invoiced(self):
        order = self.order()
        order.action_confirm()
        self.assertIn(f"Order {order.name}", self.card()["open"][0]["name"])

    def test_few_of_each(self):
        for _index in range(5):
            self.order()
            self.lead()
        models = [row["model"] for row in self.card()["open"]]
        self.assertEqual(models, ["sale.order"] * 3 + ["crm.lead"] * 3)

    def test_rights_are_respected(self):
        self.order()
        self.lead()
        plain = new_test_user(self.env, "noojee_plain", "noojee.group_user")
        self.desk_103.user_id = plain
        call = self.inbound("Ringing", desks=("103",))
        self.assertEqual(self.card(call, plain)["open"], [])

    def test_lead_of_nobody_known(self):
        lead = self.lead(partner_id=False, phone="0491 578 158", name="Shed")
        card = self.card(self.inbound("Ringing", caller="0491578158"))
        self.assertEqual([row["id"] for row in card["open"]], [lead.id])
        self.assertTrue(card["is_owner_me"])

    def test_queries(self):
        """A card costs the same however much is known of the customer."""
        call = self.inbound("Ringing")

        def fill(count):
            for _index in range(count):
                self.order()
                self.lead()
                self.talked()

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.card(call)
            return self.env.cr.sql_log_count - before

        fill(3)
        queries()
        few = queries()
        fill(9)
        self.assertEqual(queries(), few)
