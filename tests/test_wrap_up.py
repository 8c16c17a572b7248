from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .call_common import E164, CallCommon


@tagged("post_install", "-at_install", "noojee")
class TestWrapUp(CallCommon):
    def wrap_up(self, call, result, note=None, user=None):
        call.with_user(user or self.anna).wrap_up(self.result(result).id, note)

    def warnings(self, user=None):
        return self.bus_messages(user or self.anna, "simple_notification")

    def create_result(self, **values):
        return self.env["noojee.call.result"].create({"name": "Moved on", **values})

    def test_results_offered_by_their_keys(self):
        results = (
            self.env["noojee.call"].with_user(self.anna).get_phone_state()["results"]
        )
        self.assertEqual(
            [(row["name"], row["action"], row["company_id"]) for row in results],
            [
                ("Reached", "none", False),
                ("No answer", "retry", False),
                ("Left message", "none", False),
                ("Call back", "activity", False),
                ("Wrong number", "wrong_number", False),
                ("Do not call", "blacklist", False),
            ],
        )

    def test_results_are_those_of_the_calls_company(self):
        """Whichever of his companies the user works in now."""
        company = self.env["res.company"].create({"name": "Another"})
        self.anna.company_ids = [(4, company.id)]
        own = self.create_result(name="Sold", company_id=self.env.company.id)
        others = self.create_result(name="Leased", company_id=company.id)
        calls = self.env["noojee.call"].with_user(self.anna)
        calls = calls.with_context(allowed_company_ids=company.ids)
        offered = {
            row["name"]: row["company_id"] for row in calls.get_phone_state()["results"]
        }
        self.assertEqual(offered["Sold"], self.env.company.id)
        self.assertEqual(offered["Leased"], company.id)
        self.assertFalse(offered["Reached"])
        call = calls.browse(self.talked().id)
        self.assertEqual(self.payload(call)["company_id"], self.env.company.id)
        with self.assertRaisesRegex(UserError, "another company"):
            call.wrap_up(others.id)
        call.wrap_up(own.id)
        self.assertEqual(call.sudo().result_id, own)

    def test_who_is_asked(self):
        cases = {
            "dialled": (self.talked(), True),
            "not answered": (self.outbound("Dialing Out", "Hungup"), True),
            "answered": (self.inbound("Ringing", "Connected", "Hungup"), True),
            "missed": (self.missed(), False),
            "running": (self.outbound("Dialing Out", "Connected"), False),
            "internal": (
                self.outbound("Dialing Out", "Connected", "Hungup", number="102"),
                False,
            ),
        }
        for name, (call, is_asked) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.payload(call)["needs_wrap_up"], is_asked)

    def test_queue_call_asks_who_answered(self):
        self.inbound("Ringing", desks=("101", "102"), unique_id=5)
        self.inbound("Connected", desks=("102",), unique_id=5)
        call = self.inbound("Hungup", desks=("101", "102"), unique_id=5)
        annas, bens = self.payload(call), self.payload(call, self.ben)
        self.assertEqual((annas["is_mine"], annas["needs_wrap_up"]), (False, False))
        self.assertEqual((bens["is_mine"], bens["needs_wrap_up"]), (True, True))

    def test_asked_no_more_after_ten_minutes(self):
        call = self.talked()
        call.channel_ids.ended_at -= timedelta(minutes=11)
        self.assertFalse(self.payload(call)["needs_wrap_up"])

    def test_skipped(self):
        call = self.talked()
        call.with_user(self.anna).skip_wrap_up()
        self.assertFalse(self.payload(call)["needs_wrap_up"])
        # he may say it later all the same
        self.wrap_up(call, "reached")
        self.assertEqual(self.payload(call)["result"]["name"], "Reached")

    def test_result_and_note_are_in_the_line(self):
        call = self.talked()
        line = self.lines(self.customer)
        self.wrap_up(call, "left_message", "Will call on Monday")
        self.assertEqual(self.lines(self.customer), line)
        self.assertIn("Result: Left message", line.body)
        self.assertIn("Note: Will call on Monday", line.body)
        payload = self.payload(call)
        self.assertEqual(payload["note"], "Will call on Monday")
        self.assertFalse(payload["needs_wrap_up"])

    def test_note_that_is_not_given_stays(self):
        call = self.talked()
        call.with_user(self.anna).set_note("First")
        self.wrap_up(call, "reached")
        self.assertEqual(call.note, "First")

    def test_call_back(self):
        call = self.talked()
        for _click in range(2):
            self.wrap_up(call, "call_back", "After <lunch>")
        activity = self.customer.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.anna)
        self.assertEqual(activity.activity_category, "phonecall")
        self.assertEqual(
            activity.date_deadline,
            self.today() + timedelta(days=1),
        )
        self.assertIn("After &lt;lunch&gt;", activity.note)

    def test_do_not_call(self):
        call = self.talked()
        self.wrap_up(call, "do_not_call")
        blacklisted = self.env["phone.blacklist"].search([("number", "=", E164)])
        self.assertEqual(len(blacklisted), 1)
        self.assertTrue(self.customer.phone_sanitized_blacklisted)
        self.assertFalse(self.warnings())

    def test_wrong_number(self):
        call = self.talked()
        self.wrap_up(call, "wrong_number")
        own = self.customer.with_user(self.anna)
        self.assertEqual(own.noojee_wrong_number, E164)
        self.assertTrue(own.noojee_is_wrong_number)
        self.assertIn("Wrong number", self.lines(self.customer).body)
        # the same number in another form is still wrong; another one is not
        own.phone = "+61 3 7010 9876"
        self.assertTrue(own.noojee_is_wrong_number)
        own.phone = "0491 570 156"
        self.assertFalse(own.noojee_is_wrong_number)

    def test_wrong_number_of_an_orders_customer(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        call = self.talked()
        call.with_user(self.anna).this_is_the_caller("sale.order", order.id)
        self.wrap_up(call, "wrong_number")
        self.assertTrue(self.customer.with_user(self.anna).noojee_is_wrong_number)
        self.assertIn("is a wrong number", self.customer.message_ids[0].body)

    def test_lead_stage(self):
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "partner_id": self.customer.id, "user_id": self.anna.id}
        )
        stage = self.env["crm.stage"].create({"name": "Talked to"})
        result = self.create_result(action="lead_stage", stage_id=stage.id)
        call = self.talked().with_user(self.anna)
        call.this_is_the_caller("crm.lead", lead.id)
        call.wrap_up(result.id)
        self.assertEqual(lead.stage_id, stage)

    def test_what_cannot_be_done_is_told_and_the_result_stays(self):
        stage = self.env["crm.stage"].create({"name": "Talked to"})
        result = self.create_result(action="lead_stage", stage_id=stage.id)
        call = self.talked()
        call.with_user(self.anna).wrap_up(result.id, "Nice talk")
        self.assertEqual((call.result_id, call.note), (result, "Nice talk"))
        self.assertIn("No lead was moved", self.warnings().message)
        self.assertIn("Nice talk", self.lines(self.customer).body)

    def test_without_a_record_nothing_can_be_scheduled(self):
        call = self.talked(number="0491570999")
        self.wrap_up(call, "call_back")
        self.assertEqual(call.result_id, self.result("call_back"))
        self.assertIn("Nothing was scheduled", self.warnings().message)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_without_rights_nothing_is_marked(self):
        self.env["ir.rule"].create(
            {
                "name": "nobody writes",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": [("id", "!=", self.customer.id)],
                "perm_read": False,
            }
        )
        call = self.talked()
        self.wrap_up(call, "wrong_number")
        self.assertEqual(call.result_id, self.result("wrong_number"))
        self.assertFalse(self.customer.noojee_wrong_number)
        self.assertTrue(self.warnings())

    def test_activity_is_done_with_the_result_once(self):
        activity = self.customer.with_user(self.anna).activity_schedule(
            "mail.mail_activity_data_call", user_id=self.anna.id
        )
        call = self.talked()
        call.activity_id = activity
        self.assertEqual(self.payload(call)["activity_id"], activity.id)
        messages = self.customer.message_ids
        self.wrap_up(call, "reached", "Sends the plan")
        self.wrap_up(call, "left_message")
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, "Reached\nSends the plan")
        self.assertEqual(len(self.customer.message_ids - messages), 1)

    def test_activity_that_was_deleted_meanwhile(self):
        activity = self.customer.with_user(self.anna).activity_schedule(
            "mail.mail_activity_data_call", user_id=self.anna.id
        )
        call = self.talked()
        call.activity_id = activity
        activity.unlink()
        self.wrap_up(call, "reached")
        self.assertEqual(call.result_id, self.result("reached"))

    def test_result_that_is_gone(self):
        call = self.talked()
        result = self.create_result()
        result.active = False
        for result_id in (result.id, 0, False):
            with self.assertRaisesRegex(UserError, "not offered any more"):
                call.with_user(self.anna).wrap_up(result_id)
        self.assertFalse(call.result_id)

    def test_results_say_what_they_need(self):
        for values in (
            {"action": "lead_stage"},
            {"action": "activity", "activity_type_id": False},
            {"activity_days": -1},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.create_result(**values)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_results_are_the_administrators(self):
        result = self.result("reached").with_user(self.anna)
        self.assertEqual(result.name, "Reached")
        for attempt in (
            lambda: result.write({"name": "x"}),
            lambda: result.unlink(),
            lambda: result.create({"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_results_of_other_companies_are_not_offered(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.create_result(company_id=other.id)
        results = self.env["noojee.call.result"].with_user(self.anna)._payload()
        self.assertNotIn("Moved on", [row["name"] for row in results])
