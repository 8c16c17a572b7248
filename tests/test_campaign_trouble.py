from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import API_KEY
from .push_common import INSERT, PushCommon


@tagged("post_install", "-at_install", "noojee")
class TestCampaignTrouble(PushCommon):
    """Whatever goes wrong: no lead is lost, and none is there twice."""

    # === REFUSALS === #

    def test_another_lead_of_the_campaign_has_the_number(self):
        first, second = self.leads(), self.leads()
        second.phone = first.phone
        self.push(first)
        [line] = self.push(second)
        self.assertEqual((line.state, line.code), ("refused", 105))
        self.assertIn("Another lead of the campaign has this number", line.reason)
        self.queue(second, allow_duplicates=True)
        self.send()
        self.assertEqual(line.state, "sent")
        self.assertInCampaign(*self.lines(first), line)

    def test_do_not_call_of_the_pbx_is_ours_too(self):
        lead = self.leads(phone="0491 570 110")
        [line] = self.push(lead)
        self.assertEqual((line.state, line.code), ("refused", 104))
        listed = self.env["phone.blacklist"].search([("number", "=", "+61491570110")])
        self.assertTrue(listed)

    def test_an_allocation_that_closed_meanwhile(self):
        leads = self.leads(2)
        lines = self.queue(leads)
        self.simulator.control("campaigns", gone={"allocations": ["111"]})
        self.send()
        self.assertEqual(set(lines.mapped("state")), {"refused"})
        self.assertIn("Unknown allocation id 111", lines[0].reason)
        self.simulator.control("campaigns", gone={})
        lines.job_id.with_user(self.chloe).action_retry()
        self.send()
        self.assertEqual(set(lines.mapped("state")), {"sent"})

    def test_a_field_that_is_gone_is_not_sent(self):
        self.field("Note").fixed_text = "from Odoo"
        self.simulator.control("campaigns", gone={"fields": ["5"]})
        self.refresh()
        self.push(self.leads())
        self.assertNotIn("Note", self.body())

    # === THE PBX FAILS === #

    def test_what_passes_is_tried_again(self):
        for kind in ("http500", "http429", "html", "drop", "truncated", "invalid"):
            with self.subTest(kind):
                lead = self.leads()
                self.fault(kind)
                [line] = self.push(lead)
                self.assertEqual(line.state, "waiting")
                self.assertTrue(line.reason)
                self.assertNotIn(API_KEY, line.reason)
                self.assertGreater(line.due_at, fields.Datetime.now())
                self.assertTrue(line.job_id.get_progress()["reason"])
                self.simulator.clear_faults()
                self.send_later(line)
                self.assertEqual(line.state, "sent")
                self.assertFalse(line.reason)
        self.assertEqual(len(self.simulator.leads), 6)

    def test_too_large_is_not_tried_again(self):
        self.fault("http413", times=1)
        [line] = self.push(self.leads())
        self.assertEqual(line.state, "refused")
        self.assertIn("too large", line.reason)

    def test_a_reply_that_is_lost_after_the_lead_was_taken(self):
        for kind in ("drop", "http500", "html"):
            for allow in (False, True):
                with self.subTest(kind, allow=allow):
                    lead = self.leads()
                    self.fault(kind, when="after")
                    [line] = self.push(lead, allow_duplicates=allow)
                    self.assertEqual(line.state, "waiting")
                    self.simulator.clear_faults()
                    asked = len(self.simulator.requests(INSERT))
                    self.send_later(line)
                    self.assertEqual(line.state, "sent")
                    # it was looked for, not sent again
                    requests = self.simulator.requests(INSERT)
                    self.assertEqual(len(requests), asked)
        keys = [lead["key"] for lead in self.simulator.leads]
        self.assertEqual(len(keys), 6)
        self.assertEqual(len(set(keys)), 6)

    def test_killed_between_request_and_receipt(self):
        taken, lost = self.leads(), self.leads()
        lines = self.push(taken) + self.queue(lost)
        # as the one left them that died: one had reached the PBX, the other had not
        lines.write(
            {
                "state": "sending",
                "sent_at": False,
                "sent_values": False,
                "due_at": fields.Datetime.now() + timedelta(minutes=5),
            }
        )
        self.send()
        self.assertEqual(set(lines.mapped("state")), {"sending"})
        self.send_later(lines)
        self.assertEqual(set(lines.mapped("state")), {"sent"})
        self.assertInCampaign(*lines)

    def test_nobody_is_asked_again_while_the_pbx_is_away(self):
        lines = self.queue(self.leads(20))
        self.fault("http500")
        self.send()
        # two at a time, then it is left alone
        asked = len(self.simulator.requests(INSERT))
        self.assertLessEqual(asked, 2)
        self.assertNotIn("refused", lines.mapped("state"))
        self.send()
        self.assertEqual(len(self.simulator.requests(INSERT)), asked)
        self.simulator.clear_faults()
        self.send_later(lines)
        self.assertEqual(set(lines.mapped("state")), {"sent"})
        self.assertInCampaign(*lines)

    def test_calls_go_on_while_leads_fail(self):
        self.fault("http500")
        self.push(self.leads())
        self.assertFalse(self.pbx.circuit_ids.failing_since)

    def test_a_lead_that_always_fails_is_given_up(self):
        [line] = self.queue(self.leads())
        self.fault("http500")
        self.send()
        for _turn in range(5):
            self.send_later(line)
        self.assertEqual(line.state, "refused")
        self.assertIn("HTTP 500", line.reason)
        self.simulator.clear_faults()
        line.with_user(self.chloe).action_retry()
        self.send_later(line)
        self.assertEqual(line.state, "sent")

    def test_stopped_leads_are_not_sent(self):
        lines = self.queue(self.leads(3))
        lines.job_id.with_user(self.chloe).action_stop()
        self.send()
        self.assertEqual(set(lines.mapped("state")), {"withdrawn"})
        self.assertIn("Chloe Duval stopped it", lines[0].reason)
        self.assertFalse(self.simulator.leads)
