import time

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestExtension(NoojeeCommon):
    def test_numbers_are_bare(self):
        for number in ["SIP/101", "", "10 1", "abc"]:
            with self.subTest(number), self.assertRaises(ValidationError):
                self.desk_101.number = number

    @mute_logger("odoo.sql_db")
    def test_one_extension_for_a_number_and_one_line_for_a_user(self):
        for values in [{"number": "102"}, {"user_id": self.ben.id}]:
            with self.subTest(values), self.assertRaises(IntegrityError):
                self.desk_101.write(values)
                self.env.flush_all()

    def test_profile_that_needs_the_handsets_address(self):
        snom = self.env.ref("noojee.handset_profile_snom_newer")
        with self.assertRaises(ValidationError):
            self.desk_101.profile_id = snom
        self.desk_101.write({"profile_id": snom.id, "handset_ip": "192.0.2.102"})
        self.assertEqual(
            self.desk_101._answer_string(),
            r"Call-Info: <sip:192.0.2.102>\;answer-after=0",
        )

    def test_strings_of_the_documentation(self):
        doubled = r"Call-Info:\\; answer-after=0"
        documented = {
            "aastra": "Alert-Info: info=alert-autoanswer",
            "grandstream": doubled,
            "linksys": doubled,
            "polycom": "Alert-Info: Ring Answer",
            "snom": doubled,
            "snom_newer": r"Call-Info: <sip:{ip}>\;answer-after=0",
            "yealink": r"Call-Info:\; answer-after=0",
        }
        for name, string in documented.items():
            with self.subTest(name):
                profile = self.env.ref(f"noojee.handset_profile_{name}")
                self.assertEqual(profile.answer_string, string)

    def test_swapped_strings(self):
        yealink = self.desk_101.profile_id
        yealink.action_swap_strings()
        self.assertEqual(yealink.answer_string, "Call-info:answer-after=0")
        yealink.action_swap_strings()
        self.assertEqual(yealink.answer_string, r"Call-Info:\; answer-after=0")

    def wait_for_test_ring(self, *states, seconds=10):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.desk_101.read_test_ring()
            if state in states:
                return state
        return state

    def test_desk_that_answers_by_itself(self):
        with self.own_cursors():
            self.desk_101.start_test_ring()
            self.assertEqual(self.wait_for_test_ring("answered"), "answered")
            self.desk_101.stop_test_ring()
            self.assertEqual(self.desk_101.read_test_ring(), "waiting")

    def test_desk_that_only_rings(self):
        self.desk_101.profile_id = self.env.ref("noojee.handset_profile_polycom")
        with self.own_cursors():
            self.desk_101.start_test_ring()
            state = self.wait_for_test_ring("answered", seconds=0.5)
            self.assertEqual(state, "ringing")

    def test_ring_at_a_desk_in_a_call(self):
        self.simulator.control("ring", desks=["101"], caller="0370109876")
        self.simulator.control("answer", desk="101")
        with self.own_cursors():
            with self.assertRaisesRegex(UserError, "is in a call"):
                self.desk_101.start_test_ring()
            self.assertEqual(self.desk_101.read_test_ring(), "waiting")
            self.desk_101.stop_test_ring()
        self.assertFalse(self.simulator.requests("dial"))
        self.assertFalse(self.simulator.requests("hangup"))

    def test_ring_that_meets_a_customers_call(self):
        calls = self.env["noojee.call"]
        self.desk_101.profile_id = self.env.ref("noojee.handset_profile_polycom")
        with self.own_cursors():
            self.desk_101.start_test_ring()
            self.assertEqual(self.wait_for_test_ring("ringing"), "ringing")
        self.simulator.control("ring", desks=["101"], caller="0370109876")
        self.listen_until(lambda: bool(calls.search([])))
        # the test is nobody's call
        self.assertEqual(calls.search([]).partner_id, self.customer)
        with self.own_cursors():
            self.desk_101.stop_test_ring()
            self.assertEqual(self.desk_101.read_test_ring(), "waiting")
        [hung_up] = self.simulator.requests("hangup")
        customers = calls.search([]).channel_ids.unique_call_id
        self.assertNotEqual(hung_up["params"]["extenOrUniqueId"], customers)
        [running] = self.simulator.state["desks"][1]["calls"]
        self.assertEqual(running["uniqueCallId"], customers)

    def forget_failure(self):
        self.simulator.clear_faults()
        self.pbx.circuit_ids.unlink()
        self.env["noojee.circuit"].create({"pbx_id": self.pbx.id})

    def test_ring_behind_an_error_page_can_be_stopped(self):
        self.simulator.faults({"kind": "http500", "when": "after", "method": "dial"})
        with self.own_cursors(), self.assertRaisesRegex(UserError, "internal error"):
            self.desk_101.start_test_ring()
        self.forget_failure()
        with self.own_cursors():
            self.assertEqual(self.wait_for_test_ring("answered"), "answered")
            self.desk_101.stop_test_ring()
            self.assertEqual(self.desk_101.read_test_ring(), "waiting")

    def test_ring_with_a_refused_key_says_so(self):
        self.pbx.new_api_key = "wr0ng"
        with (
            self.own_cursors(),
            self.assertRaisesRegex(UserError, "refused the API key"),
        ):
            self.desk_101.start_test_ring()
        self.assertFalse(self.simulator.requests("dial"))

    def test_ring_that_was_refused_takes_no_call_of_the_user(self):
        self.simulator.faults({"kind": "invalid", "method": "dial"})
        with self.own_cursors(), self.assertRaises(UserError):
            self.desk_101.start_test_ring()
        self.forget_failure()
        with self.own_cursors():
            self.customer.with_user(self.anna).action_noojee_call()
        call = self.env["noojee.call"].search([])
        self.listen_until(lambda: bool(call.channel_ids))

    def test_users_do_not_ring_desks(self):
        with self.assertRaises(AccessError):
            self.desk_101.with_user(self.anna).start_test_ring()
        self.assertFalse(self.simulator.requests("dial"))

    def test_extensions_are_imported(self):
        result = self.env["noojee.extension"].load(
            ["pbx_id", "number", "technology", "profile_id", "user_id"],
            [["Test PBX", "120", "PJSIP", "Polycom", ""]],
        )
        self.assertFalse(result["messages"])
        imported = self.env["noojee.extension"].browse(result["ids"])
        self.assertEqual((imported.number, imported.technology), ("120", "PJSIP"))

    def test_user_reads_his_own_line(self):
        own = self.anna.with_user(self.anna).read(["noojee_extension_ids"])
        self.assertEqual(own[0]["noojee_extension_ids"], self.desk_101.ids)
