from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .result_common import LIST, ResultCommon


@tagged("post_install", "-at_install", "noojee")
class TestCampaignStrangeRecords(ResultCommon):
    """Call records that no PBX should list, and PBXs that keep others waiting."""

    def pushed(self, **values):
        """:return: a lead in the campaign, and its key there"""
        lead = self.leads(**values)
        [line] = self.push(lead)
        return lead, line.lead_key

    # === WHAT NO DATABASE KEEPS === #

    def test_signs_that_no_database_keeps(self):
        lead, key = self.pushed()
        self.records(
            {
                "id": "7\0",
                "njExternalLeadId": key,
                "name": "Li\0 \ud800Wei",
                "note": {"deep": ["\0", "\ud800", float("nan")]},
                "\0": "x",
            }
        )
        self.fetch()
        result = self.result(lead)
        self.assertEqual((result.state, result.name), ("done", "Li Wei"))
        self.assertEqual(result.row["note"], {"deep": ["", "", "nan"]})

    def test_figures_and_texts_beyond_all_measure(self):
        lead, key = self.pushed()
        row = {"njExternalLeadId": key, "disposition": "Sale", "name": "N" * 9000}
        self.records(
            {**row, "id": "7", "duration": "9" * 30},
            {**row, "id": "8", "startTime": "0001-01-01 00:00"},
            {**row, "id": "9" * 9000},
            {**row, "id": "10", "duration": "-5"},
            {**row, "id": "11", "startTime": "9999-12-31 23:59", "duration": "90"},
            {**row, "id": "12"},
        )
        self.fetch()
        results = self.results(("lead_id", "=", lead.id))
        self.assertEqual(len(results), 6)
        self.assertEqual(results.filtered(lambda r: r.wire_id == "12").state, "done")
        self.assertNotIn("new", results.mapped("state"))
        # what comes later is the last call all the same
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        self.assertLess(self.lines(lead).last_dialled_at, tomorrow)
        self.fetch()
        self.assertEqual(len(self.results()), 6)

    def test_html_stays_words(self):
        lead, key = self.pushed()
        words = "<b>Bold</b>"
        self.disposition("Sale").name = words
        self.rule(words, "activity", activity_for="agent")
        self.rule(words, "blacklist")
        self.records(
            {
                "id": "7",
                "njExternalLeadId": key,
                "name": words,
                "disposition": words,
                "agentLoginName": "anna",
            }
        )
        self.fetch()
        self.assertEqual(lead.activity_ids.summary, words)
        [call] = self.calls_of(lead)
        self.assertNotIn(words, call.message_id.body)
        self.assertIn("&lt;b&gt;", call.message_id.body)

    # === WHOSE IT IS === #

    def test_a_lead_number_of_another_campaign_is_another_leads(self):
        lead, key = self.pushed()
        self.records({"id": "7", "njExternalLeadId": key, "njLeadId": "L5"})
        self.fetch()
        self.records({"id": "8", "njLeadId": "L5"}, allocation="121")
        self.fetch()
        [other] = self.results(("campaign_id", "=", self.campaign("12").id))
        self.assertEqual((other.state, len(other.lead_id)), ("unmatched", 0))
        self.assertEqual(self.result(lead).found_by, "key")

    def test_a_number_that_comes_back_for_another_lead(self):
        first, first_key = self.pushed()
        second, second_key = self.pushed()
        self.rule("Not interested", "lost")
        row = {"id": "7", "agentLoginName": "anna"}
        self.records({**row, "njExternalLeadId": first_key, "disposition": "Call back"})
        self.fetch()
        again = {
            **row,
            "njExternalLeadId": second_key,
            "disposition": "Not interested",
        }
        self.records(again)
        self.fetch()
        self.fetch()
        self.assertTrue(first.active)
        self.assertFalse(second.active)
        self.assertEqual(self.result(first).disposition, "Call back")
        self.assertEqual(self.result(second).disposition, "Not interested")

    def test_the_same_number_in_two_allocations_at_once(self):
        first, first_key = self.pushed()
        second, second_key = self.pushed()
        self.rule("Sale", "activity", activity_for="agent")
        row = {"id": "7", "agentLoginName": "anna", "disposition": "Sale"}
        ours = {**row, "njExternalLeadId": first_key}
        others = {**row, "njExternalLeadId": second_key}
        self.records(ours)
        self.records(others, ours, allocation="112")
        for _time in range(3):
            self.fetch()
        self.assertEqual(len(self.results()), 2)
        self.assertEqual(len(first.activity_ids), 1)
        self.assertEqual(len(second.activity_ids), 1)

    def test_a_name_that_is_a_number_is_the_number(self):
        lead = self.leads(user_id=self.ben.id)
        self.records({"id": "7", "name": lead.phone, "agentLoginName": "anna"})
        self.fetch()
        result = self.result(lead)
        self.assertEqual((result.found_by, result.name), ("phone", False))
        self.assertEqual(result.number_e164, lead.phone_sanitized)

    def test_the_same_word_in_other_letters_is_no_other_disposition(self):
        lead, key = self.pushed()
        self.rule("Sale", "activity", activity_for="agent")
        row = {"id": "7", "njExternalLeadId": key, "agentLoginName": "anna"}
        for word in ("Sale", "SALE", "sale"):
            self.records({**row, "disposition": word})
            self.fetch()
        self.assertEqual(len(lead.activity_ids), 1)
        self.assertEqual(self.result(lead).state, "done")

    # === WHO KEEPS OTHERS WAITING === #

    def test_what_is_known_costs_no_query_of_its_own(self):
        row = {"disposition": "Sale", "duration": "5", "agentLoginName": "nobody"}
        counts = []
        for count in (50, 250):
            rows = [
                {
                    **row,
                    "id": str(n),
                    "phoneNumber": f"0370{n:06}",
                    "uniqueId": f"1.{n}",
                }
                for n in range(count)
            ]
            self.records(*rows)
            self.fetch()
            self.assertEqual(len(self.results()), count)
            counts.append(self.queries_of_a_look())
        self.assertEqual(*counts)

    def queries_of_a_look(self):
        """How many a list takes of which everything is known."""
        polls = self.env["noojee.campaign.poll"]
        poll = polls.search([("allocation_id", "=", self.allocation().id)])
        place = ("1", "11", "111")
        rows = self.pbx._ask(lambda client: client.get_call_records(*place))
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        poll._take_in(rows)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_an_allocation_that_fails_is_not_asked_first_again(self):
        self.fetch()
        polls = self.env["noojee.campaign.poll"].search([("pbx_id", "=", self.pbx.id)])
        bad = polls.filtered(lambda poll: poll.allocation_id == self.allocation())
        polls.due_at = "2020-01-02 00:00:00"
        bad.due_at = "2020-01-01 00:00:00"
        self.fault("http500", method=LIST, times=1)
        self.run_job()
        self.assertNotEqual(polls._next(self.pbx), bad)
        self.assertTrue(polls._next(self.pbx))

    def test_dispositions_are_asked_for_once_not_for_each_record(self):
        leads = self.leads(45)
        lines = self.push(leads)
        self.called(lines, "Marsupial")
        lists = "getDispositionList"
        asked = len(self.simulator.requests(lists))
        self.fetch()
        self.assertEqual(set(self.results().mapped("state")), {"failed"})
        templates = self.pbx.template_ids
        self.assertEqual(len(self.simulator.requests(lists)), asked + len(templates))

    @mute_logger("odoo.sql_db")
    def test_a_rule_that_collides_always_holds_up_no_other_record(self):
        self.env["crm.tag"].create({"name": "Once only"})
        self.env["base.automation"].create(
            {
                "name": "Tag",
                "model_id": self.env.ref("crm.model_crm_lead").id,
                "trigger": "on_stage_set",
                "trg_field_ref": self.reached.id,
                "action_server_ids": [
                    (
                        0,
                        0,
                        {
                            "name": "Tag",
                            "model_id": self.env.ref("crm.model_crm_lead").id,
                            "state": "object_create",
                            "crud_model_id": self.env.ref(
                                "sales_team.model_crm_tag"
                            ).id,
                            "value": "Once only",
                        },
                    )
                ],
            }
        )
        self.rule("Sale", "stage", stage_id=self.reached.id)
        bad, good = self.leads(), self.leads()
        lines = self.push(bad + good)
        self.called(lines[0], "Sale")
        self.called(lines[1], "Call back")
        self.fetch()
        self.assertEqual(self.result(good).state, "done")
        self.assertEqual(self.result(bad).state, "failed")
        self.assertTrue(self.result(bad).reason)
        self.assertEqual(len(self.calls_of(bad)), 1)

    def test_who_was_asked_longest_ago_is_first(self):
        mirrors = self.env["noojee.campaign.mirror"]
        first = self.pbx
        second = self.env["noojee.pbx"].create(
            {"name": "Second PBX", "base_url": first.base_url, "api_key": "another"}
        )
        mirrors._of(first).results_begun_at = fields.Datetime.now()
        self.assertEqual(mirrors._in_turn(first + second), second + first)
