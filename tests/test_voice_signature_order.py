import hashlib
import json

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.payment.tests.common import PaymentCommon

from .voice_signature_common import SignatureCommon


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignatureVoid(SignatureCommon):
    """A signature holds for what the order said."""

    def changed(self, take):
        self.commit_checks()
        self.env.invalidate_all()
        return take.state == "void"

    def test_changes_that_make_it_void(self):
        other = self.env["product.product"].create({"name": "Battery"})
        line = self.order.order_line
        terms = self.env["account.payment.term"].create({"name": "In 90 days"})
        changes = {
            "quantity": lambda: line.write({"product_uom_qty": 2}),
            "price": lambda: line.write({"price_unit": 4300}),
            "discount": lambda: line.write({"discount": 5}),
            "description": lambda: line.write({"name": "Another roof"}),
            "another line": lambda: self.order.write(
                {"order_line": [Command.create({"product_id": other.id})]}
            ),
            "one line less": lambda: self.order.order_line[-1:].unlink(),
            "payment terms": lambda: self.order.write({"payment_term_id": terms.id}),
            "terms": lambda: self.order.write({"note": "No return."}),
            "delivery date": lambda: self.order.write(
                {"commitment_date": "2027-02-01 08:00:00"}
            ),
        }
        call = self.connect()
        for name, change in changes.items():
            with self.subTest(name):
                take = self.signed(call)
                change()
                self.assertTrue(self.changed(take))
                self.assertIn("The order was changed", take.reason)
                self.assertIn("Void", self.notes()[-1])

    def test_words_of_the_change(self):
        take = self.signed()
        self.order.order_line.product_uom_qty = 2
        self.assertTrue(self.changed(take))
        self.assertIn("its lines", take.reason)
        self.assertRegex(take.reason, r"the total, from \w+ 4200.00 to \w+ 8400.00")

    def test_cancelled_order(self):
        take = self.signed()
        self.order.action_cancel()
        self.assertTrue(self.changed(take))
        self.assertEqual(take.reason, "The order was cancelled.")
        # and is no better when the order comes back
        self.order.action_draft()
        self.assertTrue(self.changed(take))

    def test_order_that_is_cancelled_while_it_is_read(self):
        take = self.read_out()
        self.order.action_cancel()
        self.do(take.stop)
        self.assertEqual(
            (take.state, take.reason), ("void", "The order was cancelled.")
        )

    def test_what_changes_nothing(self):
        take = self.signed()
        line = self.order.order_line
        self.order.message_post(body="Rang twice.")
        self.order.write({"client_order_ref": "77", "user_id": self.ben.id})
        line.sequence = 99
        line.customer_lead = 7
        self.order.action_confirm()
        self.order.write(
            {
                "order_line": [
                    Command.create(
                        {
                            "name": "Down payment",
                            "is_downpayment": True,
                            "product_uom_qty": 0,
                            "price_unit": 100,
                        }
                    )
                ]
            }
        )
        self.assertFalse(self.changed(take))
        self.assertEqual(take.state, "signed")

    def test_line_that_is_taken_away_and_put_back(self):
        take = self.signed()
        values = self.order.order_line.copy_data()[0]
        values.pop("order_id", None)
        self.order.order_line.unlink()
        self.order.order_line = [Command.create(values)]
        self.assertFalse(self.changed(take))

    def test_change_while_it_is_read(self):
        take = self.read_out()
        self.order.order_line.product_uom_qty = 3
        self.do(take.stop)
        self.assertEqual(take.state, "void")
        self.assertIn("its lines", take.reason)

    def test_digest_can_be_taken_again(self):
        take = self.signed()
        digest = hashlib.sha256(take.order_content.encode()).hexdigest()
        self.assertEqual(digest, take.order_sha256)
        content = json.loads(take.order_content)
        self.assertEqual(content["order"], self.order.name)
        self.assertEqual(content["total"], "4200.00")
        [line] = content["lines"]
        self.assertEqual(line["quantity"], "1.000000")
        # the same for everybody, in every language
        self.env["res.lang"]._activate_lang("fr_FR")
        for env in (
            self.env(user=self.ben),
            self.env(context={"lang": "fr_FR", "tz": "Australia/Perth"}),
        ):
            own = self.order.with_env(env)
            self.assertEqual(own._noojee_digest(), take.order_sha256)

    def test_void_one_does_not_come_back(self):
        take = self.signed()
        self.order.order_line.product_uom_qty = 2
        self.assertTrue(self.changed(take))
        self.order.order_line.product_uom_qty = 1
        self.assertTrue(self.changed(take))
        self.assertFalse(self.order._noojee_is_signed())


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignatureRule(SignatureCommon):
    """Teams whose orders need one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.noojee_needs_voice_signature = True

    def test_not_without(self):
        self.assertTrue(self.order.noojee_needs_signature)
        with self.assertRaisesRegex(UserError, "needs its customer's voice signature"):
            self.order.action_confirm()
        self.assertEqual(self.order.state, "draft")

    def test_not_by_a_state_that_is_written(self):
        with self.assertRaisesRegex(UserError, "needs its customer's voice signature"):
            self.order.with_user(self.anna).state = "sale"
        self.signed()
        self.order.with_user(self.anna).state = "sale"

    def test_with_one(self):
        self.signed()
        self.assertFalse(self.order.noojee_needs_signature)
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_with_one_for_something_else(self):
        self.signed()
        self.order.order_line.product_uom_qty = 2
        # even before it is noted as void
        with self.assertRaisesRegex(UserError, "for what it says now"):
            self.order.action_confirm()

    def test_with_a_declined_one(self):
        take = self.start()
        self.answer(take, "Order", "no")
        self.do(take.stop)
        with self.assertRaisesRegex(UserError, "needs its customer's"):
            self.order.action_confirm()

    def test_several_orders_at_once(self):
        free = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "team_id": False,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        free.team_id = False
        with self.assertRaisesRegex(UserError, self.order.name):
            (free | self.order).action_confirm()
        self.assertEqual((free | self.order).mapped("state"), ["draft", "draft"])
        self.signed()
        (free | self.order).action_confirm()
        self.assertEqual((free | self.order).mapped("state"), ["sale", "sale"])

    def test_teams_without_the_rule(self):
        self.team.noojee_needs_voice_signature = False
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_customer_who_accepts_in_the_portal(self):
        self.order._validate_order()
        self.assertEqual(self.order.state, "draft")
        self.assertIn("voice signature is missing", self.notes()[-1])
        [activity] = self.order.activity_ids
        self.assertEqual(activity.user_id, self.anna)


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignaturePayment(SignatureCommon, PaymentCommon, HttpCase):
    """What the customer does by himself is not lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.noojee_needs_voice_signature = True

    def pay(self):
        transaction = self._create_transaction(
            "direct",
            amount=self.order.amount_total,
            currency_id=self.order.currency_id.id,
            partner_id=self.customer.id,
            reference=self.order.name,
            sale_order_ids=[Command.set(self.order.ids)],
            state="done",
        )
        transaction.sudo()._post_process()
        return transaction

    def test_payment_arrives_and_the_order_waits(self):
        transaction = self.pay()
        self.assertEqual(transaction.state, "done")
        self.assertIn(self.order.state, ("draft", "sent"))
        self.assertAlmostEqual(self.order.amount_paid, self.order.amount_total)
        self.assertTrue(
            any("voice signature is missing" in note for note in self.notes())
        )
        self.assertEqual(self.order.activity_ids.user_id, self.anna)

    def test_payment_of_a_signed_order(self):
        self.signed()
        self.pay()
        self.assertEqual(self.order.state, "sale")

    def test_signature_drawn_in_the_portal(self):
        self.order.write({"require_signature": True, "require_payment": False})
        token = self.order._portal_ensure_token()
        reply = self.make_jsonrpc_request(
            f"/my/orders/{self.order.id}/accept",
            {
                "access_token": token,
                "name": "Priya Raman",
                "signature": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42"
                "mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
            },
        )
        self.assertIn("redirect_url", reply)
        self.env.invalidate_all()
        self.assertEqual(self.order.signed_by, "Priya Raman")
        self.assertIn(self.order.state, ("draft", "sent"))
        self.assertEqual(self.order.activity_ids.user_id, self.anna)
