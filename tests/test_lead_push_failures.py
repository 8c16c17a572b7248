from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import API_KEY
from .push_common import INSERT, UPDATE, PushCommon


@tagged("post_install", "-at_install", "noojee")
class TestLeadPushFailures(PushCommon):
    """Each answer that section 7 lists, older systems, and campaigns that change at
    the PBX."""

    # === OF THE PBX, NOT OF THE LEAD === #

    def test_what_says_nothing_of_the_lead_is_no_attempt_at_it(self):
        [line] = self.queue(self.leads())
        for kind in ("http302", "http429", "http503", "bad key", "away"):
            with self.subTest(kind):
                self.break_pbx(kind)
                self.send_later(line)
                for _turn in range(8):
                    self.send_later(line)
                self.assertEqual((line.state, line.attempts), ("waiting", 0))
                self.assertTrue(line.job_id.get_progress()["reason"])
                self.mend_pbx()
        self.send_later(line)
        self.assertEqual(line.state, "sent")
        self.assertInCampaign(line)

    def break_pbx(self, kind):
        if kind == "bad key":
            self.pbx.new_api_key = "another"
        elif kind == "away":
            # nothing listens there
            self.move_pbx("http://127.0.0.1:9")
        else:
            self.fault(kind)

    def mend_pbx(self):
        self.simulator.clear_faults()
        self.move_pbx(self.simulator.url)

    def move_pbx(self, url):
        self.pbx.base_url = url
        # it goes with the address
        self.pbx.new_api_key = API_KEY

    def test_a_wrong_key_is_told_in_words(self):
        self.break_pbx("bad key")
        lines = self.push(self.leads(3))
        self.assertEqual(set(lines.mapped("state")) - {"waiting", "queued"}, set())
        self.assertIn("refused the API key", lines.job_id.get_progress()["reason"])

    # === OLDER SYSTEMS === #

    def older(self):
        """As a PBX answers that knows the older methods alone."""
        self.fault("http404")
        self.fault("http404", method=UPDATE)

    def test_a_pbx_that_knows_the_older_methods_alone(self):
        self.older()
        lead = self.leads()
        lines = self.push(lead + self.leads(4))
        self.assertEqual(set(lines.mapped("state")), {"sent"})
        self.assertInCampaign(*lines)
        # it was found out once
        self.assertLessEqual(len(self.simulator.requests(INSERT)), 2)
        self.template().update_disposition_id = self.template().disposition_ids[0]
        lead.city = "Fitzroy"
        self.send()
        [there] = [
            row for row in self.simulator.leads if row["key"] == lines[0].lead_key
        ]
        self.assertEqual(there["fields"]["Suburb"], "Fitzroy")
        # an updated PBX is asked by its present methods after the next refresh
        self.simulator.clear_faults()
        self.refresh()
        before = len(self.simulator.requests(INSERT))
        self.push(self.leads())
        self.assertGreater(len(self.simulator.requests(INSERT)), before)

    def test_a_lost_reply_of_an_older_method(self):
        self.older()
        self.push(self.leads())
        self.fault("drop", method="insertLead", when="after", times=1)
        [line] = self.push(self.leads())
        self.assertEqual(line.state, "waiting")
        self.send_later(line)
        self.assertEqual(line.state, "sent")
        self.assertEqual(len(self.simulator.leads), 2)

    def test_an_import_by_hand_holds_up_the_older_methods(self):
        self.older()
        self.simulator.control("importing", importing=True)
        lines = self.push(self.leads(5))
        self.assertNotIn("refused", lines.mapped("state"))
        self.assertIn("imports leads", lines.job_id.get_progress()["reason"])
        self.assertFalse(self.simulator.leads)
        self.simulator.control("importing", importing=False)
        self.send_later(lines)
        self.assertEqual(set(lines.mapped("state")), {"sent"})
        self.assertInCampaign(*lines)

    def test_a_pbx_that_takes_no_leads_at_all_says_so_once(self):
        self.older()
        self.fault("http404", method="insertLead")
        lines = self.push(self.leads(12))
        self.assertNotIn("refused", lines.mapped("state"))
        self.assertIn("takes no leads", lines.job_id.get_progress()["reason"])
        self.assertLessEqual(len(lines.filtered("reason")), 2)
        asked = len(self.simulator.requests())
        self.send()
        self.assertEqual(len(self.simulator.requests()), asked)
        self.simulator.clear_faults()
        self.send_later(lines)
        self.assertEqual(set(lines.mapped("state")), {"sent"})

    # === WHAT A LOST ANSWER LEAVES OPEN === #

    def test_a_place_that_closed_tells_nothing_of_a_lost_lead(self):
        self.fault("drop", times=1)
        [line] = self.push(self.leads())
        self.simulator.control("campaigns", gone={"allocations": ["111"]})
        self.send_later(line)
        # it never came there
        self.assertEqual(line.state, "refused")
        self.assertIn("may be closed", line.reason)
        self.simulator.control("campaigns", gone={})
        line.with_user(self.chloe).action_retry()
        self.send_later(line)
        self.assertEqual(line.state, "sent")
        self.assertInCampaign(line)

    def test_a_phone_field_that_is_gone_tells_nothing_of_a_lost_lead(self):
        self.fault("drop", times=1)
        [line] = self.push(self.leads())
        self.simulator.control("campaigns", gone={"fields": ["2"]})
        self.send_later(line)
        self.assertEqual(line.state, "refused")
        self.assertFalse(self.simulator.leads)

    def test_what_changed_while_the_answer_was_lost_is_told_afterwards(self):
        self.template().update_disposition_id = self.template().disposition_ids[0]
        lead = self.leads(city="Carlton")
        self.fault("drop", when="after", times=1)
        [line] = self.push(lead)
        lead.city = "Fitzroy"
        self.send_later(line)
        self.send()
        self.assertEqual((line.state, line.is_stale), ("sent", False))
        [there] = self.simulator.leads
        self.assertEqual(there["fields"]["Suburb"], "Fitzroy")

    # === THE PBX'S CAMPAIGN CHANGES === #

    def test_the_mapped_phone_field_is_gone_at_the_pbx(self):
        lead = self.leads()
        self.simulator.control("campaigns", gone={"fields": ["2"]})
        [line] = self.push(lead)
        self.assertEqual((line.state, line.code), ("refused", 102))
        self.assertIn("check the mapping", line.reason)
        self.refresh()
        self.assertIn("No phone field", self.wizard(self.leads()).problem)
        self.field("Mobile").lead_path = "phone"
        line.with_user(self.chloe).action_retry()
        self.send_later(line)
        self.assertEqual(line.state, "sent")

    def test_a_refused_place_is_looked_up_and_asked_no_more(self):
        first, later = self.queue(self.leads(3)), self.queue(self.leads(20))
        later.due_at = fields.Datetime.now() + timedelta(days=1)
        self.simulator.control("campaigns", gone={"allocations": ["111"]})
        mirror = self.env["noojee.campaign.mirror"]._of(self.pbx)
        mirror.due_at = fields.Datetime.now() + timedelta(days=1)
        self.send()
        self.assertEqual(set(first.mapped("state")), {"refused"})
        self.assertLessEqual(mirror.due_at, fields.Datetime.now())
        self.refresh()
        self.send_later(later)
        self.assertEqual(set(later.mapped("state")), {"refused"})
        self.assertEqual(len(self.simulator.requests(INSERT)), 3)
        self.assertIn("is closed at the PBX", later[0].reason)

    def test_an_unknown_disposition(self):
        disposition = self.template().disposition_ids[0]
        self.template().lost_disposition_id = disposition
        lead = self.leads()
        [line] = self.push(lead)
        gone = {"dispositions": [disposition.wire_id]}
        self.simulator.control("campaigns", gone=gone)
        lead.action_set_lost()
        self.send()
        self.assertEqual((line.state, line.code), ("sent", 106))
        self.assertIn("choose another one in the template", line.reason)
        self.simulator.control("campaigns", gone={})
        line.with_user(self.chloe).action_update()
        self.send()
        self.assertEqual(line.state, "withdrawn")

    def test_too_many_at_once_waits(self):
        for when in ("before", "after"):
            with self.subTest(when):
                self.fault("lead109", when=when, times=1)
                [line] = self.push(self.leads())
                self.assertEqual((line.state, line.code), ("waiting", 109))
                reason = line.job_id.get_progress()["reason"]
                self.assertIn("too many leads", reason)
                self.send_later(line)
                self.assertEqual(line.state, "sent")
        self.assertEqual(len(self.simulator.leads), 2)

    def test_a_lead_that_the_pbx_fails_at_holds_up_no_other(self):
        for when in ("before", "after"):
            with self.subTest(when):
                self.fault("lead103", when=when, times=1)
                lines = self.push(self.leads(2))
                self.assertEqual(set(lines.mapped("state")), {"waiting", "sent"})
                self.assertFalse(lines.job_id.get_progress()["reason"])
                [line] = lines.filtered(lambda line: line.state == "waiting")
                self.assertEqual(line.code, 103)
                self.assertIn("somebody imports leads", line.reason)
                self.send_later(line)
                self.assertEqual(line.state, "sent")
        self.assertEqual(len(self.simulator.leads), 4)

    # === SEVERAL === #

    def test_a_withdrawal_does_not_wait_behind_new_leads(self):
        disposition = self.template().disposition_ids[0]
        self.template().lost_disposition_id = disposition
        lead = self.leads()
        self.push(lead)
        self.queue(self.leads(25))
        lead.action_set_lost()
        self.send()
        methods = [r["method"] for r in self.simulator.requests()]
        first = methods.index(UPDATE)
        self.assertLess(methods[first:].count(INSERT), 26)
        self.assertGreater(methods[first:].count(INSERT), 14)
