from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .call_common import CallCommon


class RecordingCommon(CallCommon):
    """Calls that ring at the simulator, and what is recorded of them."""

    def connect(self, record=None):
        return super().connect(record).with_user(self.anna)

    def do(self, method, *args):
        with self.own_cursors():
            result = method(*args)
        self.env.invalidate_all()
        return result

    def assert_refused(self, words, method, *args):
        with self.own_cursors(), self.assertRaisesRegex(UserError, words):
            method(*args)
        self.env.invalidate_all()


@tagged("post_install", "-at_install", "noojee")
class TestRecordingPolicy(RecordingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna.sale_team_id = False
        cls.env["crm.team.member"].search([("user_id", "=", cls.anna.id)]).unlink()

    def started(self):
        return self.simulator.requests("start")

    # === POLICY === #

    def test_calls_that_are_never_recorded(self):
        self.pbx.noojee_record_outbound = "never"
        call = self.connect()
        self.assertIn("not recorded", self.payload(call)["not_recorded"])
        self.assert_refused("are not recorded", call.action_start_recording)
        self.assertFalse(self.started())

    def test_policy_of_the_team_goes_before_that_of_the_pbx(self):
        self.pbx.noojee_record_outbound = "never"
        team = self.env["crm.team"].create({"name": "Service"})
        lead = self.env["crm.lead"].create(
            {"name": "Roof", "partner_id": self.customer.id, "team_id": team.id}
        )
        call = self.connect(lead)
        self.assertEqual(call.team_id, team)
        self.do(call.action_start_recording)
        self.assertEqual(call.recording_state, "on")

    def test_direction_counts(self):
        self.pbx.noojee_record_inbound = "never"
        call = self.connect()
        self.do(call.action_start_recording)
        self.assertEqual(len(self.started()), 1)

    def test_calls_that_are_always_recorded(self):
        self.pbx.noojee_record_inbound = "always"
        self.simulator.control("ring", desks=["101"], caller="+61370101235")
        self.listen_until(lambda: self.call())
        call = self.call()
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: call.state == "connected")
        self.assertFalse(self.started())
        self.run_commands()
        [sent] = self.started()
        self.assertEqual(sent["params"]["agentLoginName"], "anna")
        self.assertEqual(call.recording_state, "on")
        self.assertEqual(call.tag, call.partner_id.display_name)

    def test_clicked_calls_are_recorded_by_the_dial_itself(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.anna.id}
        )
        (order.team_id or self.pbx).noojee_record_outbound = "always"
        call = self.connect(order)
        [sent] = self.simulator.requests("dial")
        self.assertEqual(sent["params"]["record"], "true")
        self.assertEqual(sent["params"]["tag"], order.name)
        self.assertEqual(call.recording_state, "on")
        self.assertEqual(call.recording_ids.record_ref, order)
        self.run_commands()
        self.assertFalse(self.started())
        # and once only: what was stopped stays so
        self.do(call.action_stop_recording)
        self.assertEqual(call.recording_state, "stopped")

    def test_dial_that_must_not_record(self):
        self.pbx.noojee_record_outbound = "always"
        self.customer.noojee_do_not_record = True
        self.connect()
        [sent] = self.simulator.requests("dial")
        self.assertNotIn("record", sent["params"])
        self.assertNotIn("tag", sent["params"])

    def test_forbidden_between_dial_and_answer(self):
        """The PBX records it already: it is told to stop."""
        self.pbx.noojee_record_outbound = "always"
        self.action_call(self.customer)
        self.customer.noojee_do_not_record = True
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        self.assertEqual(self.simulator.requests("dial")[0]["params"]["record"], "true")
        self.run_commands()
        self.assertEqual(len(self.simulator.requests("stop")), 1)
        self.assertFalse(self.started())

    def test_policy_that_changes_between_dial_and_answer(self):
        self.pbx.noojee_record_outbound = "always"
        self.action_call(self.customer)
        self.pbx.noojee_record_outbound = "never"
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        self.run_commands()
        self.assertEqual(len(self.simulator.requests("stop")), 1)

    def test_internal_calls_are_not_recorded_by_themselves(self):
        self.pbx.noojee_record_outbound = "always"
        self.outbound("Dialing Out", "Connected", number="102")
        self.assertFalse(self.env["noojee.command"].search([]))

    # === CONSENT === #

    def test_customer_who_does_not_want_it(self):
        self.pbx.noojee_record_outbound = "always"
        company = self.env["res.partner"].create(
            {"name": "Quiet Ltd", "is_company": True, "noojee_do_not_record": True}
        )
        self.customer.parent_id = company
        call = self.connect()
        self.assertFalse(self.env["noojee.command"].search([]))
        self.assert_refused("does not want", call.action_start_recording)
        self.assertIn("does not want", self.payload(call)["not_recorded"])

    def test_record_of_such_a_customer(self):
        quiet = self.env["res.partner"].create(
            {"name": "Quiet", "noojee_do_not_record": True}
        )
        order = self.env["sale.order"].create(
            {"partner_id": quiet.id, "user_id": self.anna.id}
        )
        call = self.connect()
        self.assert_refused(
            "Quiet does not want", call.action_start_recording, "sale.order", order.id
        )

    def test_agent_tells_the_other_side_first(self):
        self.pbx.noojee_recording_notice = "agent"
        call = self.connect()
        self.assertTrue(self.payload(call)["needs_notice"])
        self.assert_refused("Tell the other side", call.action_start_recording)
        self.assertFalse(self.started())
        self.do(call.action_confirm_notice)
        self.assertEqual(call.recording_state, "on")
        self.assertTrue(call.notice_at)
        self.assertEqual(call.notice_user_id, self.anna)
        payload = self.payload(call)
        self.assertFalse(payload["needs_notice"] or payload["not_recorded"])

    def test_notice_is_kept_where_the_pbx_is_away(self):
        self.pbx.noojee_recording_notice = "agent"
        call = self.connect()
        self.simulator.faults({"kind": "html", "method": "start"})
        self.assert_refused("", call.action_confirm_notice)
        self.assertTrue(call.notice_at)
        self.assertEqual(call.recording_state, "off")

    def test_always_and_told_by_the_agent(self):
        self.pbx.noojee_record_outbound = "always"
        self.pbx.noojee_recording_notice = "agent"
        self.connect()
        self.run_commands()
        self.assertFalse(self.started())

    def test_announced_by_the_pbx(self):
        self.pbx.noojee_recording_notice = "announced"
        call = self.connect()
        self.do(call.action_start_recording)
        self.assertEqual(call.recording_state, "on")

    def test_objection_stops_it_and_is_kept(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.do(call.action_note_objection)
        self.assertEqual(len(self.simulator.requests("stop")), 1)
        self.assertEqual(call.recording_state, "stopped")
        self.assertEqual(call.objection_user_id, self.anna)
        self.assertTrue(self.payload(call)["objection_at"])
        self.assert_refused("said no", call.action_start_recording)

    def test_objection_is_kept_where_the_pbx_does_not_stop(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.simulator.faults({"kind": "html", "method": "stop"})
        self.assert_refused("", call.action_note_objection)
        self.assertTrue(call.objection_at)
        self.assertEqual(call.recording_state, "on")

    def test_calls_of_others(self):
        call = self.connect()
        for action in (
            "action_start_recording",
            "action_stop_recording",
            "action_pause_recording",
            "action_confirm_notice",
            "action_note_objection",
        ):
            with self.subTest(action):
                self.assert_refused("", getattr(call.with_user(self.ben), action))
        self.assertFalse(self.started())


@tagged("post_install", "-at_install", "noojee")
class TestRecordingTag(RecordingCommon):
    def tagged(self):
        return [sent["params"]["tag"] for sent in self.simulator.requests("tag")]

    def test_retagging(self):
        call = self.connect()
        self.do(call.action_start_recording)
        outcome = self.do(call.action_tag_recording, "  S00042\n&?# ")
        self.assertEqual(self.tagged(), ["S00042 &?#"])
        self.assertTrue(outcome["is_on_pbx"])
        self.assertEqual(call.tag, "S00042 &?#")
        recording = call.recording_ids
        self.assertEqual(
            set(recording.tag_ids.mapped("tag")), {"S00042 &?#", self.customer.name}
        )

    def test_tag_that_the_pbx_refuses(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.simulator.faults({"kind": "html", "method": "tag"})
        outcome = self.do(call.action_tag_recording, "S00042")
        self.assertFalse(outcome["is_on_pbx"])
        self.assertIn("in Odoo only", outcome["message"])
        kept = call.recording_ids.tag_ids.filtered(lambda row: row.tag == "S00042")
        self.assertFalse(kept.is_on_pbx)
        self.assertTrue(kept.reason)

    def test_what_is_no_tag(self):
        call = self.connect()
        self.do(call.action_start_recording)
        for tag, words in (
            ("x" * 5000, "5000 characters"),
            ("  ", "Enter a tag"),
            ("a\x00b", "cannot be written"),
        ):
            with self.subTest(tag[:5]):
                self.assert_refused(words, call.action_tag_recording, tag)
        self.assertFalse(self.tagged())

    def test_call_that_was_not_recorded(self):
        call = self.connect()
        self.assert_refused("was not recorded", call.action_tag_recording, "S1")

    def test_dialogue(self):
        call = self.connect()
        self.do(call.action_start_recording)
        form = Form(
            self.env["noojee.tag.recording"]
            .with_user(self.anna)
            .with_context(default_call_id=call.id)
        )
        self.assertEqual(form.tag, self.customer.name)
        form.tag = "S7"
        action = self.do(form.save().action_tag)
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(self.tagged(), ["S7"])

    def test_from_a_form(self):
        """Its record gives the tag, and the recording is filed there."""
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.anna.id}
        )
        call = self.connect()
        self.do(call.action_start_recording)
        form = Form(
            self.env["noojee.tag.recording"]
            .with_user(self.anna)
            .with_context(
                default_call_id=call.id, default_record_ref=f"sale.order,{order.id}"
            )
        )
        self.assertEqual(form.tag, order.name)
        self.do(form.save().action_tag)
        self.assertEqual(self.tagged(), [order.name])
        self.assertEqual(call.recording_ids.record_ref, order)
        self.assertEqual(call.record_ref, order)

    def test_record_that_may_not_be_read(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.assert_refused(
            "cannot be tied", call.action_tag_recording, "S1", "res.users", 1
        )
        self.assertFalse(self.tagged())

    def test_found_by_each_tag(self):
        call = self.connect()
        self.do(call.action_start_recording)
        for tag in ("S00042", "CONTRACT 7"):
            self.do(call.action_tag_recording, tag)
        recordings = self.env["noojee.recording"].with_user(self.anna)
        arch = etree.fromstring(recordings.get_view(view_type="search")["arch"])
        by_tag = arch.xpath("//field[@name='tag']")[0].get("filter_domain")
        for words in ("s00042", "contract"):
            found = recordings.search(safe_eval(by_tag, {"self": words}))
            self.assertEqual(found, call.recording_ids)

    def test_record_that_is_open(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "user_id": self.anna.id}
        )
        call = self.connect()
        self.do(call.action_start_recording, "sale.order", order.id)
        self.assertEqual(call.recording_ids.record_ref, order)
        self.assertEqual(call.record_ref, order)
        self.assertEqual(call.tag, order.name)
        # pressed again at another record: it is filed there
        self.do(call.action_start_recording, "res.partner", self.customer.id)
        self.assertEqual(len(self.simulator.requests("start")), 1)
        self.assertEqual(call.recording_ids.record_ref, self.customer)


@tagged("post_install", "-at_install", "noojee")
class TestRecordingPause(RecordingCommon):
    def test_stop_for_card(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.do(call.action_pause_recording)
        self.assertEqual(call.recording_state, "paused")
        self.assertFalse(call.recording_ids.pause_ids.ended_at)
        self.assertEqual(self.payload(call)["recording"], "paused")
        self.do(call.action_resume_recording)
        self.assertEqual(call.recording_state, "on")
        [gap] = call.recording_ids.pause_ids
        self.assertTrue(gap.ended_at)
        self.assertEqual(gap.user_id, self.anna)
        methods = [
            sent["method"]
            for sent in self.simulator.requests()
            if sent["method"] in ("start", "stop")
        ]
        self.assertEqual(methods, ["start", "stop", "start"])

    def test_stop_that_is_refused(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.simulator.faults({"kind": "html", "method": "stop"})
        self.assert_refused("", call.action_pause_recording)
        self.assertEqual(call.recording_state, "on")
        self.assertFalse(call.recording_ids.pause_ids)
        # nobody waits half a minute before he tries again
        self.simulator.clear_faults()
        self.do(call.action_pause_recording)
        self.assertEqual(call.recording_state, "paused")

    def test_nothing_to_stop(self):
        """Whoever thinks that he has stopped it must know that he has not."""
        call = self.connect()
        for method in (call.action_stop_recording, call.action_pause_recording):
            self.assert_refused("Nothing is being recorded", method)
        self.assertFalse(self.simulator.requests("stop"))
        # what the other side says is kept all the same
        self.do(call.action_note_objection)
        self.assertTrue(call.objection_at)

    def test_whose_legs_they_are(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.do(call.action_tag_recording, "S1")
        self.do(call.action_pause_recording)
        self.do(call.action_resume_recording)
        self.do(call.action_stop_recording)
        sent = [
            (row["method"], row["params"].get("agentLoginName"))
            for row in self.simulator.requests()
            if row["method"] in ("start", "stop", "tag")
        ]
        methods = ["start", "tag", "stop", "start", "stop"]
        self.assertEqual(sent, [(method, "anna") for method in methods])

    def test_call_that_ends_in_the_gap(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.do(call.action_pause_recording)
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: call.state == "ended")
        self.assertEqual(call.recording_state, "stopped")

    def test_stop_in_the_gap_asks_nothing(self):
        call = self.connect()
        self.do(call.action_start_recording)
        self.do(call.action_pause_recording)
        self.do(call.action_stop_recording)
        self.assertEqual(len(self.simulator.requests("stop")), 1)
        self.assertEqual(call.recording_state, "stopped")
