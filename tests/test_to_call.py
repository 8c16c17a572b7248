from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .call_common import CallCommon


@tagged("post_install", "-at_install", "noojee")
class TestToCall(CallCommon):
    def schedule(self, record, days=0, user=None, kind="call"):
        user = user or self.anna
        return record.activity_schedule(
            f"mail.mail_activity_data_{kind}",
            date_deadline=self.today(user) + timedelta(days=days),
            user_id=user.id,
        )

    def to_call(self, user=None):
        calls = self.env["noojee.call"].with_user(user or self.anna)
        return calls.get_to_call()["entries"]

    def add(self, records, user=None):
        """As the Action menu does it."""
        action = self.env.ref("noojee.action_add_to_my_calls")
        return (
            action.with_user(user or self.anna)
            .with_context(
                active_model=records._name,
                active_id=records.ids[0],
                active_ids=records.ids,
            )
            .run()
        )

    def test_due_call_activities_of_the_user(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "12 kW roof",
                "contact_name": "Li Wei",
                "phone": "0491 570 156",
                "user_id": self.anna.id,
            }
        )
        today = self.schedule(self.customer)
        overdue = self.schedule(lead, days=-3)
        self.schedule(self.customer, days=1)
        self.schedule(self.customer, kind="todo")
        self.schedule(self.customer, user=self.ben)
        done = self.schedule(self.customer)
        done.action_feedback()
        call = self.talked()
        call.record_ref = lead
        self.assertEqual(
            self.to_call(),
            [
                {
                    "activity_id": overdue.id,
                    "model": "crm.lead",
                    "id": lead.id,
                    "name": "Li Wei",
                    "subtitle": "12 kW roof",
                    "number": "0491 570 156",
                    "due": "overdue",
                    "summary": "Call",
                    "attempts": 1,
                    "opens": "",
                },
                {
                    "activity_id": today.id,
                    "model": "res.partner",
                    "id": self.customer.id,
                    "name": "Priya Raman",
                    "subtitle": "",
                    "number": "(03) 7010 9876",
                    "due": "today",
                    "summary": "Call",
                    "attempts": 1,
                    "opens": "",
                },
            ],
        )
        state = self.env["noojee.call"].with_user(self.anna).get_phone_state()
        self.assertEqual((len(state["to_call"]), state["to_call_count"]), (2, 2))

    def test_day_begins_by_the_users_clock(self):
        # morning of the 14th in Melbourne, where the PBX stands; the 13th in London
        with freeze_time("2026-01-13 20:00:00"):
            activity = self.schedule(self.customer)
            activity.date_deadline = "2026-01-14"
            calls = self.env["noojee.call"].with_user(self.anna)
            [entry] = calls.get_to_call()["entries"]
            self.assertEqual(entry["due"], "today")
            self.anna.tz = "Europe/London"
            self.assertFalse(calls.get_to_call()["entries"])
            calls.add_to_my_calls("res.partner", self.ben.partner_id.ids)
            added = self.ben.partner_id.activity_ids
            self.assertEqual(str(added.date_deadline), "2026-01-13")

    def test_record_without_a_number_or_gone_or_hidden(self):
        nobody = self.env["res.partner"].create({"name": "No number"})
        self.schedule(nobody)
        hidden = self.env["res.partner"].create({"name": "Secret"})
        self.schedule(hidden)
        self.env["ir.rule"].create(
            {
                "name": "hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", hidden.id)],
            }
        )
        [row] = self.to_call()
        self.assertEqual((row["name"], row["number"]), ("No number", ""))
        calls = self.env["noojee.call"].with_user(self.anna)
        self.assertEqual(calls.get_to_call()["count"], 1)

    def test_foreign_numbers_are_written_as_they_will_be_read(self):
        self.customer.country_id = self.env.ref("base.de")
        self.customer.phone = "030 901820"
        self.schedule(self.customer)
        self.assertEqual(self.to_call()[0]["number"], "+49 30 901820")

    def test_list_is_short(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(45)]
        )
        self.add(partners)
        self.assertEqual(len(self.to_call()), 40)
        calls = self.env["noojee.call"].with_user(self.anna)
        self.assertEqual(calls.get_to_call()["count"], 45)
        state = self.env["noojee.call"].with_user(self.anna).get_phone_state()
        self.assertEqual(state["to_call_count"], 45)

    # === ADD TO MY CALLS === #

    def test_in_the_action_menu_of_whatever_can_be_called(self):
        for model in ("res.partner", "crm.lead", "sale.order"):
            for view_type in ("list", "form"):
                with self.subTest(model, view_type=view_type):
                    self.assertIn("Add to my calls", self.menu(model, view_type))
        self.assertNotIn("Add to my calls", self.menu("res.country", "list"))
        plain = new_test_user(self.env, "noojee_none", "base.group_user")
        self.assertNotIn("Add to my calls", self.menu("res.partner", "list", plain))

    def menu(self, model, view_type, user=None):
        views = (
            self.env[model]
            .with_user(user or self.anna)
            .get_views([(False, view_type)], {"toolbar": True})
        )
        toolbar = views["views"][view_type].get("toolbar", {})
        return [action["name"] for action in toolbar.get("action", [])]

    def test_adding_twice_changes_nothing(self):
        other = self.env["res.partner"].create({"name": "Marek Kowal"})
        action = self.add(self.customer)
        self.assertIn("1 added", action["params"]["message"])
        action = self.add(self.customer + other)
        self.assertIn("1 added", action["params"]["message"])
        self.assertIn("1 were on your list", action["params"]["message"])
        self.assertEqual(len(self.to_call()), 2)
        action = self.add(self.customer + other)
        self.assertIn("Nothing added", action["params"]["message"])
        self.assertEqual(len(self.to_call()), 2)
        self.assertEqual(self.customer.activity_ids.user_id, self.anna)

    def test_added_by_others_is_theirs(self):
        self.add(self.customer, self.ben)
        self.assertFalse(self.to_call())
        self.add(self.customer)
        self.assertEqual(len(self.to_call()), 1)

    def test_only_what_can_be_called_and_read(self):
        calls = self.env["noojee.call"].with_user(self.anna)
        for model in ("res.country", "noojee.pbx", "no.such.model", None):
            with self.subTest(model), self.assertRaises(UserError):
                calls.add_to_my_calls(model, [1])
        plain = new_test_user(self.env, "noojee_none", "base.group_user")
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_actions"),
        ):
            self.add(self.customer, plain)

    # === BUS === #

    def heard(self, user=None):
        messages = self.bus_messages(user or self.anna, "noojee.phone/to_call")
        found = len(messages)
        messages.unlink()
        return found

    def test_browsers_hear_of_each_change(self):
        self.assertFalse(self.heard())
        activity = self.schedule(self.customer)
        self.assertEqual(self.heard(), 1)
        activity.date_deadline += timedelta(days=9)
        self.assertEqual(self.heard(), 1)
        activity.note = "later, then"
        activity.summary = "Not due"
        self.assertFalse(self.heard())
        activity.date_deadline -= timedelta(days=9)
        activity.user_id = self.ben
        self.assertTrue(self.heard())
        self.assertTrue(self.heard(self.ben))
        activity.with_user(self.ben).action_feedback()
        self.assertTrue(self.heard(self.ben))
        self.schedule(self.customer).unlink()
        self.assertEqual(self.heard(), 2)

    def test_other_activities_are_not_told(self):
        self.schedule(self.customer, kind="todo")
        self.assertFalse(self.heard())

    # === COST === #

    def list_of(self, size):
        """A list of as many leads and orders, each of another customer."""
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number}",
                    "phone": f"+61 491 570 {100 + number}",
                    "parent_id": number % 2 and self.customer.id,
                }
                for number in range(size)
            ]
        )
        leads = self.env["crm.lead"].create(
            [
                {"name": partner.name, "partner_id": partner.id, "user_id": None}
                for partner in customers[: size // 2]
            ]
        )
        orders = self.env["sale.order"].create(
            [{"partner_id": partner.id} for partner in customers[size // 2 :]]
        )
        for record in (*leads, *orders):
            self.schedule(record)

    def queries(self, ask):
        """How many queries it takes when the registry is warm."""
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            ask()
            taken = self.env.cr.sql_log_count - before
        return taken

    def test_long_list_costs_no_more_queries_than_a_short_one(self):
        self.list_of(4)
        short = self.queries(self.to_call)
        self.list_of(24)
        self.assertLessEqual(self.queries(self.to_call), short)
