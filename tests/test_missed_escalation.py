from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .missed_common import STRANGER, MissedCommon


@tagged("post_install", "-at_install", "noojee")
class TestMissedEscalation(MissedCommon):
    """What nobody takes is brought before somebody, once."""

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("noojee.ir_cron_escalate_missed").method_direct_trigger()
        self.env.invalidate_all()

    def test_leader_is_told_once(self):
        self.team.noojee_missed_minutes = 10
        self.missed_queue()
        entry = self.entries()
        self.run_cron()
        self.assertFalse(entry.activity_ids)
        entry.escalate_at = fields.Datetime.now() - timedelta(minutes=1)
        self.run_cron()
        self.assertEqual(entry.activity_ids.user_id, self.chloe)
        self.assertIn("Solar sales", entry.activity_ids.summary)
        self.assertTrue(entry.escalated_at)
        self.missed_queue()
        self.assertFalse(entry.escalate_at)
        self.run_cron()
        self.assertEqual(len(entry.activity_ids), 1)
        # it goes with the reason for it
        self.talked(number=STRANGER)
        self.assertFalse(entry.activity_ids)

    def test_what_somebody_took_is_not_escalated(self):
        self.missed_queue()
        entry = self.entries()
        self.assertTrue(entry.escalate_at)
        entry.with_user(self.anna).action_claim()
        self.assertFalse(entry.escalate_at)

    def make_due(self, entry):
        self.assertTrue(entry.escalate_at)
        entry.escalate_at = fields.Datetime.now() - timedelta(minutes=1)
        self.run_cron()

    def told(self, entry):
        return (entry.activity_ids - entry.activity_id).user_id

    def test_leader_is_told_again_of_what_was_given_back(self):
        self.missed_queue()
        entry = self.entries()
        self.make_due(entry)
        self.assertEqual(self.told(entry), self.chloe)
        entry.with_user(self.anna).action_claim()
        self.assertFalse(self.told(entry))
        # the call back itself stays
        self.assertEqual(entry.activity_id.user_id, self.anna)
        entry.with_user(self.anna).action_give_back()
        self.make_due(entry)
        self.assertEqual(self.told(entry), self.chloe)

    def test_what_was_given_back_has_its_time_again(self):
        """However long ago the first call was."""
        self.missed_queue()
        entry = self.entries()
        entry.first_at = self.call().started_at = fields.Datetime.now() - timedelta(1)
        entry.with_user(self.anna).action_claim()
        entry.with_user(self.anna).action_give_back()
        due_at = entry.escalate_at
        self.assertGreater(due_at, fields.Datetime.now())
        self.missed_queue()
        self.assertEqual(entry.escalate_at, due_at)

    def test_leader_of_another_company(self):
        other = self.env["res.company"].create({"name": "B"})
        self.missed_queue()
        entry = self.entries()
        self.chloe.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.make_due(entry)
        self.assertNotIn(self.chloe, self.told(entry))
        self.assertIn(self.admin, self.told(entry))

    # === WHO HAS IT IS NOT THERE ANY MORE === #

    def leave(self, user, how):
        if how == "archived":
            self.desk_101.user_id = self.desk_102.user_id = False
            user.active = False
        elif how == "no phone":
            user.group_ids -= self.env.ref("noojee.group_user")
        elif how == "other team":
            user.crm_team_member_ids.active = False

    def test_owner_who_has_left(self):
        self.customer.user_id = self.ben
        self.missed(desks=("101",))
        entry = self.entries()
        self.leave(self.ben, "archived")
        self.run_cron()
        # whom it rang at sees to it
        self.assertEqual(entry.user_id, self.anna)
        self.assertEqual(entry.activity_id.user_id, self.anna)
        self.assertFalse(self.customer.activity_ids - entry.activity_id)

    def test_called_user_who_has_left(self):
        for number, how in enumerate(("no phone", "archived")):
            with self.subTest(how):
                self.missed(desks=("101",), caller=f"049157774{number}")
                entry = self.entries()[0]
                self.assertEqual(entry.user_id, self.anna)
                self.leave(self.anna, how)
                self.run_cron()
                self.assertFalse(entry.user_id or entry.activity_id)
                self.make_due(entry)
                self.assertIn(self.admin, self.told(entry))
                self.anna.active = True
                self.anna.group_ids += self.env.ref("noojee.group_user")
                self.desk_101.user_id = self.anna

    def test_who_took_it_has_left(self):
        for number, how in enumerate(("other team", "no phone", "archived")):
            with self.subTest(how):
                self.missed_queue(caller=f"049157754{number}")
                entry = self.entries()[0]
                entry.with_user(self.ben).action_claim()
                self.leave(self.ben, how)
                self.run_cron()
                self.assertEqual(
                    (entry.state, bool(entry.activity_id)), ("open", False)
                )
                self.assertTrue(entry.escalate_at)
                entry.with_user(self.anna).action_claim()
                self.ben.active = True
                self.ben.group_ids += self.env.ref("noojee.group_user")
                self.team.member_ids += self.ben
                self.desk_101.user_id, self.desk_102.user_id = self.anna, self.ben

    def test_hidden_callers_of_who_has_left_join_the_others(self):
        self.missed(desks=("103",), caller="anonymous")
        self.missed(desks=("101",), caller="anonymous")
        self.leave(self.anna, "archived")
        self.run_cron()
        entry = self.entries()
        self.assertEqual((entry.count, len(entry.call_ids)), (2, 2))
        self.assertFalse(entry.user_id)

    def test_who_has_left_when_the_call_was_deleted(self):
        self.missed(desks=("101",), caller=STRANGER)
        self.call().unlink()
        self.leave(self.anna, "archived")
        self.run_cron()
        entry = self.entries()
        self.assertFalse(entry.user_id or entry.activity_id)
        self.assertTrue(entry.escalate_at)

    def test_who_was_deleted(self):
        sam = new_test_user(self.env, "noojee_sam", "noojee.group_user")
        self.customer.user_id = sam
        self.missed(desks=("101",))
        owned = self.entries()
        self.assertEqual(owned.user_id, sam)
        self.missed_queue()
        claimed = self.entries(team_id=self.team.id)
        self.team.member_ids += sam
        claimed.with_user(sam).action_claim()
        sam.unlink()
        self.assertEqual(owned.user_id, self.anna)
        self.assertEqual(owned.activity_id.user_id, self.anna)
        self.assertEqual((claimed.state, claimed.team_id), ("open", self.team))
        self.assertTrue(claimed.escalate_at)

    @mute_logger("odoo.addons.noojee.models.noojee_missed_escalation")
    def test_one_that_fails_does_not_hold_up_the_others(self):
        self.missed(desks=("101",), caller=STRANGER)
        failing = self.entries()
        self.missed_queue(caller="0491577745")
        entry = self.entries(team_id=self.team.id)
        leave = self.registry["noojee.missed.call"]._leave

        def fail(entry):
            if entry == failing:
                raise ValueError("for a test")
            leave(entry)

        self.patch(self.registry["noojee.missed.call"], "_leave", fail)
        self.leave(self.anna, "archived")
        self.make_due(entry)
        self.assertEqual(self.told(entry), self.chloe)

    def test_who_is_still_there_keeps_it(self):
        self.customer.user_id = self.ben
        self.ben.group_ids -= self.env.ref("noojee.group_user")
        self.missed(desks=("101",))
        self.missed_queue()
        owned = self.entries(user_id=self.ben.id)
        claimed = self.entries(team_id=self.team.id)
        claimed.with_user(self.anna).action_claim()
        self.run_cron()
        self.assertEqual(owned.activity_id.user_id, self.ben)
        self.assertEqual(claimed.claimed_by_id, self.anna)

    def test_team_without_a_leader_who_can_see_to_it(self):
        for leader in (self.env["res.users"], self.dana):
            with self.subTest(leader.name):
                self.team.user_id = leader
                self.missed_queue(caller=f"0491577{len(leader)}44")
                entry = self.entries()[0]
                self.make_due(entry)
                self.assertIn(self.admin, self.told(entry))
                self.assertNotIn(leader, self.told(entry))

    def test_without_a_team_administrators_are_told(self):
        self.missed(desks=("103",), caller=STRANGER)
        self.env["crm.team.member"].search([]).active = False
        self.missed_queue(caller="0491577744")
        entries = self.entries()
        self.assertEqual(len(entries), 2)
        for entry in entries:
            self.make_due(entry)
            self.assertIn(self.admin, self.told(entry))
            self.assertIn("Nobody has called back", entry.activity_ids[0].summary)

    def test_without_a_team_and_without_minutes(self):
        self.pbx.missed_minutes = 0
        self.missed(desks=("103",), caller=STRANGER)
        self.assertFalse(self.entries().escalate_at)

    def test_what_is_somebodys_is_not_escalated(self):
        self.missed(desks=("101",), caller=STRANGER)
        self.assertFalse(self.entries().escalate_at)

    def test_team_that_wants_no_escalation(self):
        self.team.noojee_missed_minutes = 0
        self.missed_queue()
        self.assertFalse(self.entries().escalate_at)
