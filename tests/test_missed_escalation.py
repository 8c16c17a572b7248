from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

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
