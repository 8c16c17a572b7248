from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.noojee.client import CallEvent

from .common import NoojeeCommon

FEW, MANY = 3, 12
STATUSES = ("Ringing", "Connected", "Hungup")


@tagged("post_install", "-at_install", "noojee")
class TestIngestCost(NoojeeCommon):
    """What a batch of events costs does not grow with the events in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desks = [str(200 + n) for n in range(MANY)]
        users = [new_test_user(cls.env, f"agent_{desk}") for desk in cls.desks]
        cls.env["noojee.extension"].create(
            [
                {"pbx_id": cls.pbx.id, "number": desk, "user_id": user.id}
                for desk, user in zip(cls.desks, users, strict=True)
            ]
        )
        for user in users:
            user.group_ids |= cls.env.ref("noojee.group_user")
        cls.env["res.partner"].create(
            [
                {"name": f"Customer {desk}", "phone": f"+61 3 7010 0{desk}"}
                for desk in cls.desks
            ]
        )

    def ingest(self, serial, statuses, desks, caller):
        events = [
            CallEvent.from_wire(
                desk,
                {
                    "status": status,
                    "callerId": caller.format(desk=desk),
                    "uniqueCallId": f"{serial}.{desk}",
                    "inbound": True,
                },
                self.pbx.tz,
            )
            for status in statuses.split()
            for desk in desks
        ]
        calls = self.env["noojee.call"]._ingest(self.pbx, events)
        self.env.flush_all()
        self.assertEqual(len(calls), len(desks))
        return calls

    def queries(self, serial, status, desks, caller):
        # as in a transaction of its own
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.ingest(serial, status, desks, caller)
        return self.env.cr.sql_log_count - before

    def assert_no_growth(self, statuses, caller):
        # what Odoo keeps of each user, between the transactions
        for status in statuses:
            self.ingest(1412750000, status, self.desks, caller)
        few = self.all_queries(1412750001, statuses, self.desks[:FEW], caller)
        # what a second's turn falls into is written in two parts
        many = map(
            min,
            self.all_queries(1412750002, statuses, self.desks, caller),
            self.all_queries(1412750003, statuses, self.desks, caller),
        )
        for status, few_of_it, many_of_it in zip(statuses, few, many, strict=True):
            self.assertLessEqual(many_of_it, few_of_it, status)

    def all_queries(self, serial, statuses, desks, caller):
        return [self.queries(serial, status, desks, caller) for status in statuses]

    def test_calls_of_customers(self):
        self.assert_no_growth(STATUSES, "037010 0{desk}")
        customers = self.env["res.partner"].search([("name", "=like", "Customer 2__")])
        calls = self.env["noojee.call"].search([("partner_id", "in", customers.ids)])
        self.assertEqual(len(calls), 3 * MANY + FEW)

    def test_calls_that_are_answered_before_they_are_taken_in(self):
        self.assert_no_growth(("Ringing Connected", "Hungup"), "037010 0{desk}")

    def test_calls_of_customers_with_owners(self):
        customers = self.env["res.partner"].search([("name", "=like", "Customer 2__")])
        for customer in customers:
            customer.user_id = new_test_user(self.env, f"owner_{customer.id}")
        self.assert_no_growth(STATUSES, "037010 0{desk}")

    def test_calls_of_leads_without_a_contact(self):
        sales = self.env.ref("sales_team.group_sale_salesman_all_leads")
        sales.user_ids |= self.pbx.extension_ids.user_id
        self.env["crm.lead"].create(
            [
                {"name": f"Roof {desk}", "phone": f"+61 3 7010 7{desk}"}
                for desk in self.desks
            ]
        )
        self.assert_no_growth(STATUSES, "037010 7{desk}")
        calls = self.env["noojee.call"].search([("record_ref", "!=", False)])
        leads = [call.record_ref.name for call in calls if not call.partner_id]
        self.assertEqual(sorted(set(leads)), [f"Roof {desk}" for desk in self.desks])

    def test_calls_between_desks(self):
        self.assert_no_growth(STATUSES, "101")

    def test_calls_of_strangers(self):
        self.assert_no_growth(STATUSES, "037010 9{desk}")

    def test_missed_calls_of_strangers(self):
        self.assert_no_growth(("Ringing", "Hungup"), "037010 8{desk}")
        entries = self.env["noojee.missed.call"].search(
            [("number", "like", "+61370108")]
        )
        self.assertEqual(
            sorted(entries.mapped("count")), [3] * (MANY - FEW) + [4] * FEW
        )

    def test_first_call_of_a_user_waits_for_less_where_his_rights_are_known(self):
        self.registry.clear_cache()
        cold = self.queries(1412750001, "Ringing", self.desks, "037010 0{desk}")
        self.registry.clear_cache()
        warmed = [*self.env["noojee.call"]._warm_up_users(self.pbx)]
        self.assertLessEqual(set(self.desks), set(self.desks_of(warmed)))
        warm = self.queries(1412750002, "Ringing", self.desks, "037010 0{desk}")
        self.assertLess(warm, cold - 2 * MANY)

    def test_rights_are_known_again_after_odoo_has_emptied_its_caches(self):
        self.registry.clear_cache()
        cold = self.queries(1412750001, "Ringing", self.desks, "037010 0{desk}")
        warmed = []

        emptied = []

        def warm_up(calls, user):
            warm_up_user(calls, user)
            warmed.append(user.id)

        def are_warm_again():
            if not set(self.pbx.extension_ids.user_id.ids) <= set(warmed):
                return False
            if not emptied:
                emptied.append(self.registry.clear_cache())
                warmed.clear()
            return bool(warmed)

        calls = self.registry["noojee.call"]
        warm_up_user = calls._warm_up_user
        with patch.object(calls, "_warm_up_user", warm_up):
            self.listen_until(are_warm_again)
        warm = self.queries(1412750002, "Ringing", self.desks, "037010 0{desk}")
        self.assertLess(warm, cold - 2 * MANY)

    @mute_logger("odoo.addons.noojee.models.noojee_call_known")
    def test_user_whose_rights_cannot_be_worked_out_costs_the_others_nothing(self):
        self.env["ir.rule"].create(
            {
                "name": "Names after the underscore",
                "model_id": self.env.ref("base.model_res_partner").id,
                "groups": self.env.ref("noojee.group_user").ids,
                "domain_force": "[('name', '!=', user.login.split('_')[1])]",
            }
        )
        self.anna.login = "noojee.anna"
        warmed = [*self.env["noojee.call"]._warm_up_users(self.pbx)]
        self.assertLessEqual(set(self.desks), set(self.desks_of(warmed)))

    def desks_of(self, users):
        users = self.env["res.users"].union(*users)
        return users.noojee_extension_ids.mapped("number")

    # === HOWEVER MANY CALLS THERE WERE === #

    def test_calls_that_are_over_are_not_read(self):
        self.ingest(1412750000, "Ringing", self.desks, "037010 0{desk}")
        call = self.env["noojee.call"].search([], limit=1)
        # SQL: the ORM would take minutes
        self.env.cr.execute(
            """
            INSERT INTO noojee_call_channel (
                call_id, pbx_id, company_id, extension_number, direction, state,
                started_at, ended_at, unique_call_id, wire_call_id
            )
            SELECT %(call)s, %(pbx)s, %(company)s, '101', 'inbound', 'ended',
                   now() - interval '1 day' - n * interval '1 minute',
                   now() - interval '1 day' - n * interval '1 minute',
                   '14' || n || '.1', (n %% 1000)::text
              FROM generate_series(10000000, 10000000 + %(many)s) AS n;
            ANALYZE noojee_call_channel
            """,
            {
                "call": call.id,
                "pbx": self.pbx.id,
                "company": self.pbx.company_id.id,
                "many": 20_000,
            },
        )
        channels = self.registry["noojee.call.channel"]
        search, plans = channels.search, []

        def explain(model, domain, *args, **kwargs):
            query = model._search(domain).select()
            rows = model.env.execute_query(SQL("EXPLAIN %s", query))
            plans.append("\n".join(row[0] for row in rows))
            return search(model, domain, *args, **kwargs)

        self.patch(channels, "search", explain)
        for unique_id in ("1499999999.1", ""):
            with self.subTest(unique_id):
                plans.clear()
                data = {"status": "Ringing", "uniqueCallId": unique_id}
                row = {"CallData": data, "CallID": 7}
                event = CallEvent.from_wire("101", row, self.pbx.tz)
                self.env["noojee.call"]._ingest(self.pbx, [event])
                self.assertTrue(plans)
                for plan in plans:
                    self.assertNotIn("Seq Scan", plan)
