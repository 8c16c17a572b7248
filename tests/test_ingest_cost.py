from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

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

    def ingest(self, serial, status, desks, caller):
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

    def assert_no_growth(self, statuses, caller, each=0):
        """:param int each: queries that each call that begins may cost"""
        # what Odoo keeps of each user, between the transactions
        for status in statuses:
            self.ingest(1412750000, status, self.desks, caller)
        for status in statuses:
            few = self.queries(1412750001, status, self.desks[:FEW], caller)
            many = self.queries(1412750002, status, self.desks, caller)
            more = each * (MANY - FEW) if status == "Ringing" else 0
            self.assertLessEqual(many - more, few, status)

    def test_calls_of_customers(self):
        # whether a record is there that a call refers to, Odoo asks for each
        self.assert_no_growth(STATUSES, "037010 0{desk}", each=1)
        customers = self.env["res.partner"].search([("name", "=like", "Customer 2__")])
        calls = self.env["noojee.call"].search([("partner_id", "in", customers.ids)])
        self.assertEqual(len(calls), 2 * MANY + FEW)

    def test_calls_of_strangers(self):
        self.assert_no_growth(STATUSES, "037010 9{desk}")

    def test_missed_calls_of_strangers(self):
        self.assert_no_growth(("Ringing", "Hungup"), "037010 8{desk}")
        entries = self.env["noojee.missed.call"].search(
            [("number", "like", "+61370108")]
        )
        self.assertEqual(
            sorted(entries.mapped("count")), [2] * (MANY - FEW) + [3] * FEW
        )

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
