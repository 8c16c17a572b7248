import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .call_common import NUMBER
from .masked_common import MASKED, MaskedCommon
from .missed_common import STRANGER, STRANGER_E164


@tagged("post_install", "-at_install", "noojee")
class TestMaskedDial(MaskedCommon):
    """Who may not see a number calls it all the same."""

    def dialled(self):
        return [dial["params"]["number"] for dial in self.simulator.requests("dial")]

    def test_call_back_from_the_panel(self):
        self.missed(caller=STRANGER)
        [row] = self.phone().get_phone_state()["recent"]
        with self.own_cursors():
            payload = self.phone().dial(row["dial_number"])
        self.assertEqual(self.dialled(), [STRANGER])
        self.assert_secret(payload)
        self.assertEqual(payload["number"], MASKED)

    def test_call_back_from_the_list(self):
        self.missed_queue()
        with self.own_cursors():
            action = self.entries().with_user(self.anna).action_call_back()
        self.assertEqual(self.dialled(), [STRANGER])
        self.assert_secret(action)

    def test_call_whom_a_search_found(self):
        [row] = self.phone().search_parties("yolanda")
        with self.own_cursors():
            payload = self.phone().dial(row["dial_number"], row["model"], row["id"])
        self.assertEqual(self.dialled(), [NUMBER])
        self.assert_secret(payload)
        self.assertEqual(self.call().record_ref, self.customer)

    def test_call_whom_the_list_says(self):
        self.missed_queue()
        self.entries().with_user(self.anna).action_claim()
        [row] = self.phone().get_to_call()["entries"]
        self.assert_secret(row)
        with self.own_cursors():
            self.phone().dial(row["dial_number"], row["model"], row["id"])
        self.assertEqual(self.dialled(), [STRANGER])

    def test_call_from_a_form(self):
        self.assert_secret(self.action_call(self.customer))
        self.assertEqual(self.dialled(), [NUMBER])

    def test_call_who_was_made_of_an_unknown_caller(self):
        for model in ("res.partner", "crm.lead"):
            with self.subTest(model):
                call = self.missed(caller=STRANGER).with_user(self.anna)
                context = call.get_new_record_context(model)
                record = self.env[model].with_user(self.anna).with_context(**context)
                record = record.create({"name": "Zora"})
                self.assertFalse(record.phone)
                call.this_is_the_caller(model, record.id)
                self.assert_secret(self.action_call(record))
                self.assertEqual(self.dialled(), [STRANGER])
                self.simulator.control("reset")
                self.call()._end("cancelled")
                self.env["noojee.number"].search([]).unlink()

    def test_call_from_the_panel_who_was_made_of_an_unknown_caller(self):
        call = self.missed(caller=STRANGER).with_user(self.anna)
        zora = self.env["res.partner"].create({"name": "Zora Keeling"})
        call.this_is_the_caller("res.partner", zora.id)
        [row] = self.phone().search_parties("zora keeling")
        self.assertEqual(row["number"], MASKED)
        with self.own_cursors():
            self.phone().dial(row["dial_number"], row["model"], row["id"])
        self.assertEqual(self.dialled(), [STRANGER])

    def test_choose_one_of_two_numbers(self):
        payer = self.env["res.partner"].create({"name": "Payer", "phone": STRANGER})
        self.order.partner_invoice_id = payer
        chooser = self.action_call(self.order)["params"]
        self.assert_secret(chooser)
        word = chooser["numbers"][1]["dial_number"]
        with self.own_cursors():
            self.phone().dial(word, "sale.order", self.order.id)
        self.assertEqual(self.dialled(), [STRANGER])

    def test_refused_and_called_all_the_same(self):
        self.missed(caller=STRANGER)
        self.env["phone.blacklist"]._add([STRANGER_E164])
        [row] = self.phone().get_phone_state()["recent"]
        with self.own_cursors():
            check = self.phone().dial(row["dial_number"])["check"]
            self.assert_secret(check)
            self.assertFalse(self.dialled())
            self.phone().dial(check["number"], override=True)
        self.assertEqual(self.dialled(), [STRANGER])

    def test_words_of_an_error_keep_it_too(self):
        call = self.missed(caller="0491 577 64")
        self.assertFalse(call.number_e164)
        word = self.payload(call)["dial_number"]
        with self.assertRaises(UserError) as caught, self.own_cursors():
            self.phone().dial(word)
        self.assertNotIn("57764", re.sub(r"\D", "", str(caught.exception)))

    def test_words_of_others_do_not_dial(self):
        mine, others = self.missed(caller=STRANGER), self.missed(desks=("102",))
        word = self.payload(mine)["dial_number"]
        theirs = self.payload(others, self.ben)["dial_number"]
        for wrong in (
            theirs.replace(f",{others.id},", f",{mine.id},"),
            word[:-1] + ("0" if word[-1] != "0" else "1"),
            "noojee:res.users,2,abc",
            "noojee:noojee.call,x,y",
            "noojee:",
        ):
            with self.subTest(wrong), self.assertRaises(UserError):
                self.phone().dial(wrong)
        with self.assertRaises(AccessError):
            self.phone().dial(theirs)
        self.assertFalse(self.dialled())

    def test_automation_keeps_it_too(self):
        self.customer.phone = "0491 577 64"
        command = self.automation_calls()
        self.assertIn("•", command.reason)
        for text in (command.reason, *self.customer.message_ids.mapped("body")):
            self.assertNotIn("57764", re.sub(r"\D", "", text))

    def automation_calls(self):
        """A server action calls the customer from Anna's desk."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Call",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "noojee_call",
            }
        )
        action.with_user(self.anna).with_context(
            active_model="res.partner",
            active_id=self.customer.id,
            active_ids=self.customer.ids,
        ).run()
        self.run_commands()
        return self.env["noojee.command"].search([], limit=1)

    def test_automation_keeps_what_the_pbx_repeats(self):
        # it refuses a desk that it does not know in words with the same digits
        self.desk_101.number = "109876"
        command = self.automation_calls()
        self.assertEqual(command.state, "failed")
        self.assertIn("Unknown extension ••••••", command.reason)
        self.assert_secret([command.reason, *self.customer.message_ids.mapped("body")])

    def test_phone_programs_are_told_nothing(self):
        word = self.payload(self.missed(caller=STRANGER))["dial_number"]
        with self.assertRaisesRegex(UserError, "you may not see"):
            self.phone().check_number(word)
