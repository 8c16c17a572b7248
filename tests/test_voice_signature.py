from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .voice_signature_common import RENDER_LOGGER, SignatureCommon


@tagged("post_install", "-at_install", "noojee")
class TestVoiceSignature(SignatureCommon):
    """Taking one: what is asked of the PBX, and what becomes of it."""

    def sent(self, method):
        return self.simulator.requests(method)

    def test_dialog_shows_the_script_with_the_orders_figures(self):
        told = self.dialog()
        [script] = told["scripts"]
        notice, order, price = script["passages"]
        self.assertTrue(notice["is_notice"])
        self.assertEqual(notice["text"], f"May I record this for {self.order.name}?")
        self.assertIn("1 × 12 kW solar roof for", order["text"])
        self.assertIn("4,200.00", price["text"])
        self.assertFalse(told["take"] or script["fault"])

    def test_recording_begins_with_the_orders_number_as_tag(self):
        take = self.start()
        [sent] = self.sent("start")
        self.assertEqual(sent["params"]["tag"], self.order.name)
        self.assertEqual(take.state, "recording")
        self.assertEqual(take.recording_id.record_ref, self.order)
        self.assertEqual(take.call_id.notice_user_id, self.anna)
        notice = take.passage_ids[0]
        self.assertEqual(notice.answer, "yes")
        # it was said before anything was recorded
        self.assertFalse(notice.has_offset)

    def test_all_read_and_agreed(self):
        take = self.start()
        self.later(take, 12)
        first = self.answer(take, "Order")
        self.later(take, 30)
        second = self.answer(take, "Price")
        told = self.do(take.stop)
        self.assertEqual(told["state"], "signed")
        self.assertEqual(len(self.sent("stop")), 1)
        self.assertAlmostEqual(first.offset, 12, delta=2)
        self.assertAlmostEqual(second.offset, 42, delta=4)
        self.assertRegex(second.offset_time, r"^00:4\d$")
        self.assertTrue(take.signed_at)
        self.assertEqual(take.user_id, self.anna)
        self.assertEqual(take.audio_state, "pending")
        self.assertIn("Signed", self.notes()[-1])

    def test_what_was_read_is_kept(self):
        take = self.signed()
        self.script.passage_ids[0].body = "Something else"
        self.script.notice = "Another"
        self.assertIn("4,200.00", take.passage_ids[2].text)
        self.assertIn("You order", take.version_id.passage_ids[0].body)

    def test_every_passage_must_be_answered(self):
        take = self.start()
        self.answer(take, "Order")
        self.assert_refused("Not every passage was answered: Price", take.stop)
        self.assertEqual(take.state, "recording")
        self.assertFalse(self.sent("stop"))

    def test_answered_no(self):
        take = self.start()
        self.answer(take, "Order")
        self.answer(take, "Price", "no")
        self.do(take.stop)
        self.assertEqual(take.state, "declined")
        self.assertEqual(take.reason, "Answered no: Price.")
        self.assertFalse(take.signed_at)
        self.assertEqual(take.call_id.recording_state, "stopped")

    def test_last_answer_counts(self):
        take = self.start()
        self.answer(take, "Order", "no")
        self.later(take, 20)
        passage = self.answer(take, "Order")
        self.answer(take, "Price")
        self.assertGreaterEqual(passage.offset, 20)
        self.do(take.stop)
        self.assertEqual(take.state, "signed")

    def test_customer_does_not_agree_to_the_recording(self):
        call = self.connect()
        take = self.start(call, agrees=False)
        self.assertEqual(take.state, "declined")
        self.assertEqual(take.reason, "Answered no: Notice of recording.")
        self.assertFalse(self.sent("start"))
        self.assertTrue(call.objection_at)
        self.assertEqual(take.audio_state, "none")

    def test_customer_does_not_agree_and_the_phone_system_goes_on(self):
        call = self.recorded()
        args = self.start_args(call)
        self.simulator.faults({"kind": "html", "method": "stop"})
        self.assert_refused("", self.signatures.start, *args, agrees=False)
        # what he said is kept all the same
        [take] = self.signatures.search([])
        self.assertEqual(take.state, "declined")
        self.assertEqual(call.recording_state, "on")
        self.pbx_comes_back()
        again = self.do(self.signatures.start, *args, agrees=False)
        self.assertEqual(again["id"], take.id)
        self.assertEqual(call.recording_state, "stopped")
        self.assertEqual(self.signatures.search([]), take)

    def test_objection_while_it_is_taken(self):
        call = self.connect()
        take = self.start(call)
        self.do(call.with_user(self.anna).action_note_objection)
        self.assertEqual(take.state, "declined")
        self.assertIn("objected", take.reason)

    def test_given_up(self):
        take = self.start()
        self.answer(take, "Order")
        self.do(take.give_up)
        self.assertEqual(take.state, "incomplete")
        self.assertIn("Anna Berg", take.reason)
        self.assertEqual(len(self.sent("stop")), 1)

    def test_read_on_after_it_could_not_be_given_up(self):
        take = self.start()
        self.simulator.faults({"kind": "html", "method": "stop"})
        self.assert_refused("", take.give_up)
        self.pbx_comes_back()
        self.answer(take, "Order")
        self.answer(take, "Price")
        self.do(take.stop)
        self.assertEqual(take.state, "signed")

    # === WHO IS ON THE LINE === #

    def party(self, call):
        return self.do(self.signatures.get_party, self.order.id, call.id)

    def test_customer_is_on_the_line(self):
        self.assertEqual(
            self.party(self.connect()), {"name": "Priya Raman", "doubt": ""}
        )

    def test_colleague_of_the_customer_is_on_the_line(self):
        call = self.connect()
        company = self.env["res.partner"].create(
            {"name": "Coastal Solar", "is_company": True}
        )
        self.order.partner_id = company
        self.assertIn("sure", self.party(call)["doubt"])
        self.customer.parent_id = company
        self.assertFalse(self.party(call)["doubt"])

    def test_somebody_else_is_on_the_line(self):
        other = self.env["res.partner"].create({"name": "Li Wei"})
        call = self.connect()
        call.partner_id = other
        told = self.party(call)
        self.assertEqual(told["name"], "Li Wei")
        self.assertIn("Li Wei, and the order is Priya Raman's", told["doubt"])

    def test_number_that_nobody_knows(self):
        call = self.connect()
        call.write({"partner_id": False, "record_ref": False})
        told = self.party(call)
        self.assertIn(told["name"], told["doubt"])
        self.assertIn("not known", told["doubt"])
        # it was dialled from the order
        call.record_ref = self.order
        self.assertFalse(self.party(call)["doubt"])

    # === IT DOES NOT BEGIN === #

    def test_refused_start_leaves_nothing(self):
        call = self.connect()
        args = self.start_args(call)
        self.simulator.faults({"kind": "html", "method": "start"})
        self.assert_refused("", self.signatures.start, *args)
        self.assertFalse(self.env["noojee.voice.signature"].search([]))
        self.assertEqual(call.recording_state, "off")
        self.pbx_comes_back()
        take = self.start(call)
        self.assertEqual(take.number, 1)

    def test_customer_who_does_not_want_to_be_recorded(self):
        self.customer.noojee_do_not_record = True
        call = self.connect()
        args = self.start_args(call)
        self.assert_refused("does not want", self.signatures.start, *args)
        self.assertFalse(self.sent("start"))
        self.assertFalse(self.env["noojee.voice.signature"].search([]))

    def test_team_whose_calls_are_never_recorded(self):
        self.team.noojee_record_outbound = "never"
        self.anna.sale_team_id = self.team
        self.pbx.noojee_record_outbound = "never"
        call = self.connect()
        args = self.start_args(call)
        self.assert_refused("are not recorded", self.signatures.start, *args)

    def test_call_that_has_ended(self):
        call = self.connect()
        args = self.start_args(call)
        self.hang_up(call)
        self.assert_refused("has ended", self.signatures.start, *args)

    def test_order_that_was_changed_since_it_was_shown(self):
        call = self.connect()
        args = self.start_args(call)
        self.order.order_line.product_uom_qty = 2
        self.assert_refused("was changed meanwhile", self.signatures.start, *args)
        self.assertFalse(self.sent("start"))

    def test_one_at_a_time_in_a_call(self):
        call = self.connect()
        self.start(call)
        args = self.start_args(call)
        self.assert_refused("already", self.signatures.start, *args)

    def test_cancelled_order(self):
        self.order.action_cancel()
        self.assert_refused("cancelled", self.signatures.get_dialog, self.order.id)

    @mute_logger(RENDER_LOGGER)
    def test_script_that_does_not_fit(self):
        self.script.passage_ids[0].body = "{{ format_amount(object.nothing) }}"
        [script] = self.dialog()["scripts"]
        self.assertIn("Agreement does not fit", script["fault"])
        self.assertFalse(script["passages"])

    # === IT IS CUT OFF === #

    def test_call_that_is_dropped(self):
        call = self.connect()
        take = self.read_out(call)
        self.hang_up(call)
        self.assertEqual(take.state, "incomplete")
        self.assertIn("The call ended", take.reason)

    def test_stop_that_gets_no_answer(self):
        call = self.connect()
        take = self.read_out(call)
        self.simulator.faults({"kind": "html", "method": "stop"})
        self.assert_refused("", take.stop)
        self.assertEqual(take.state, "recording")
        self.assertEqual(call.recording_state, "on")
        # pressed again
        self.simulator.clear_faults()
        self.do(take.stop)
        self.assertEqual(take.state, "signed")

    def test_call_that_ends_after_a_stop_without_an_answer(self):
        call = self.connect()
        take = self.read_out(call)
        self.simulator.faults({"kind": "html", "method": "stop"})
        self.assert_refused("", take.stop)
        self.simulator.clear_faults()
        self.pbx_comes_back()
        self.hang_up(call)
        self.assertEqual(take.state, "signed")

    def test_recording_is_stopped_on_the_card(self):
        call = self.connect()
        take = self.start(call)
        self.do(call.with_user(self.anna).action_stop_recording)
        self.assertEqual(take.state, "incomplete")
        self.assertIn("was stopped", take.reason)

    def test_nothing_is_answered_while_it_is_paused(self):
        call = self.connect().with_user(self.anna)
        take = self.start(call)
        self.later(take, 20)
        self.do(call.action_pause_recording)
        passage = take.sudo().passage_ids[1]
        self.assert_refused("Go on recording", take.answer, passage.id, "yes")
        # what is said meanwhile is not in the audio
        take.sudo().recording_id.pause_ids.started_at = "2026-01-01 00:00:00"
        self.do(call.action_resume_recording)
        self.later(take, 5)
        self.answer(take, "Order")
        self.assertAlmostEqual(passage.offset, 25, delta=3)

    # === CALLS THAT ARE RECORDED ANYWAY === #

    def test_call_that_is_being_recorded_goes_on_so(self):
        call = self.recorded()
        call.recording_ids.started_at = "2026-01-01 00:00:00"
        take = self.start(call)
        self.assertEqual(len(self.sent("start")), 1)
        self.assertEqual(self.sent("tag")[-1]["params"]["tag"], self.order.name)
        self.assertTrue(take.passage_ids[0].has_offset)
        self.answer(take, "Order")
        self.answer(take, "Price")
        self.do(take.stop)
        self.assertEqual(take.state, "signed")
        self.assertFalse(self.sent("stop"))
        self.assertEqual(call.recording_state, "on")

    # === ANOTHER TAKE === #

    def test_second_take_keeps_the_first(self):
        call = self.connect()
        first = self.signed(call)
        second = self.signed(call)
        self.assertEqual((first.number, second.number), (1, 2))
        self.assertEqual(first.state, "signed")
        self.assertEqual(first.superseded_by_id, second)
        self.assertFalse(second.superseded_by_id)
        self.assertEqual(self.order.noojee_signature_count, 2)

    def test_second_take_after_a_declined_one(self):
        call = self.connect()
        first = self.start(call)
        self.answer(first, "Order", "no")
        self.do(first.stop)
        second = self.signed(call)
        self.assertEqual(first.state, "declined")
        self.assertFalse(first.superseded_by_id)
        self.assertEqual(self.order.noojee_signature_state, "signed")
        self.assertTrue(second)

    def test_who_says_no_later_agrees_no_more(self):
        call = self.connect()
        first = self.signed(call)
        second = self.start(call)
        self.answer(second, "Order", "no")
        self.do(second.stop)
        self.assertEqual((first.state, second.state), ("void", "declined"))
        self.assertEqual(first.reason, "The customer said no in take 2.")
        self.assertFalse(self.order._noojee_is_signed())

    def test_who_does_not_want_to_be_recorded_again_has_signed(self):
        first = self.signed(self.connect())
        self.hang_up(first.sudo().call_id)
        self.start(self.connect(), agrees=False)
        self.assertEqual(first.state, "signed")

    def test_reopened_dialog_goes_on_where_it_was(self):
        take = self.start()
        self.answer(take, "Order")
        told = self.dialog()["take"]
        self.assertEqual(told["id"], take.id)
        self.assertEqual([p["answer"] for p in told["passages"]], ["yes", "yes", ""])
        self.answer(take, "Price")
        self.do(take.stop)
        self.assertFalse(self.dialog()["take"])

    def test_calls_that_turn_out_to_be_one(self):
        call = self.connect()
        take = self.start(call)
        other = self.env["noojee.call"].create(
            {
                "pbx_id": self.pbx.id,
                "company_id": call.company_id.id,
                "direction": "outbound",
                "number": "0370109876",
            }
        )
        self.env.flush_all()
        other._absorb(call)
        self.assertEqual(take.sudo().call_id, other)
        self.assertEqual(take.sudo().recording_id, other.recording_ids)
        self.assertEqual(take.state, "recording")

    def test_what_is_over_stays_as_it_is(self):
        take = self.signed().sudo()
        for values in (
            {"order_sha256": "0" * 64},
            {"signed_at": False},
            {"order_content": "something else"},
            {"order_content": False, "order_sha256": False},
            {"state": "recording"},
            {"state": "declined"},
            {"user_id": self.ben.id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                take.write(values)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            take.passage_ids[0].answer = "no"
        for records in (take, take.passage_ids, take.version_id):
            with self.subTest(records._name), self.assertRaises(UserError):
                records.unlink()
        with self.assertRaisesRegex(UserError, "Cancel it"):
            self.order.unlink()
