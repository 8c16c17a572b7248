from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .result_common import ResultCommon


@tagged("post_install", "-at_install", "noojee")
class TestCampaignRules(ResultCommon):
    """What follows from a disposition: once, in the order, whatever fails."""

    def dispositioned(self, disposition, **values):
        """:return: a lead that an agent has called"""
        lead = self.leads(**values)
        self.called(self.push(lead), disposition)
        self.fetch()
        return lead

    def test_the_call_gets_its_result(self):
        answer = self.env["noojee.call.result"].create({"name": "Nobody there"})
        self.rule("No answer", "result", call_result_id=answer.id)
        lead = self.dispositioned("No answer")
        self.assertEqual(self.calls_of(lead).result_id, answer)
        self.assertIn("Nobody there", self.calls_of(lead).message_id.body)

    def test_the_lead_moves(self):
        self.rule("Call back", "stage", stage_id=self.reached.id)
        self.rule("Sale", "won")
        self.rule("Not interested", "lost", lost_reason_id=self.too_dear.id)
        self.assertEqual(self.dispositioned("Call back").stage_id, self.reached)
        self.assertEqual(self.dispositioned("Sale").won_status, "won")
        lost = self.dispositioned("Not interested")
        self.assertEqual((lost.won_status, lost.active), ("lost", False))
        self.assertEqual(lost.lost_reason_id, self.too_dear)

    def test_the_number_is_not_called_any_more(self):
        self.rule("Do not call", "blacklist")
        lead = self.dispositioned("Do not call")
        self.assertTrue(
            self.env["phone.blacklist"].search([("number", "=", lead.phone_sanitized)])
        )

    def test_an_activity_for_whom_it_says(self):
        for whom, user in (
            ("owner", self.ben),
            ("agent", self.anna),
            ("user", self.chloe),
        ):
            rule = self.rule(
                "Call back",
                "activity",
                activity_days=3,
                activity_for=whom,
                user_id=user.id,
                activity_summary="Ring again",
            )
            lead = self.dispositioned("Call back", user_id=self.ben.id)
            [activity] = lead.activity_ids
            self.assertEqual(activity.user_id, user)
            self.assertEqual(activity.summary, "Ring again")
            expected = self.today(user) + timedelta(days=3)
            self.assertEqual(activity.date_deadline, expected)
            rule.unlink()

    def test_the_lead_is_assigned(self):
        team = self.env["crm.team"].create({"name": "Closers"})
        self.rule("Sale", "assign", user_id=self.ben.id, team_id=team.id)
        lead = self.dispositioned("Sale")
        self.assertEqual((lead.user_id, lead.team_id), (self.ben, team))

    def test_in_their_order_and_of_the_template_as_well(self):
        self.rule("Sale", "stage", stage_id=self.reached.id, sequence=20)
        self.rule("Sale", "stage", stage_id=self.elsewhere.id, sequence=5)
        self.rule(False, "assign", user_id=self.ben.id, sequence=1)
        self.rule("No answer", "won")
        lead = self.dispositioned("Sale")
        self.assertEqual((lead.stage_id, lead.user_id), (self.reached, self.ben))
        self.assertEqual(
            self.result(lead).step_ids.mapped("name"),
            [
                "Assign the lead",
                "Move the lead (Elsewhere)",
                "Move the lead (Reached)",
            ],
        )

    def test_once_however_often_it_is_listed(self):
        self.rule("Sale", "stage", stage_id=self.reached.id)
        lead = self.dispositioned("Sale")
        lead.stage_id = self.elsewhere
        self.fetch()
        self.assertEqual(lead.stage_id, self.elsewhere)

    def test_another_disposition_applies_its_own_rules_once(self):
        self.rule("No answer", "lost")
        self.rule("Call back", "activity", activity_for="agent")
        self.rule("Sale", "stage", stage_id=self.reached.id)
        lead = self.dispositioned("No answer")
        self.assertFalse(lead.active)
        [line] = self.lines(lead)
        for disposition in ("Sale", "Call back"):
            self.called(line, disposition)
            self.fetch()
            self.fetch()
        self.assertTrue(lead.active)
        self.assertEqual(lead.stage_id, self.reached)
        self.assertEqual(len(lead.activity_ids), 1)
        self.assertEqual(len(self.result(lead).step_ids), 3)

    # === WHAT FAILS === #

    def test_an_error_stands_on_the_record_and_can_be_retried(self):
        gone = self.env["crm.stage"].create({"name": "Gone soon"})
        rule = self.rule("Sale", "stage", stage_id=gone.id)
        self.rule("Sale", "activity", activity_for="agent", sequence=20)
        gone.unlink()
        good = self.leads()
        [line] = self.push(good)
        self.called(line, "No answer")
        lead = self.dispositioned("Sale")
        result = self.result(lead)
        self.assertEqual(result.state, "failed")
        self.assertIn("To stage", result.reason)
        # neither the other rule nor the other record
        self.assertEqual(len(lead.activity_ids), 1)
        self.assertEqual(self.result(good).state, "done")
        rule.stage_id = self.reached
        result.with_user(self.chloe).action_retry()
        self.run_job()
        self.assertEqual((result.state, result.reason), ("done", False))
        self.assertEqual(lead.stage_id, self.reached)
        self.assertEqual(len(lead.activity_ids), 1)

    def test_a_required_field_is_missing(self):
        self.rule("Sale", "assign", user_id=self.ben.id)
        self.ben.active = False
        lead = self.dispositioned("Sale")
        self.assertEqual(self.result(lead).state, "failed")
        self.assertIn("archived", self.result(lead).reason)
        self.assertEqual(len(self.calls_of(lead)), 1)

    @mute_logger("odoo.addons.noojee.models.noojee_campaign_mirror")
    def test_a_disposition_that_is_not_known_is_asked_for_once(self):
        self.rule("Sale", "stage", stage_id=self.reached.id)
        self.disposition("Sale").name = "Sold"
        lists = "getDispositionList"
        asked = len(self.simulator.requests(lists))
        lead = self.dispositioned("Sale")
        self.assertEqual(self.result(lead).state, "done")
        self.assertEqual(lead.stage_id, self.reached)
        self.assertGreater(len(self.simulator.requests(lists)), asked)
        strange = self.dispositioned("Marsupial")
        asked = len(self.simulator.requests(lists))
        self.fetch()
        self.assertEqual(len(self.simulator.requests(lists)), asked)
        result = self.result(strange)
        self.assertEqual(result.state, "failed")
        self.assertIn("no disposition “Marsupial”", result.reason)
        self.assertEqual(len(self.calls_of(strange)), 1)

    def test_a_rule_says_all_that_it_needs(self):
        for action, values in (
            ("stage", {}),
            ("result", {}),
            ("assign", {}),
            ("activity", {"activity_for": "user"}),
            ("activity", {"activity_days": -1}),
            ("won", {"disposition_id": self.disposition("Booked", "2").id}),
        ):
            with self.subTest(action), self.assertRaises(ValidationError):
                self.rule("Sale", action, **values)

    # === COMPANIES === #

    def test_rules_act_in_the_company_of_the_pbx(self):
        other = self.env["res.company"].create({"name": "Company B"})
        lead = self.leads(company_id=False)
        self.rule("Sale", "won")
        self.called(self.push(lead), "Sale")
        # whoever runs the job works in another company
        self.env.user.company_ids += other
        self.env.user.company_id = other
        self.run_job()
        self.assertEqual(lead.won_status, "won")
        self.assertEqual(self.calls_of(lead).company_id, self.pbx.company_id)
        self.assertEqual(self.result(lead).company_id, self.pbx.company_id)
