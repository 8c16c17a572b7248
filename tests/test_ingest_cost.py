from odoo.tests import new_test_user, tagged

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
