from unittest.mock import patch

from odoo.tests import tagged, users, warmup

from .match_common import E164, MatchCommon

# so many rows are no small table that PostgreSQL would rather read whole
MANY = 20_000


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
                probes = [
                    plan
                    for (_mode, query), plan in plans.items()
                    if query.startswith("EXECUTE")
                ]
                self.assertEqual(len(probes), 2)
                for probe in probes:
                    self.assertIn("res_partner__phone_sanitized_index", probe)
                    self.assertIn("crm_lead__phone_sanitized_index", probe)
                    self.assertIn("noojee_number_number_unique", probe)
                for plan in plans.values():
                    for table in ("res_partner", "crm_lead", "noojee_number"):
                        self.assertNotRegex(plan, f"Seq Scan on {table}")
        self.assertGreater(len(self.match("+61410000008")), 1)

    def plans(self, action):
        """How PostgreSQL carries out what an action asks, by mode and query."""
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
        # what is prepared may be planned for its values, or for any
        for mode in ("force_custom_plan", "force_generic_plan"):
            cr._obj.execute(f"SET LOCAL plan_cache_mode = {mode}")
            for query in queries:
                if query.lstrip("(").startswith(("SELECT", "EXECUTE")):
                    cr._obj.execute(f"EXPLAIN {query}".replace("%", "%%"))
                    plan = "\n".join(row[0] for row in cr._obj.fetchall())
                    plans[mode, query] = plan
        return plans
