from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.noojee.models import noojee_call_dial

from .common import NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestDial(NoojeeCommon):
    def test_dial_from_a_contact(self):
        action = self.action_call(self.customer)
        self.assertEqual(action["tag"], "noojee.show_call")
        call = self.call()
        self.assertEqual(call.partner_id, self.customer)
        self.assertEqual(call.record_ref, self.customer)
        self.assertEqual(call.user_id, self.anna)
        self.assertEqual(call.number_e164, "+61370109876")
        [dialled] = self.simulator.requests("dial")
        self.assertEqual(dialled["verb"], "POST")
        self.assertEqual(dialled["params"]["number"], "0370109876")
        self.assertEqual(dialled["params"]["extenOrUniqueId"], "SIP/101")
        self.assertEqual(dialled["params"]["monitored"], "yes")
        self.assertEqual(
            dialled["params"]["autoAnswer"], "Call-Info:\\; answer-after=0"
        )

    def test_dialled_call_is_followed_to_its_end(self):
        self.action_call(self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        self.assertEqual(call.channel_ids.user_id, self.anna)
        with self.own_cursors():
            call.with_user(self.anna).action_hang_up()
        self.listen_until(lambda: call.state == "ended")
        self.assertEqual(call.outcome, "answered")
        self.assertEqual(len(self.env["noojee.call"].search([])), 1)

    def test_order_dials_its_customer(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        self.action_call(order)
        self.assertEqual(self.call().record_ref, order)
        self.assertEqual(self.call().partner_id, self.customer)

    def test_second_dial_waits_for_the_first(self):
        # nobody listens: the first stays without its channel
        self.action_call(self.customer)
        with self.assertRaisesRegex(UserError, "being dialled"):
            self.action_call(self.customer)
        self.assertEqual(len(self.simulator.requests("dial")), 1)

    def test_dial_that_never_rang_is_given_up(self):
        self.action_call(self.customer)
        first = self.call()
        first.started_at -= 2 * noojee_call_dial.DIAL_PENDING
        self.env.flush_all()
        self.action_call(self.customer)
        self.assertEqual((first.state, first.outcome), ("ended", "unknown"))
        self.assertEqual(len(self.simulator.requests("dial")), 2)

    def test_pbx_that_fails_leaves_an_ended_call_with_the_reason(self):
        self.simulator.faults({"kind": "http500"})
        with self.assertRaisesRegex(UserError, "internal error"):
            self.action_call(self.customer)
        self.assertEqual(self.call().state, "ended")
        self.assertIn("internal error", self.call().failure_reason)

    def test_lost_answer_does_not_ring_twice(self):
        self.simulator.faults({"kind": "drop", "when": "after"})
        # assertRaises would roll back what the dial has committed
        with self.assertRaisesRegex(UserError, "broke off"):
            self.action_call(self.customer)
        self.simulator.clear_faults()
        call = self.call()
        self.assertEqual(call.state, "dialing")
        with self.assertRaisesRegex(UserError, "being dialled"):
            self.action_call(self.customer)
        self.assertEqual(len(self.simulator.requests("dial")), 1)
        self.listen_until(lambda: call.state == "connected")
        self.assertFalse(call.failure_reason)

    def test_user_without_a_line(self):
        user = new_test_user(self.env, "noojee_lineless", "noojee.group_user")
        with self.assertRaisesRegex(UserError, "no line"):
            self.action_call(self.customer, user)

    def test_contact_without_a_number(self):
        nobody = self.env["res.partner"].create({"name": "No number"})
        with self.assertRaisesRegex(UserError, "no number"):
            self.action_call(nobody)
        self.assertFalse(self.simulator.requests("dial"))

    def test_desk_that_does_not_exist_on_the_pbx(self):
        self.desk_101.number = "999"
        with self.assertRaisesRegex(UserError, "refused"):
            self.action_call(self.customer)
