from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models.noojee_missed_follow import CHANGED

from .call_common import NUMBER
from .missed_common import STRANGER, STRANGER_E164, MissedCommon


@tagged("post_install", "-at_install", "noojee")
class TestMissedCall(MissedCommon):
    """Who is to call back, once for each number, until somebody reached it."""

    # === FOR WHOM === #

    def test_owner_of_the_customer_finds_it_in_his_list(self):
        self.customer.user_id = self.ben
        self.missed(desks=("101",))
        entry = self.entries(self.ben)
        self.assertEqual(entry.user_id, self.ben)
        self.assertEqual(entry.name, "Priya Raman · (03) 7010 9876")
        [row] = self.to_call(self.ben)
        self.assertEqual((row["model"], row["id"]), ("res.partner", self.customer.id))
        self.assertIn("Call back: missed", row["summary"])
        self.assertFalse(self.to_call(self.anna))
        self.assertFalse(self.entries(self.anna))

    def test_lead_whose_number_it_is(self):
        lead = self.lead()
        self.missed_queue()
        self.assertEqual(self.entries().user_id, self.ben)
        self.assertEqual(lead.activity_ids.user_id, self.ben)

    def test_customer_of_nobodys_is_the_called_users(self):
        self.missed(desks=("101",))
        self.assertEqual(self.entries().user_id, self.anna)
        self.assertEqual(self.customer.activity_ids.user_id, self.anna)

    def test_caller_who_was_told_is_in_the_list(self):
        call = self.missed(desks=("101",), caller=STRANGER)
        call.with_user(self.anna).this_is_the_caller("res.partner", self.customer.id)
        self.assertEqual(self.to_call(self.anna)[0]["id"], self.customer.id)

    def test_owner_who_could_not_even_read_it_is_not_asked(self):
        """He has no phone: his customer is all that he may read."""
        sam = new_test_user(
            self.env, "noojee_sam", "sales_team.group_sale_salesman", name="Sam Sales"
        )
        self.customer.user_id = sam
        self.missed(desks=("101",))
        entry = self.entries()
        self.assertEqual((entry.user_id, entry.activity_id.user_id), (sam, sam))
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env.ref("base.model_res_partner").id,
                "groups": self.env.ref("sales_team.group_sale_salesman").ids,
                "domain_force": f"[('id', '!=', {self.customer.id})]"
                f" if user.id == {sam.id} else []",
            }
        )
        self.missed(desks=("102",))
        self.assertEqual(entry.user_id, self.ben)
        self.assertEqual(entry.activity_id.user_id, self.ben)

    def test_owner_who_has_left_is_not_asked(self):
        self.customer.user_id = self.ben
        self.desk_102.user_id = False
        self.ben.active = False
        self.missed(desks=("101",))
        self.assertEqual(self.entries().user_id, self.anna)

    def test_stranger_at_one_desk_is_listed_for_its_user(self):
        self.missed(desks=("101",), caller=STRANGER)
        entry = self.entries(self.anna)
        self.assertEqual((entry.user_id, entry.number), (self.anna, STRANGER_E164))
        self.assertEqual(entry.name, "0491 577 644")
        [row] = self.to_call(self.anna)
        self.assertEqual(
            (row["model"], row["id"], row["name"], row["number"]),
            (entry._name, entry.id, "0491 577 644", "0491 577 644"),
        )
        self.assertIn("Call back: missed", row["summary"])

    def test_stranger_is_called_from_the_list(self):
        self.missed(desks=("101",), caller=STRANGER)
        entry = self.entries()
        [row] = self.to_call(self.anna)
        # the company's country is not the PBX's: a typed number would be read by it
        self.env.company.country_id = self.env.ref("base.us")
        self.dial(row)
        call = self.call()
        self.assertEqual((call.number_e164, call.record_ref), (STRANGER_E164, None))
        self.assertEqual(call.activity_id, entry.activity_id)
        self.outbound("Dialing Out", "Hungup", number=STRANGER)
        [row] = self.to_call(self.anna)
        self.assertEqual(row["attempts"], 1)
        activity = entry.activity_id
        self.talked(number=STRANGER, desk="102")
        self.assertFalse(activity.active)
        self.assertFalse(self.to_call(self.anna))
        self.assertEqual(entry.state, "done")

    def dial(self, row):
        with self.own_cursors():
            self.env["noojee.call"].with_user(self.anna).dial(
                row["number"], row["model"], row["id"], row["activity_id"]
            )

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_strangers_entry_is_dialled_by_whoever_may_read_it(self):
        self.missed(desks=("102",), caller=STRANGER)
        entry = self.entries()
        with self.assertRaises(AccessError):
            self.env["noojee.call"].with_user(self.anna).dial(
                STRANGER, entry._name, entry.id
            )
        self.assertFalse(self.simulator.requests("dial"))

    def test_strangers_activity_that_is_done_closes_the_entry(self):
        self.missed(desks=("101",), caller=STRANGER)
        entry = self.entries()
        entry.activity_id.with_user(self.anna).action_feedback(feedback="A salesman")
        self.assertEqual((entry.state, entry.done_by_id), ("done", self.anna))

    def test_stranger_of_a_team_is_in_the_list_of_whoever_takes_it(self):
        self.missed_queue()
        entry = self.entries()
        self.assertFalse(self.to_call(self.anna))
        entry.with_user(self.anna).action_claim()
        self.assertEqual(self.to_call(self.anna)[0]["id"], entry.id)
        entry.with_user(self.anna).action_give_back()
        self.assertFalse(self.to_call(self.anna))

    # === ANOTHER CUSTOMER THAN WAS THOUGHT === #

    def test_call_back_moves_with_the_customer(self):
        other = self.env["res.partner"].create({"name": "Marek Kowal"})
        call = self.missed(desks=("101",), caller=STRANGER)
        call = call.with_user(self.anna)
        call.this_is_the_caller("res.partner", other.id)
        self.assertEqual(other.activity_ids.user_id, self.anna)
        call.this_is_the_caller("res.partner", self.customer.id)
        self.assertFalse(other.activity_ids)
        [row] = self.to_call(self.anna)
        self.assertEqual((row["model"], row["id"]), ("res.partner", self.customer.id))
        call.forget_caller()
        self.assertFalse(self.customer.activity_ids)

    def test_call_back_moves_back_when_it_was_nobody(self):
        call = self.missed(desks=("101",), caller=STRANGER).with_user(self.anna)
        call.this_is_the_caller("res.partner", self.customer.id)
        call.forget_caller()
        self.assertFalse(self.customer.activity_ids)
        [row] = self.to_call(self.anna)
        self.assertEqual(row["model"], "noojee.missed.call")

    def test_call_back_of_a_hidden_number_goes_with_its_customer(self):
        call = self.missed(desks=("101",), caller="anonymous").with_user(self.anna)
        self.assertFalse(self.to_call(self.anna))
        call.this_is_the_caller("res.partner", self.customer.id)
        self.assertTrue(self.to_call(self.anna))
        call.forget_caller()
        self.assertFalse(self.to_call(self.anna))
        self.assertFalse(self.entries().activity_id)

    def test_queue_call_is_its_teams(self):
        self.missed_queue()
        entry = self.entries()
        self.assertFalse(entry.user_id)
        self.assertEqual(entry.team_id, self.team)
        self.assertEqual(self.entries(self.anna), entry)
        self.assertEqual(self.entries(self.ben), entry)
        self.assertFalse(self.entries(self.dana))

    def test_team_of_most_of_the_desks(self):
        other = self.env["crm.team"].create(
            {"name": "Other", "member_ids": [(4, self.dana.id)]}
        )
        self.desk_103.user_id = self.dana
        self.missed_queue(desks=("101", "102", "103"))
        self.assertEqual(self.entries().team_id, self.team)
        self.ben.crm_team_member_ids.active = False
        self.desk_102.user_id = False
        self.anna.crm_team_member_ids.crm_team_id = other
        self.missed_queue(desks=("101", "103"))
        self.assertIn(other, self.entries().team_id)

    def test_desk_of_nobody_is_left_to_supervisors(self):
        self.missed(desks=("103",), caller=STRANGER)
        entry = self.entries(self.chloe)
        self.assertFalse(entry.user_id or entry.team_id)
        self.assertFalse(self.entries(self.anna))
        entry.with_user(self.chloe).action_claim()
        self.assertEqual(entry.claimed_by_id, self.chloe)

    def test_without_a_team_whoever_was_rung_takes_it(self):
        self.env["crm.team.member"].search([]).active = False
        self.missed_queue()
        entry = self.entries(self.anna)
        self.assertTrue(entry)
        self.assertFalse(self.entries(self.dana))
        entry.with_user(self.ben).action_claim()
        self.assertEqual(entry.sudo().claimed_by_id, self.ben)

    def test_called_user_who_may_not_call_back(self):
        """He has no phone any more, or left while it rang: others see to it."""
        unique_id = next(self.serial)
        self.inbound("Ringing", caller=STRANGER, unique_id=unique_id)
        self.anna.group_ids -= self.env.ref("noojee.group_user")
        self.inbound("Hungup", caller=STRANGER, unique_id=unique_id)
        entry = self.entries()
        self.assertFalse(entry.user_id or entry.activity_id)
        self.assertTrue(entry.escalate_at)

    # === ONE FOR EACH NUMBER === #

    def test_number_that_rang_at_two_users_is_the_last_ones(self):
        self.missed(desks=("101",), caller=NUMBER)
        self.missed(desks=("102",), caller=NUMBER)
        entry = self.entries()
        self.assertEqual((entry.count, entry.user_id), (2, self.ben))
        self.assertEqual(self.customer.activity_ids.user_id, self.ben)
        self.assertEqual(len(self.customer.activity_ids), 1)
        self.assertFalse(self.to_call(self.anna))
        # a desk of nobody's takes it from nobody
        self.missed(desks=("103",), caller=NUMBER)
        self.assertEqual((entry.count, entry.user_id), (3, self.ben))
        # each has missed his own call
        for user in (self.anna, self.ben):
            calls = self.env["noojee.call"].with_user(user)
            self.assertEqual(calls.get_phone_state()["missed_count"], 1)

    @mute_logger("odoo.sql_db")
    def test_two_entries_of_a_number_cannot_be(self):
        """Nor when two processes list it at the same moment."""
        self.missed(desks=("101",), caller=STRANGER)
        entry = self.entries()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            entry.copy({"number": entry.number, "user_id": self.ben.id})
            self.env.flush_all()

    def test_what_rang_at_one_user_and_then_in_the_queue_is_the_teams(self):
        self.missed(desks=("101",), caller=STRANGER)
        self.missed_queue()
        entry = self.entries()
        self.assertEqual((entry.count, entry.team_id), (2, self.team))
        self.assertFalse(entry.user_id or entry.activity_id)
        self.assertTrue(entry.escalate_at)
        entry.with_user(self.anna).action_claim()
        self.missed(desks=("102",), caller=STRANGER)
        self.assertEqual((entry.count, entry.claimed_by_id), (3, self.anna))
        self.assertFalse(entry.user_id)

    def test_customer_who_has_another_owner_now(self):
        self.customer.user_id = self.ben
        self.missed(desks=("101",))
        self.customer.user_id = self.anna
        self.missed(desks=("102",))
        self.assertEqual(self.entries().user_id, self.anna)
        self.assertEqual(self.customer.activity_ids.user_id, self.anna)

    def test_caller_who_was_told_is_his_owners(self):
        self.customer.user_id = self.ben
        for desks in (("101",), ("101", "102")):
            with self.subTest(desks):
                caller = f"049157764{len(desks)}"
                call = self.missed(desks=desks, caller=caller).with_user(self.anna)
                call.this_is_the_caller("res.partner", self.customer.id)
                entry = call.sudo().missed_call_id
                self.assertEqual(entry.user_id, self.ben)
                self.assertFalse(entry.team_id or entry.escalate_at)
                self.assertEqual(entry.activity_id.user_id, self.ben)
                call.forget_caller()
                self.assertNotEqual(entry.user_id, self.ben)
                call.this_is_the_caller("res.partner", self.customer.id)
                self.missed(desks=desks, caller=caller)
                self.assertEqual((entry.count, entry.user_id), (2, self.ben))

    def test_lists_of_the_owner_are_told(self):
        call = self.missed(desks=("101",), caller=STRANGER).with_user(self.anna)
        self.customer.user_id = self.ben
        self.assertFalse(self.bus_messages(self.ben, CHANGED))
        call.this_is_the_caller("res.partner", self.customer.id)
        self.assertTrue(self.bus_messages(self.ben, CHANGED))

    def test_caller_who_was_told_where_a_later_call_was_deleted(self):
        call = self.missed(desks=("101",), caller=STRANGER).with_user(self.anna)
        self.missed(desks=("101",), caller=STRANGER).unlink()
        self.customer.user_id = self.ben
        call.this_is_the_caller("res.partner", self.customer.id)
        entry = self.entries()
        self.assertEqual(entry.user_id, self.ben)
        self.assertEqual(entry.activity_id, self.customer.activity_ids)

    def test_earlier_call_that_is_told_late_changes_nothing(self):
        unique_id = next(self.serial)
        early = self.inbound(
            "Ringing", desks=("102",), caller=STRANGER, unique_id=unique_id
        )
        early.channel_ids.started_at = early.started_at - timedelta(hours=1)
        early.started_at -= timedelta(hours=1)
        late = self.missed(desks=("101",), caller=STRANGER)
        self.inbound("Hungup", desks=("102",), caller=STRANGER, unique_id=unique_id)
        entry = self.entries()
        self.assertEqual((entry.count, entry.first_at), (2, early.started_at))
        self.assertEqual((entry.user_id, entry.last_call_id), (self.anna, late))

    # === A CALL BACK THAT IS DELETED === #

    def test_customer_who_is_deleted_is_a_number_again(self):
        customer = self.env["res.partner"].create(
            {"name": "Cy", "phone": STRANGER, "country_id": self.customer.country_id.id}
        )
        self.missed(desks=("101",), caller=STRANGER)
        self.assertEqual(customer.activity_ids.user_id, self.anna)
        customer.unlink()
        [row] = self.to_call(self.anna)
        self.assertEqual(row["model"], "noojee.missed.call")

    def test_call_back_that_is_cancelled_is_done(self):
        self.missed(desks=("101",))
        entry = self.entries()
        entry.activity_id.with_user(self.anna).unlink()
        self.assertEqual((entry.state, entry.done_by_id), ("done", self.anna))

    def test_call_back_that_is_cancelled_by_who_took_it_is_given_back(self):
        self.missed_queue(caller=NUMBER)
        entry = self.entries()
        entry.with_user(self.anna).action_claim()
        entry.activity_id.with_user(self.anna).unlink()
        self.assertEqual((entry.state, bool(entry.claimed_by_id)), ("open", False))
        self.assertTrue(entry.escalate_at)

    # === WHAT IS LISTED === #

    def test_only_calls_from_outside_that_nobody_answered(self):
        self.talked(number=STRANGER)
        self.outbound("Dialing Out", "Hungup", number=STRANGER)
        self.inbound("Ringing", "Connected", "Hungup", caller=STRANGER)
        self.inbound("Ringing", caller=STRANGER)
        self.events(
            7,
            ("102", "Ringing", {"callerId": "101", "inbound": True}),
            ("102", "Hungup", {"callerId": "101", "inbound": True}),
        )
        self.assertFalse(self.entries())

    def test_five_tries_are_one_entry_and_one_activity(self):
        for _try in range(5):
            self.missed(desks=("101",))
        entry = self.entries()
        self.assertEqual(entry.count, 5)
        self.assertEqual(len(entry.call_ids), 5)
        self.assertEqual(entry.last_call_id, self.call())
        self.assertIn("missed 5 times", self.customer.activity_ids.summary)

    def test_repeated_and_late_events_count_nothing(self):
        unique_id = next(self.serial)
        for _repeat in range(3):
            self.inbound("Ringing", "Hungup", caller=STRANGER, unique_id=unique_id)
        self.assertEqual(self.entries().count, 1)

    def test_anonymous_callers_are_one_entry(self):
        self.missed(caller="anonymous")
        self.missed(caller="")
        entry = self.entries(self.anna)
        self.assertEqual((entry.count, entry.name), (2, "Hidden number"))
        with self.assertRaisesRegex(UserError, "hid the number"), self.own_cursors():
            entry.with_user(self.anna).action_call_back()

    def test_what_ends_with_a_desk_that_is_followed_no_more(self):
        unique_id = next(self.serial)
        self.inbound(
            "Ringing", desks=("101", "102"), caller=STRANGER, unique_id=unique_id
        )
        row = {"callerId": STRANGER, "inbound": True, "isQueueCall": True}
        self.events(unique_id, ("101", "Hungup", row))
        self.assertFalse(self.entries())
        self.env["noojee.call"]._close_unwatched(self.pbx, ["101"])
        self.assertEqual(self.entries().team_id, self.team)

    @mute_logger("odoo.addons.noojee.models.noojee_call_missed")
    def test_list_that_fails_does_not_lose_the_call(self):
        def fail(_entries, _call):
            raise ValueError("for a test")

        self.patch(self.registry["noojee.missed.call"], "_put", fail)
        call = self.missed(desks=("101",))
        self.assertEqual(call.outcome, "missed")
        self.assertTrue(call.message_id)

    # === COST === #

    def test_events_of_a_ringing_call_cost_nothing(self):
        call = self.inbound("Ringing", caller=STRANGER)
        call.mapped("answered_at")
        with self.assertQueryCount(0):
            call._follow_missed()

    def test_another_try_costs_the_same_however_many_there_were(self):
        self.missed_queue()
        call = self.missed_queue()
        few = self.queries(call)
        for _try in range(10):
            call = self.missed_queue()
        self.assertLessEqual(self.queries(call), few)

    def queries(self, call):
        """How many it takes to count this call."""
        call.missed_call_id = False
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call._follow_missed()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_answered_call_costs_one_search(self):
        call = self.inbound("Ringing", "Connected", caller=STRANGER)
        call.mapped("answered_at")
        # the search, and the savepoint around it
        with self.assertQueryCount(3):
            call._follow_missed()
