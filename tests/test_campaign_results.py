from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .result_common import LIST, ResultCommon
from .test_campaign_push import ACCESS_LOGGERS


@tagged("post_install", "-at_install", "noojee")
class TestCampaignResults(ResultCommon):
    """What agents say comes back: one call for each record, on its lead."""

    # === A RECORD BECOMES A CALL === #

    def test_a_record_is_a_call_on_the_lead(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.called(line, "No answer", duration=75)
        self.fetch()
        result = self.result(lead)
        self.assertEqual((result.state, result.found_by), ("done", "key"))
        self.assertEqual(result.user_id, self.anna)
        [call] = self.calls_of(lead)
        self.assertEqual(call, result.call_id)
        self.assertEqual(call.campaign_id, self.campaign())
        self.assertEqual(call.disposition_id, self.disposition("No answer"))
        self.assertEqual(call.user_id, self.anna)
        self.assertEqual(call.partner_id, lead.partner_id)
        self.assertEqual((call.state, call.outcome), ("ended", "answered"))
        self.assertEqual((call.direction, call.talk_seconds), ("outbound", 75))
        self.assertEqual(call.started_at, result.started_at)
        self.assertEqual(call.number_e164, lead.phone_sanitized)
        self.assertEqual(call.channel_ids.extension_number, "101")
        self.assertEqual(call.channel_ids.unique_call_id, result.unique_id)
        self.assertFalse(call.is_repaired)
        self.assertIn("Spring offer: No answer", call.message_id.body)
        self.assertEqual(call.message_id.res_id, lead.id)

    def test_the_line_in_the_campaign_tells_the_last_of_it(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.called(line, "No answer")
        self.fetch()
        self.assertEqual(line.last_disposition, "No answer")
        self.assertEqual(line.last_disposition_id, self.disposition("No answer"))
        self.assertEqual(line.last_agent_id, self.anna)
        self.assertEqual(line.last_dialled_at, self.result(lead).started_at)
        self.assertEqual(self.campaign().result_count, 1)

    def test_whoever_sat_at_a_shared_desk(self):
        self.desk_102.user_id = False
        self.desk_103.user_id = self.ben
        lead = self.leads()
        self.called(self.push(lead), agent="RECEPTION")
        self.fetch()
        self.assertEqual(self.result(lead).user_id, self.ben)

    def test_an_agent_without_a_desk_here_is_known_by_login_or_name(self):
        lead, other, unknown = self.leads(), self.leads(), self.leads()
        self.called(self.push(lead), agent="noojee_chloe")
        self.called(self.push(other), agent="Ada Admin", duration=0)
        self.called(self.push(unknown), agent="somebody%")
        self.fetch()
        self.assertEqual(self.result(lead).user_id, self.chloe)
        [call] = self.calls_of(lead)
        self.assertEqual((call.user_id, call.outcome), (self.chloe, "answered"))
        self.assertEqual((call.state, call.talk_seconds), ("ended", 60))
        self.assertFalse(call.channel_ids)
        [call] = self.calls_of(other)
        self.assertEqual((call.user_id, call.outcome), (self.admin, "cancelled"))
        self.assertFalse(self.result(unknown).user_id)
        self.assertEqual(len(self.calls_of(unknown)), 1)

    def test_what_the_pbx_does_not_tell_is_unknown(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.records({"id": "7", "njExternalLeadId": line.lead_key})
        self.fetch()
        result = self.result(lead)
        self.assertEqual(result.state, "done")
        [call] = self.calls_of(lead)
        self.assertEqual((call.state, call.outcome), ("ended", "unknown"))
        self.assertFalse(call.disposition_id)

    def test_its_audio_comes_home(self):
        lead = self.leads()
        [line] = self.push(lead)
        # one that the simulator has recorded
        [leg, *_others] = self.pbx._ask_recordings(
            lambda client: client.retrieve_metadata("S00001")
        )
        self.records(
            {
                "id": "7",
                "njExternalLeadId": line.lead_key,
                "uniqueId": leg.unique_id,
                "tag": "S00001",
                "agentLoginName": "nobody",
            }
        )
        self.fetch()
        recording = self.calls_of(lead).recording_ids
        self.assertEqual((recording.tag, recording.record_ref), ("S00001", lead))
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_fetch_recordings").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(recording.state, "stored")
        self.assertEqual(len(recording.leg_ids), 3)
        self.fetch()
        self.assertEqual(self.calls_of(lead).recording_ids, recording)

    # === ONCE === #

    def test_a_second_look_finds_nothing_new(self):
        leads = self.leads(3)
        self.called(self.push(leads))
        self.fetch()
        calls = self.env["noojee.call"].search_count([])
        self.fetch()
        self.fetch()
        self.assertEqual(len(self.results()), 3)
        self.assertEqual(self.env["noojee.call"].search_count([]), calls)

    def test_the_same_record_twice_in_one_list(self):
        lead = self.leads()
        [line] = self.push(lead)
        row = {"id": "7", "njExternalLeadId": line.lead_key, "disposition": "Sale"}
        self.records(row, row, {**row, "id": ""}, {**row, "id": ""})
        self.fetch()
        self.fetch()
        self.assertEqual(len(self.results()), 2)

    def test_another_disposition_is_of_the_same_call(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.called(line, "No answer")
        self.fetch()
        [call] = self.calls_of(lead)
        result = self.result(lead)
        self.called(line, "Sale")
        self.fetch()
        self.assertEqual(self.result(lead), result)
        self.assertEqual(self.calls_of(lead), call)
        self.assertEqual(result.disposition_id, self.disposition("Sale"))
        self.assertEqual(call.disposition_id, self.disposition("Sale"))
        self.assertEqual(line.last_disposition, "Sale")

    def test_the_listener_was_faster(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.simulator.control("number", number=lead.phone, behaviour="answer")
        self.simulator.control("call-out", desk="101", number=lead.phone)
        self.listen_until(lambda: self.call().state == "connected")
        call = self.call()
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: call.state == "ended")
        answered_at = call.answered_at
        self.records(
            {
                "id": "7",
                "njExternalLeadId": line.lead_key,
                "uniqueId": call.channel_ids.unique_call_id,
                "agentLoginName": "anna",
                "duration": "500",
                "disposition": "Sale",
            }
        )
        count = self.env["noojee.call"].search_count([])
        self.fetch()
        self.assertEqual(self.env["noojee.call"].search_count([]), count)
        self.assertEqual(self.result(lead).call_id, call)
        self.assertEqual(call.record_ref, lead)
        self.assertEqual(call.disposition_id, self.disposition("Sale"))
        # what was seen counts more than what was told
        self.assertEqual(call.answered_at, answered_at)
        self.assertLess(call.talk_seconds, 500)

    def test_the_record_was_faster(self):
        lead = self.leads()
        [line] = self.push(lead)
        channel = self.simulator.control("call-out", desk="101", number=lead.phone)
        self.records(
            {
                "id": "7",
                "njExternalLeadId": line.lead_key,
                "uniqueId": channel["uniqueCallId"],
                "disposition": "Sale",
                "duration": "5",
            }
        )
        self.fetch()
        [call] = self.calls_of(lead)
        self.assertFalse(call.channel_ids)
        # Odoo does not listen until then; which of both is the newer call is open
        channels = self.env["noojee.call.channel"]
        domain = [("unique_call_id", "=", channel["uniqueCallId"])]
        self.listen_until(lambda: bool(channels.search_count(domain)))
        self.fetch()
        [call] = self.calls_of(lead)
        self.assertEqual(call.channel_ids.extension_number, "101")
        self.assertEqual(call.disposition_id, self.disposition("Sale"))
        self.assertEqual(self.result(lead).call_id, call)
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: call.state == "ended")

    def test_what_a_person_said_about_the_call_stays(self):
        lead, other = self.leads(), self.leads()
        [line] = self.push(lead)
        self.simulator.control("call-out", desk="101", number=lead.phone)
        self.listen_until(lambda: bool(self.call().channel_ids))
        call = self.call()
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: call.state == "ended")
        call.with_user(self.anna).this_is_the_caller("crm.lead", other.id)
        self.records(
            {
                "id": "7",
                "njExternalLeadId": line.lead_key,
                "uniqueId": call.channel_ids.unique_call_id,
            }
        )
        self.fetch()
        self.assertEqual(call.record_ref, other)
        self.assertEqual(self.result(lead).call_id, call)

    # === WHOSE IT IS === #

    def test_by_the_pbx_own_number_of_the_lead(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.records(
            {"id": "7", "njExternalLeadId": line.lead_key, "njLeadId": "L5"},
            {"id": "8", "njLeadId": "L5"},
        )
        self.fetch()
        self.assertEqual(
            self.results(("lead_id", "=", lead.id)).mapped("found_by"),
            ["key", "number"],
        )

    def test_by_a_number_that_is_nobody_elses(self):
        lead = self.leads()
        self.records({"id": "7", "phoneNumber": lead.phone, "disposition": "Sale"})
        self.fetch()
        self.assertEqual(self.result(lead).found_by, "phone")
        self.assertEqual(self.calls_of(lead).disposition_id, self.disposition("Sale"))

    def test_not_by_a_number_of_several(self):
        first, second = self.leads(), self.leads()
        second.phone = first.phone
        self.records({"id": "7", "phoneNumber": first.phone})
        self.fetch()
        [result] = self.results()
        self.assertEqual(result.state, "unmatched")
        self.assertFalse(result.call_id)

    def test_without_a_lead_nothing_is_dropped_and_linking_applies_rules(self):
        self.rule("Sale", "stage", stage_id=self.reached.id)
        self.records({"id": "7", "name": "Li Wei", "disposition": "Sale"}, {"id": "8"})
        self.fetch()
        first, second = self.results()
        self.assertEqual({first.state, second.state}, {"unmatched"})
        self.assertTrue(first.reason)
        lead = self.leads()
        wizard = self.env["noojee.campaign.link"].with_user(self.chloe)
        wizard = wizard.with_context(active_ids=first.ids).create({"lead_id": lead.id})
        wizard.action_link()
        self.run_job()
        self.assertEqual((first.state, first.found_by), ("done", "person"))
        self.assertEqual(lead.stage_id, self.reached)
        self.assertEqual(self.calls_of(lead), first.call_id)
        self.assertEqual(second.state, "unmatched")

    def test_a_new_lead_of_an_unmatched_record(self):
        self.rule("Sale", "stage", stage_id=self.reached.id)
        self.records(
            {
                "id": "7",
                "name": "Li Wei",
                "disposition": "Sale",
                "phoneNumber": "0370105555",
                "agentLoginName": "anna",
            }
        )
        self.fetch()
        [result] = self.results()
        action = result.with_user(self.chloe).action_create_lead()
        leads = self.env["crm.lead"].with_user(self.chloe)
        lead = leads.with_context(**action["context"]).create({})
        self.assertEqual((lead.contact_name, lead.type), ("Li Wei", "lead"))
        self.assertEqual(lead.phone_sanitized, "+61370105555")
        self.run_job()
        self.assertEqual((result.state, result.lead_id), ("done", lead))
        self.assertEqual(lead.stage_id, self.reached)
        [call] = self.calls_of(lead)
        self.assertEqual(call.number_e164, "+61370105555")

    def test_leads_that_become_one_take_their_results_along(self):
        leads = self.leads(2)
        self.called(self.push(leads))
        self.fetch()
        kept = leads.merge_opportunity()
        self.assertEqual(len(self.results(("lead_id", "=", kept.id))), 2)

    def test_a_lead_that_was_deleted(self):
        lead = self.leads()
        self.called(self.push(lead))
        lead.unlink()
        self.fetch()
        [result] = self.results()
        self.assertEqual(result.state, "unmatched")
        self.assertIn("has been deleted", result.reason)

    def test_what_odoo_told_itself_is_no_call(self):
        self.template().update_disposition_id = self.disposition("Call back")
        self.rule("Call back", "stage", stage_id=self.reached.id)
        lead = self.leads()
        [line] = self.push(lead)
        lead.contact_name = "Another name"
        self.send()
        self.fetch()
        self.assertEqual(self.result(lead).state, "done")
        self.assertFalse(self.calls_of(lead))
        self.assertNotEqual(lead.stage_id, self.reached)
        self.called(line, "Call back")
        self.fetch()
        self.assertEqual(len(self.calls_of(lead)), 1)
        self.assertEqual(lead.stage_id, self.reached)

    # === WHO MAY === #

    @mute_logger(*ACCESS_LOGGERS)
    def test_sales_people_see_results_of_their_leads(self):
        own, others = self.leads(user_id=self.ben.id), self.leads()
        self.called(self.push(own + others), agent="nobody")
        self.fetch()
        results = self.env["noojee.campaign.result"]
        self.assertEqual(results.with_user(self.ben).search([]).lead_id, own)
        self.assertEqual(results.with_user(self.chloe).search([]).lead_id, own + others)
        result = self.result(own)
        for attempt in (
            lambda: result.with_user(self.ben).action_retry(),
            lambda: result.with_user(self.ben).write({"state": "new"}),
            lambda: result.with_user(self.admin).unlink(),
            lambda: self.campaign().with_user(self.ben).action_fetch_results(),
            lambda: self.env["noojee.campaign.rule"].with_user(self.ben).search([]),
            lambda: self.result(others).with_user(self.ben).read(["name"]),
        ):
            with self.assertRaises(AccessError):
                attempt()

    @mute_logger(*ACCESS_LOGGERS)
    def test_nothing_of_another_company(self):
        lena = self.of_another_company()
        lead = self.leads()
        lead_of_b = self.leads(company_id=lena.company_id.id)
        self.called(self.push(lead))
        self.records({"id": "7", "phoneNumber": lead_of_b.phone})
        self.fetch()
        self.assertFalse(self.env["noojee.campaign.result"].with_user(lena).search([]))
        [unmatched] = self.results(("state", "=", "unmatched"))
        wizard = self.env["noojee.campaign.link"].with_user(self.chloe)
        with self.assertRaises(Exception) as caught:
            wizard.with_context(active_ids=unmatched.ids).create(
                {"lead_id": lead_of_b.id}
            ).action_link()
        self.assertIsInstance(caught.exception, AccessError)

    # === TROUBLE === #

    def test_a_pbx_that_is_away_loses_nothing(self):
        lead = self.leads()
        self.called(self.push(lead))
        self.fault("http500", method=LIST)
        self.fetch()
        mirror = self.env["noojee.campaign.mirror"]._of(self.pbx)
        self.assertIn("internal error", mirror.results_reason)
        reason = self.campaign().with_user(self.anna).results_reason
        self.assertEqual(reason, mirror.results_reason)
        self.assertGreater(mirror.results_due_at, fields.Datetime.now())
        asked = len(self.simulator.requests(LIST))
        self.run_job()
        self.assertEqual(len(self.simulator.requests(LIST)), asked)
        self.simulator.clear_faults()
        self.pbx.circuit_ids.write({"failing_since": False, "retry_at": False})
        mirror.results_due_at = False
        self.run_job()
        self.assertEqual(self.result(lead).state, "done")
        self.assertFalse(self.pbx.results_reason)
        self.assertTrue(self.pbx.results_read_at)

    def test_an_allocation_that_is_refused_holds_up_no_other(self):
        lead = self.leads()
        [line] = self.push(lead)
        self.fetch()
        self.records({"id": "7", "njExternalLeadId": line.lead_key}, allocation="211")
        self.simulator.control("campaigns", gone={"allocations": ["111"]})
        self.fetch()
        self.assertEqual(self.result(lead).campaign_id, self.campaign("21"))
        [poll] = self.env["noojee.campaign.poll"].search([("reason", "!=", False)])
        self.assertEqual(poll.allocation_id, self.allocation())
        told = self.allocation().with_user(self.anna).results_fault
        self.assertIn("Unknown allocation id 111", told)

    def test_cut_off_between_two_lists(self):
        first, second = self.leads(), self.leads()
        [line] = self.push(first)
        place = {
            "campaign_id": self.campaign("12").id,
            "allocation_id": self.allocation("121").id,
        }
        other = self.push(second, **place)
        self.called(line + other)
        with self.apart() as env:
            polls = env["noojee.campaign.poll"]
            polls._follow(env["noojee.pbx"].browse(self.pbx.id))
            polls.search([("allocation_id", "=", self.allocation().id)])._read()
        # nothing more than one list is here, and nothing was done about it
        [result] = self.results()
        self.assertEqual((result.state, len(result.call_id)), ("new", 0))
        self.run_job()
        self.assertEqual(set(self.results().mapped("state")), {"done"})
        self.assertEqual(self.results().lead_id, first + second)
        self.assertEqual(len(self.calls_of(first)), 1)

    def test_cut_off_between_the_call_and_the_rules(self):
        self.rule("Sale", "activity", activity_for="agent")
        lead = self.leads()
        self.called(self.push(lead), "Sale")
        with self.apart() as env:
            polls = env["noojee.campaign.poll"]
            polls._follow(env["noojee.pbx"].browse(self.pbx.id))
            polls.search([("allocation_id", "=", self.allocation().id)])._read()
            result = env["noojee.campaign.result"].search([("state", "=", "new")])
            result._find_dispositions()
            result._link()
            env.cr.commit()
            result._store_call()
        [result] = self.results()
        self.assertFalse(lead.activity_ids)
        self.assertEqual(len(self.calls_of(lead)), 1)
        self.run_job()
        self.assertEqual(result.state, "done")
        self.assertEqual(len(self.calls_of(lead)), 1)
        self.assertEqual(len(lead.activity_ids), 1)

    def test_whoever_asked_is_told(self):
        self.called(self.push(self.leads()))
        self.fetch()
        self.env.cr.precommit.run()
        [message] = self.env["bus.bus"].search(
            [("message", "like", "Results of Test PBX")]
        )
        self.assertIn("Results: 1.", message.message)

    def test_an_erased_person_does_not_come_back(self):
        partner = self.customer
        lead = self.leads(partner_id=partner.id)
        self.called(self.push(lead), agent="nobody")
        self.records({"id": "7", "name": "Priya", "phoneNumber": partner.phone})
        self.fetch()
        partner.with_user(self.admin).sudo(False).action_noojee_erase()
        self.fetch()
        self.assertFalse(any(self.results().mapped("name")))
        self.assertFalse(any(self.results().mapped("phone_number")))
        self.assertFalse(self.results().lead_id)
