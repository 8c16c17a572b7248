import hashlib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.noojee.models import noojee_recording_fetch

from .common import API_KEY
from .recording_common import BY_ID, BY_RECORD, RecordingCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingFetch(RecordingCommon):
    """After the end of a recording its legs come home."""

    def test_every_leg_is_stored_with_its_digest(self):
        recording = self.recorded()
        self.assertEqual(recording.state, "stopped")
        self.fetch()
        self.assertEqual(recording.state, "stored")
        self.assertFalse(recording.reason)
        legs = recording.leg_ids
        self.assertEqual(legs.mapped("number"), [1, 2, 3])
        self.assertEqual(legs.mapped("duration"), [4, 21, 9])
        self.assertEqual(recording.duration, 34)
        for leg in legs:
            content = self.content(leg)
            self.assertEqual(content[:4], b"RIFF")
            self.assertEqual(leg.sha256, hashlib.sha256(content).hexdigest())
            self.assertEqual(leg.size, len(content))
            self.assertEqual(leg.media_type, "audio/wav")
            self.assertEqual((leg.source, leg.destination), ("0370101234", "101"))
            self.assertEqual((leg.username, leg.tag), ("anna", "S00001"))
            self.assertEqual(leg.direction, "inbound")
        self.assertEqual(legs[1].started_at - legs[0].started_at, timedelta(seconds=4))

    def test_running_call_from_start_to_store(self):
        self.action_call(self.customer)
        call = self.call()
        self.listen_until(lambda: call.state == "connected")
        with self.own_cursors():
            call.with_user(self.anna).action_start_recording()
        self.fetch()
        self.assertEqual(call.recording_ids.state, "recording")
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: call.state == "ended")
        self.assertTrue(call.recording_ids.fetch_due_at)
        self.fetch()
        self.assertEqual(call.recording_ids.state, "stored")
        self.assertTrue(self.content(call.recording_ids.leg_ids))

    def test_transferred_queue_call_of_five_legs(self):
        self.simulator.control("ring", desks=["101"], caller="+61 3 7010 9876")
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: self.call().state == "connected")
        call = self.call()
        with self.own_cursors():
            call.with_user(self.anna).action_start_recording()
        self.simulator.control("queue", desk="101", desks=["102", "103"])
        self.listen_until(
            lambda: "ringing" in call.channel_ids.mapped("state"), seconds=20
        )
        self.simulator.control("answer", desk="102")
        self.listen_until(
            lambda: "connected" in call.channel_ids.mapped("state"), seconds=20
        )
        self.simulator.control("transfer", desk="102", to="103")
        self.simulator.control("answer", desk="103")
        self.simulator.control("hangup", desk="103")
        self.listen_until(lambda: call.state == "ended")
        self.fetch()
        recording = call.recording_ids
        self.assertEqual(recording.state, "stored", recording.reason)
        self.assertEqual(recording.leg_ids.mapped("number"), [1, 2, 3, 4, 5])

    def test_only_legs_of_this_call_come_by_its_tag(self):
        """Two calls about one order have the same tag."""
        other = self.recorded("S00004")
        recording = self.recorded()
        recording.tag = other.tag
        self.fetch()
        self.assertEqual(len(recording.leg_ids), 3)
        self.assertEqual(len(other.leg_ids), 3)
        self.assertEqual(set(other.leg_ids.mapped("tag")), {"S00004"})

    def test_leg_that_appears_late_is_found(self):
        recording = self.recorded()
        self.fault("unlisted", BY_ID, times=2, count=1)
        self.fault("unlisted", "retrieveMetaData", times=2, count=1)
        self.fetch()
        self.assertEqual(recording.leg_ids.mapped("number"), [1, 2])
        self.assertEqual(recording.state, "stored")
        self.fetch(recording)
        self.fetch(recording)
        self.assertEqual(recording.leg_ids.mapped("number"), [1, 2, 3])
        self.assertEqual(recording.leg_ids.mapped("state"), ["stored"] * 3)
        # what was here is not fetched again
        self.assertEqual(self.asked(BY_RECORD), [3])

    def test_waits_grow_and_end(self):
        recording = self.recorded()
        waits = []
        while recording.fetch_due_at:
            before = fields.Datetime.now()
            self.fetch(recording)
            if recording.fetch_due_at:
                waits.append(round((recording.fetch_due_at - before).total_seconds()))
        for wait, expected in zip(waits, noojee_recording_fetch.WAITS, strict=True):
            self.assertAlmostEqual(wait, expected.total_seconds(), delta=5)
        self.assertEqual(recording.state, "stored")

    def test_audio_that_is_still_being_written(self):
        recording = self.recorded()
        self.both_faults("http404", times=3)
        self.fetch()
        self.assertEqual(recording.state, "fetching")
        self.assertIn("has no audio of it yet", recording.reason)
        self.assert_nothing_is_stored(recording)
        self.fetch(recording)
        self.assertEqual(recording.state, "stored")
        self.assertFalse(recording.reason)

    def test_audio_by_unique_id_where_the_call_record_leads_nowhere(self):
        self.fault("http404")
        recording = self.recorded()
        self.fetch()
        self.assertEqual(recording.state, "stored")

    def test_nothing_is_fetched_twice_at_the_same_time(self):
        recording = self.recorded()
        with self.own_cursors(), self.registry.cursor() as cr:
            self.assertTrue(recording.with_env(self.env(cr=cr))._take())
        self.env.invalidate_all()
        self.fetch()
        self.assertFalse(recording.leg_ids)
        # who took it has died
        self.fetch(recording)
        self.assertEqual(recording.state, "stored")

    def test_recording_that_goes_on_is_left_alone(self):
        recording = self.recorded()
        recording.call_id.state = "connected"
        recording.call_id._recording_started("S00001")
        self.fetch()
        self.assertFalse(recording.leg_ids or recording.fetch_due_at)
        self.assertEqual(recording.state, "recording")

    def test_recording_whose_call_has_ended(self):
        """Whatever became of the note that it was stopped."""
        for state in ("recording", "paused"):
            with self.subTest(state):
                recording = self.recorded({"recording": "S00001"}.get(state, "S00004"))
                recording.write({"state": state, "fetch_due_at": False})
                self.fetch()
                self.assertEqual(recording.state, "stored")

    def test_purged_leg_stays_away(self):
        recording = self.recorded()
        self.fetch()
        first = recording.leg_ids[0]
        first._attachment_sudo().unlink()
        first.state = "purged"
        self.fetch_to_the_end(recording)
        self.assertEqual(first.state, "purged")
        self.assertFalse(first._attachment_sudo())
        self.assertEqual(recording.state, "stored")
        recording.leg_ids.state = "purged"
        recording.state = "purged"
        self.fetch(recording)
        recording.with_user(self.anna).action_fetch()
        self.fetch()
        self.assertEqual(recording.state, "purged")

    # === A PBX THAT IS AWAY === #

    def move_pbx(self, url):
        # a key is only for the address that it was given for
        self.pbx.write({"base_url": url, "new_api_key": API_KEY})

    def test_pbx_that_is_away_costs_no_attempt(self):
        recording = self.recorded()
        self.move_pbx("http://127.0.0.1:9")
        for _ in range(20):
            self.fetch(recording)
        self.assertEqual((recording.state, recording.fetch_step), ("fetching", 0))
        self.assertIn("the connection was refused", recording.reason)
        self.move_pbx(self.simulator.url)
        self.fetch(recording)
        self.assertEqual(recording.state, "stored")

    def test_pbx_that_is_away_for_days(self):
        recording = self.recorded()
        self.move_pbx("http://127.0.0.1:9")
        recording.fetch_since -= noojee_recording_fetch.GIVE_UP + timedelta(days=1)
        self.fetch(recording)
        self.assertEqual(recording.state, "failed")
        self.assertIn("the connection was refused", recording.reason)
        self.assertFalse(recording.fetch_due_at)

    def test_recordings_keep_nobody_from_calling(self):
        """Their failures open no circuit."""
        recording = self.recorded()
        self.fault("drop", BY_ID)
        self.fetch(recording)
        self.assertIn("broke off", recording.reason)
        self.simulator.clear_faults()
        self.both_faults("drop")
        self.fetch(recording)
        self.assertTrue(recording.leg_ids)
        self.assertFalse(self.pbx.circuit_ids.failing_since)
        self.action_call(self.customer)
        self.assertEqual(self.asked("dial"), [1])

    def test_key_that_is_refused(self):
        recording = self.recorded()
        self.pbx.new_api_key = "another"
        self.fetch()
        self.assertEqual(recording.state, "fetching")
        self.assertIn("refused the API key", recording.reason)

    def test_call_that_must_not_be_recorded(self):
        recording = self.recorded()
        reason = "Priya Raman does not want to be recorded."
        with patch.object(
            type(self.env["noojee.call"]),
            "_must_not_be_recorded",
            lambda call, record=None: reason,
        ):
            self.fetch()
            recording.with_user(self.anna).action_fetch()
            self.fetch()
        self.assertEqual(recording.state, "failed")
        self.assertIn(reason, recording.reason)
        self.assertEqual(recording.leg_ids.mapped("is_forbidden"), [True] * 3)
        self.assertEqual(self.asked(BY_RECORD, "retrieve"), [0, 0])
