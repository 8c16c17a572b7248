from odoo.tests import HttpCase, tagged

from .call_common import CallCommon
from .common import API_KEY


@tagged("post_install", "-at_install", "noojee")
class TestTours(HttpCase, CallCommon):
    """What a person clicks where nothing has to come over the bus."""

    def test_administrator_sets_up_a_pbx(self):
        self.start_tour(
            "/odoo",
            "noojee_set_up_tour",
            login="admin",
            cookies={"noojee_url": self.simulator.url, "noojee_key": API_KEY},
        )
        pbx = self.env["noojee.pbx"].search([("name", "=", "Head office")])
        self.assertEqual(pbx.base_url, self.simulator.url)
        self.assertTrue(pbx.recording_base)
        self.assertEqual(pbx.extension_ids.mapped("number"), ["201"])

    def test_administrator_says_when_to_call(self):
        self.start_tour("/odoo", "noojee_calling_hours_tour", login="admin")
        hours = self.env["noojee.calling.hours"].search([("name", "=", "Mornings")])
        line = hours.line_ids
        self.assertEqual((line.hour_from, line.hour_to), (9.0, 12.5))

    def test_salesperson_gives_a_result_later(self):
        self.missed()
        call = self.talked()
        self.start_tour(
            f"/odoo/res.partner/{self.customer.id}",
            "noojee_calls_tour",
            login=self.anna.login,
        )
        self.assertEqual(call.result_id, self.result("left_message"))
        self.assertEqual(call.note, "Wants <b>12 kW</b>")
        [line] = self.lines(self.customer).filtered(lambda m: "12 kW" in m.body)
        self.assertIn("&lt;b&gt;12 kW", line.body)
