from datetime import timedelta

from odoo import fields
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

    # === WHAT SOMEBODY KNOWS BETTER === #

    def test_what_odoo_closes_at_the_pbx_does_not_come_back_as_the_agents_word(self):
        self.template().won_disposition_id = self.disposition("Not interested")
        self.rule("Not interested", "lost")
        self.rule("Not interested", "blacklist")
        lead = self.dispositioned("Call back")
        lead.action_set_won()
        self.send()
        self.assertEqual(self.lines(lead).state, "withdrawn")
        self.fetch()
        self.assertEqual(self.result(lead).disposition, "Not interested")
        self.assertEqual(self.result(lead).state, "done")
        self.assertEqual((lead.won_status, lead.active), ("won", True))
        self.assertFalse(self.env["phone.blacklist"].search([]))
        self.assertEqual(self.calls_of(lead).disposition_id.name, "Call back")

    def test_a_lead_that_is_won_stays_won(self):
        self.rule("No answer", "stage", stage_id=self.reached.id)
        self.rule("Not interested", "lost")
        for disposition in ("No answer", "Not interested"):
            lead = self.leads()
            self.called(self.push(lead), disposition)
            lead.action_set_won()
            self.fetch()
            self.assertEqual((lead.won_status, lead.active), ("won", True))
            result = self.result(lead)
            self.assertEqual((result.state, result.reason), ("done", False))
            self.assertIn("is won", result.step_ids.reason)

    def test_what_was_closed_after_the_call_stays_closed(self):
        self.rule("Call back", "stage", stage_id=self.reached.id)
        late, early = self.leads(), self.leads()
        self.called(self.push(late + early))
        late.action_set_lost()
        early.action_set_lost()
        late.date_closed = fields.Datetime.now() + timedelta(minutes=1)
        early.date_closed = "2020-01-01 00:00:00"
        self.fetch()
        self.assertEqual((late.active, early.active), (False, True))
        self.assertEqual(early.stage_id, self.reached)

    def test_the_agent_may_take_back_what_he_has_said(self):
        self.rule("Sale", "won")
        self.rule("Call back", "stage", stage_id=self.reached.id)
        lead = self.dispositioned("Sale")
        self.assertEqual(lead.won_status, "won")
        self.called(self.lines(lead), "Call back")
        self.fetch()
        self.assertEqual((lead.won_status, lead.stage_id), ("pending", self.reached))

    def test_who_has_the_lead_already_is_not_told_again(self):
        self.ben.notification_type = "inbox"
        lead = self.leads(user_id=self.ben.id)
        told = [("notified_partner_ids", "=", self.ben.partner_id.id)]
        before = self.env["mail.message"].search_count(told)
        self.rule("Sale", "assign", user_id=self.ben.id)
        self.called(self.push(lead), "Sale")
        self.fetch()
        self.assertEqual(self.result(lead).state, "done")
        self.assertEqual(self.env["mail.message"].search_count(told), before)

    def test_the_number_that_is_sent_is_the_one_not_called_any_more(self):
        self.field("Phone").lead_path = "partner_id.phone"
        self.rule("Do not call", "blacklist")
        lead = self.leads(partner_id=self.customer.id)
        self.env.cr.execute(
            "UPDATE crm_lead SET phone = '+61370102999', phone_sanitized = "
            "'+61370102999' WHERE id = %s",
            [lead.id],
        )
        lead.invalidate_recordset()
        self.called(self.push(lead), "Do not call")
        self.fetch()
        numbers = self.env["phone.blacklist"].search([]).mapped("number")
        self.assertIn(self.customer.phone_sanitized, numbers)
        self.assertNotIn("+61370102999", numbers)

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

    def test_a_rule_that_is_archived_is_no_fault_any_more(self):
        gone = self.env["crm.stage"].create({"name": "Gone soon"})
        rule = self.rule("Sale", "stage", stage_id=gone.id)
        gone.unlink()
        result = self.result(self.dispositioned("Sale"))
        self.assertEqual(result.state, "failed")
        rule.active = False
        result.with_user(self.chloe).action_retry()
        self.run_job()
        self.assertEqual((result.state, result.reason), ("done", False))

    def test_a_new_rule_is_not_for_what_was_done(self):
        lead = self.leads()
        [line] = self.push(lead)
        row = {"id": "7", "njExternalLeadId": line.lead_key, "disposition": "Sale"}
        self.records(row)
        self.fetch()
        self.rule("Sale", "stage", stage_id=self.reached.id)
        self.records({**row, "duration": "60"})
        self.fetch()
        self.assertEqual(self.result(lead).duration, 60)
        self.assertNotEqual(lead.stage_id, self.reached)

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
