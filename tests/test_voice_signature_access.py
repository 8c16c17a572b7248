from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .voice_signature_common import SignatureCommon


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignatureAccess(SignatureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # who sees his own orders alone
        cls.ben.group_ids = [
            Command.unlink(cls.env.ref("sales_team.group_sale_salesman_all_leads").id),
            Command.link(cls.env.ref("sales_team.group_sale_salesman").id),
        ]
        cls.leader = new_test_user(
            cls.env,
            "leader",
            "noojee.group_supervisor,sales_team.group_sale_salesman",
        )
        cls.admin = new_test_user(cls.env, "boss", "noojee.group_admin")
        cls.manager = new_test_user(cls.env, "manager", "sales_team.group_sale_manager")
        cls.internal = new_test_user(cls.env, "inside", "base.group_user")
        cls.portal = new_test_user(cls.env, "outside", "base.group_portal")
        cls.env["crm.team"].create(
            {
                "name": "Inside sales",
                "user_id": cls.leader.id,
                "member_ids": [Command.set(cls.anna.ids)],
            }
        )

    def call_of_ben(self):
        self.action_call(self.customer, self.ben)
        call = self.call()
        self.listen_until(lambda: call.channel_ids)
        # his handset does not answer by itself
        self.simulator.control("answer", desk="102")
        self.listen_until(lambda: call.state == "connected")
        return call

    def sees(self, user, take):
        """Whether a user finds a take, and its passages."""
        own = self.env["noojee.voice.signature"].with_user(user)
        found = own.search([("id", "=", take.id)])
        passages = self.env["noojee.voice.signature.passage"].with_user(user)
        read = passages.search([("signature_id", "=", take.id)])
        self.assertEqual(bool(found), bool(read))
        return bool(found)

    def test_who_sees_it(self):
        take = self.signed()
        other_leader = new_test_user(self.env, "leader2", "noojee.group_supervisor")
        self.assertTrue(self.sees(self.anna, take))
        self.assertTrue(self.sees(self.leader, take))
        self.assertTrue(self.sees(self.admin, take))
        self.assertFalse(self.sees(self.ben, take))
        self.assertFalse(self.sees(other_leader, take))
        for user in (self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.sees(user, take)

    def test_salesperson_of_the_order_sees_what_a_colleague_took(self):
        take = self.signed()
        self.order.user_id = self.ben
        self.assertTrue(self.sees(self.ben, take))

    def test_company(self):
        take = self.signed()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "noojee.group_admin",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.sees(stranger, take))

    def test_nobody_writes_it(self):
        take = self.signed()
        for user in (self.anna, self.leader, self.admin):
            own = take.with_user(user)
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    own.write({"reason": "x"})
                with self.assertRaises(AccessError):
                    own.unlink()
                with self.assertRaises(UserError):
                    own.passage_ids.write({"answer": "no"})
                with self.assertRaises(AccessError):
                    own.create({"order_id": self.order.id})

    def test_taken_on_orders_that_one_may_write(self):
        call = self.call_of_ben()
        own = self.env["noojee.voice.signature"].with_user(self.ben)
        with self.assertRaises(AccessError):
            self.do(own.get_dialog, self.order.id)
        args = self.start_args(call)
        with self.assertRaises(AccessError):
            self.do(own.start, *args)
        with self.assertRaises(AccessError):
            self.order.with_user(self.ben).action_noojee_sign()
        self.assertFalse(self.simulator.requests("start"))
        for user in (self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.do(own.with_user(user).get_dialog, self.order.id)

    def test_taken_in_ones_own_call(self):
        call = self.call_of_ben()
        args = self.start_args(call)
        with self.own_cursors(), self.assertRaises(UserError):
            self.signatures.start(*args)
        self.assertFalse(self.simulator.requests("start"))

    def test_who_is_on_the_line_of_a_colleagues_call(self):
        call = self.connect()
        self.order.user_id = self.ben
        own = self.env["noojee.voice.signature"].with_user(self.ben)
        with self.assertRaises(AccessError):
            self.do(own.get_party, self.order.id, call.id)

    def test_take_of_a_colleague(self):
        take = self.start()
        passage = take.sudo().passage_ids[1]
        own = take.with_user(self.admin)
        for method, args in ((own.answer, (passage.id, "yes")), (own.stop, ())):
            self.assert_refused("not yours", method, *args)
        self.assertFalse(passage.answer)

    def test_passage_of_another_take(self):
        call = self.connect()
        first = self.signed(call)
        take = self.start(call)
        passage = first.sudo().passage_ids[1]
        ticked_at = passage.ticked_at
        self.do(take.answer, passage.id, "no")
        self.assertEqual((passage.answer, passage.ticked_at), ("yes", ticked_at))

    def test_who_edits_scripts(self):
        for user in (self.admin, self.manager):
            with self.subTest(user.login):
                self.script.with_user(user).passage_ids[0].body = "Other words"
                own = self.script.with_user(user)
                own.preview_order_id = self.order
                self.assertIn("Other words", own.preview)
        for user in (self.anna, self.leader):
            with self.subTest(user.login):
                own = self.script.with_user(user)
                self.assertTrue(own.name)
                with self.assertRaises(AccessError):
                    own.name = "Mine"
                with self.assertRaises(AccessError):
                    own.passage_ids[0].body = "Mine"
        with self.assertRaises(AccessError):
            self.script.with_user(self.internal).read(["name"])

    def test_order_shows_nothing_to_others(self):
        self.signed()
        order = self.order.with_user(self.manager)
        # how many there are and how far they came is no secret
        self.assertEqual(order.noojee_signature_state, "signed")
        with self.assertRaises(AccessError):
            order.read(["noojee_signature_ids"])
