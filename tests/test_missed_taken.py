from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models.noojee_missed_follow import CHANGED, CHANNEL

from .call_common import E164, NUMBER
from .missed_common import STRANGER, MissedCommon


@tagged("post_install", "-at_install", "noojee")
class TestMissedTaken(MissedCommon):
    """Taken by one, given back, closed by whoever reaches the number."""

    # === TAKING === #

    def test_it_is_taken_once(self):
        self.missed_queue()
        entry = self.entries()
        entry.with_user(self.anna).action_claim()
        self.assertEqual((entry.state, entry.claimed_by_id), ("claimed", self.anna))
        # again is no harm
        entry.with_user(self.anna).action_claim()
        with self.assertRaisesRegex(UserError, "Anna Berg has taken"):
            entry.with_user(self.ben).action_claim()
        self.assertFalse(self.entries(self.ben))
        with self.assertRaisesRegex(UserError, "Anna Berg"), self.own_cursors():
            entry.with_user(self.ben).action_call_back()
        self.assertFalse(self.simulator.requests("dial"))

    def test_who_takes_a_known_customers_call_finds_it_in_his_list(self):
        self.missed_queue(caller=NUMBER)
        self.assertFalse(self.customer.activity_ids)
        self.entries().with_user(self.anna).action_claim()
        self.assertEqual(self.customer.activity_ids.user_id, self.anna)
        # the next try counts there as well
        self.missed_queue(caller=NUMBER)
        entry = self.entries()
        self.assertEqual((entry.count, entry.claimed_by_id), (2, self.anna))

    def test_given_back_it_is_the_others_again(self):
        self.missed_queue(caller=NUMBER)
        entry = self.entries()
        entry.with_user(self.anna).action_claim()
        with self.assertRaises(AccessError):
            entry.with_user(self.ben).action_give_back()
        entry.with_user(self.anna).action_give_back()
        self.assertEqual((entry.state, bool(entry.claimed_by_id)), ("open", False))
        self.assertFalse(self.customer.activity_ids)
        self.assertTrue(entry.escalate_at)
        entry.with_user(self.ben).action_claim()
        self.assertEqual(entry.claimed_by_id, self.ben)
        entry.with_user(self.ben).action_done()
        with self.assertRaisesRegex(UserError, "Nobody has"):
            entry.action_give_back()

    def test_given_back_it_is_the_owners_who_is_known_now(self):
        call = self.missed_queue()
        entry = self.entries()
        entry.with_user(self.anna).action_claim()
        self.customer.user_id = self.ben
        call.with_user(self.anna).this_is_the_caller("res.partner", self.customer.id)
        # whoever took it keeps it
        self.assertEqual(entry.activity_id.user_id, self.anna)
        entry.with_user(self.anna).action_give_back()
        self.assertEqual((entry.user_id, bool(entry.team_id)), (self.ben, False))
        self.assertEqual(entry.activity_id.user_id, self.ben)
        self.assertFalse(entry.escalate_at)

    def test_given_back_by_the_owner_himself_it_is_the_others(self):
        call = self.missed_queue()
        entry = self.entries()
        entry.with_user(self.anna).action_claim()
        self.customer.user_id = self.anna
        call.with_user(self.anna).this_is_the_caller("res.partner", self.customer.id)
        entry.with_user(self.anna).action_give_back()
        self.assertEqual((entry.team_id, bool(entry.user_id)), (self.team, False))
        self.assertFalse(entry.activity_id)
        self.assertTrue(entry.escalate_at)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_others_take_nothing_and_write_nothing(self):
        self.missed_queue()
        entry = self.entries()
        for attempt in (
            lambda: entry.with_user(self.dana).action_claim(),
            lambda: entry.with_user(self.dana).action_done(),
            lambda: entry.with_user(self.dana).action_open_record(),
            lambda: entry.with_user(self.dana).action_call_back(),
            lambda: entry.with_user(self.anna).write({"state": "done"}),
            lambda: entry.with_user(self.anna).unlink(),
            lambda: entry.with_user(self.anna).copy(),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_call_back_takes_and_dials(self):
        self.missed_queue(caller=NUMBER)
        entry = self.entries()
        with self.own_cursors():
            action = entry.with_user(self.anna).action_call_back()
        self.assertEqual(action["params"]["call"]["dial_number"], E164)
        self.assertEqual(self.call().record_ref, self.customer)
        self.env.invalidate_all()
        self.assertEqual(entry.claimed_by_id, self.anna)

    def test_call_back_when_the_call_was_deleted(self):
        self.missed_queue()
        entry = self.entries()
        self.call().unlink()
        entry.with_user(self.anna).action_claim()
        self.assertEqual(
            entry.with_user(self.anna).action_open_record()["res_id"], entry.id
        )
        with self.own_cursors():
            entry.with_user(self.anna).action_call_back()
        self.assertTrue(self.simulator.requests("dial"))

    def test_who_has_no_line_leaves_it_to_the_others(self):
        self.missed_queue()
        self.desk_101.user_id = False
        with self.assertRaisesRegex(UserError, "no line"):
            self.entries().with_user(self.anna).action_call_back()
        self.assertEqual(self.entries().state, "open")

    # === CLOSING === #

    def test_closed_when_anybody_reaches_the_number(self):
        self.customer.user_id = self.ben
        self.missed(desks=("101",))
        activity = self.customer.activity_ids
        self.talked(number=NUMBER)
        self.assertFalse(self.entries())
        entry = self.env["noojee.missed.call"].search([("number", "=", E164)])
        self.assertEqual(entry.closed_call_id, self.call())
        self.assertFalse(activity.active)
        self.assertFalse(self.to_call(self.ben))
        self.assertIn("Reached by Anna Berg", self.customer.message_ids[0].body)

    def test_closed_when_the_caller_comes_through(self):
        self.missed_queue()
        self.inbound("Ringing", "Connected", caller=STRANGER)
        self.assertFalse(self.entries())

    def test_not_closed_by_a_call_that_nobody_answered(self):
        self.missed_queue()
        self.outbound("Dialing Out", "Hungup", number=STRANGER)
        self.assertTrue(self.entries())

    def test_who_calls_again_is_listed_again(self):
        self.talked(number=STRANGER)
        call = self.call()
        call.answered_at = call.started_at = fields.Datetime.now() - timedelta(hours=1)
        self.missed_queue()
        self.assertTrue(self.entries())
        # what was told of the talk comes late once more
        call._follow_missed()
        self.assertTrue(self.entries())

    def test_missed_call_that_is_told_late_is_not_listed_any_more(self):
        self.inbound("Ringing", desks=("101", "102"), caller=STRANGER)
        late = self.call()
        self.talked(number=STRANGER, desk="102")
        self.inbound(
            "Hungup",
            desks=("101", "102"),
            caller=STRANGER,
            unique_id=int(late.channel_ids[0].unique_call_id.partition(".")[0]),
        )
        self.assertEqual(late.outcome, "missed")
        self.assertFalse(self.entries())

    def test_badge_goes_when_the_number_was_reached(self):
        self.missed_queue()
        self.missed(desks=("101",), caller=NUMBER)

        def state():
            return self.env["noojee.call"].with_user(self.anna).get_phone_state()

        self.assertEqual(state()["missed_count"], 2)
        self.talked(number=STRANGER, desk="102")
        self.assertEqual(state()["missed_count"], 1)
        message = self.bus_messages(self.anna, "noojee.phone/missed_seen")
        self.assertIn('"count":1', message[-1].message.replace(" ", ""))

    def test_badge_goes_when_somebody_has_dealt_with_it(self):
        self.missed_queue()
        entry = self.entries()
        entry.with_user(self.anna).action_claim()
        entry.with_user(self.anna).action_done()
        for user in (self.anna, self.ben):
            calls = self.env["noojee.call"].with_user(user)
            self.assertEqual(calls.get_phone_state()["missed_count"], 0)

    def test_done_by_hand(self):
        self.missed(desks=("101",))
        self.entries().with_user(self.anna).action_done()
        self.assertFalse(self.entries())
        self.assertFalse(self.to_call(self.anna))

    def test_activity_that_is_done_closes_the_entry(self):
        self.missed(desks=("101",))
        activity = self.customer.activity_ids
        activity.with_user(self.anna).action_feedback(feedback="Wrote him a mail")
        entry = self.env["noojee.missed.call"].search([("number", "=", E164)])
        self.assertEqual((entry.state, entry.done_by_id), ("done", self.anna))

    def test_lists_are_told(self):
        self.missed_queue()
        for user in (self.anna, self.ben, self.chloe):
            self.assertTrue(self.bus_messages(user, "noojee.missed/changed"))
        self.assertFalse(self.bus_messages(self.dana, "noojee.missed/changed"))

    def test_lists_of_supervisors_are_told_of_what_is_others(self):
        self.missed(desks=("101",))
        messages = self.env["bus.bus"].search([("message", "like", CHANGED)])
        channel = f'"res.company",{self.env.company.id},"{CHANNEL}"'
        channels = [message.channel.replace(" ", "") for message in messages]
        self.assertTrue(any(channel in told for told in channels))

    # === ANSWERED AFTER ALL === #

    def second_round(self, caller, unique_id):
        """The same call, answered at a desk that is rung anew."""
        fields = {
            "callerId": caller,
            "inbound": True,
            "isQueueCall": True,
            "secondaryUniqueCallId": f"{unique_id}.0",
        }
        rows = [("101", status, fields) for status in ("Ringing", "Connected")]
        return self.events(next(self.serial), *rows)

    def first_round(self, caller):
        """:return: the call's id, by which the next round is known"""
        unique_id = next(self.serial)
        self.missed(desks=("101", "102"), caller=caller, unique_id=unique_id)
        self.assertTrue(self.call().missed_call_id)
        return unique_id

    def test_hidden_caller_who_is_answered_in_the_second_round(self):
        unique_id = self.first_round("anonymous")
        entry = self.entries()
        call = self.second_round("anonymous", unique_id)
        self.assertFalse(entry.exists())
        self.assertFalse(call.missed_call_id)

    def test_other_hidden_callers_wait_on(self):
        self.first_round("anonymous")
        other = self.call()
        unique_id = self.first_round("anonymous")
        self.second_round("anonymous", unique_id)
        entry = self.entries()
        self.assertEqual((entry.count, entry.last_call_id), (1, other))
        self.assertEqual(entry.last_at, other.started_at)

    def test_nothing_is_left_at_a_customer_who_was_answered_in_the_second_round(self):
        self.customer.user_id = self.ben
        unique_id = self.first_round(NUMBER)
        activity = self.customer.activity_ids
        self.assertTrue(activity)
        self.second_round(NUMBER, unique_id)
        self.assertFalse(self.entries())
        self.assertFalse(activity.exists())
        self.assertNotIn("Reached by", str(self.customer.message_ids.mapped("body")))

    def test_number_that_cannot_be_read_is_reached_too(self):
        self.missed_queue(caller="99999")
        entry = self.entries()
        self.assertEqual((entry.number, self.call().number_e164), ("99999", False))
        self.inbound("Ringing", "Connected", caller="99999")
        self.assertEqual((entry.state, entry.closed_call_id), ("done", self.call()))

    def test_hidden_number_is_not_reached_by_talking_to_another_one(self):
        self.missed_queue(caller="anonymous")
        self.inbound("Ringing", "Connected", caller="anonymous")
        self.assertEqual(self.entries().count, 1)

    def test_missed_calls_that_turn_out_to_be_one(self):
        row = {"callerId": STRANGER, "inbound": True}
        for status in ("Ringing", "Hungup"):
            self.events(4, ("101", status, row), ("102", status, row))
        self.assertEqual(self.entries().count, 2)
        activities = self.entries().activity_id
        shared = {**row, "secondaryUniqueCallId": "4.0"}
        call = self.events(4, ("101", "Hungup", shared), ("102", "Hungup", shared))
        entry = self.entries()
        self.assertEqual((entry.count, entry.last_call_id), (1, call))
        self.assertEqual(entry.call_ids, call)
        self.assertEqual(activities.exists(), entry.activity_id)

    # === WHO SEES IT === #

    def test_supervisor_and_administrator(self):
        self.missed(desks=("101",), caller=NUMBER)
        self.missed_queue()
        self.entries(self.ben).with_user(self.ben).action_claim()
        self.assertEqual(len(self.entries(self.chloe)), 2)
        self.assertEqual(len(self.entries(self.admin)), 2)
        self.team.user_id = self.dana
        self.assertFalse(self.entries(self.chloe))

    def test_customer_who_may_not_be_read_stays_a_number(self):
        self.missed_queue(caller=NUMBER)
        self.assertIn("Priya Raman", self.entries(self.anna).name)
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.customer.id})]",
            }
        )
        self.env.invalidate_all()
        self.assertEqual(self.entries(self.anna).name, "(03) 7010 9876")

    def test_nothing_of_another_company(self):
        other = self.env["res.company"].create({"name": "B"})
        self.admin.write({"company_ids": [(4, other.id)]})
        self.missed_queue()
        entries = self.env["noojee.missed.call"].with_user(self.admin)
        here = entries.with_context(allowed_company_ids=self.env.company.ids)
        there = entries.with_context(allowed_company_ids=other.ids)
        self.assertTrue(here.search([("state", "=", "open")]))
        self.assertFalse(there.search([("state", "=", "open")]))
