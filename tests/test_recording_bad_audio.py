from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.models import noojee_recording_leg_fetch

from .recording_common import BY_ID, BY_RECORD, RecordingCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingBadAudio(RecordingCommon):
    """What comes in place of audio: a clear state and message, nothing half stored."""

    def check_bad_audio(self, words, kind):
        """It is tried again by itself, then by a person, and nothing half is kept."""
        recording = self.recorded()
        self.both_faults(kind)
        self.fetch()
        self.assertEqual(recording.state, "fetching")
        self.assertIn(words, recording.reason)
        self.assert_nothing_is_stored(recording)
        for _ in range(noojee_recording_leg_fetch.TRIES):
            self.fetch(recording)
        self.assertEqual(recording.state, "failed")
        self.assertIn(words, recording.reason)
        self.assertTrue(recording.reason.startswith("Leg 1: "))
        self.assert_nothing_is_stored(recording)
        self.simulator.clear_faults()
        recording.with_user(self.anna).action_fetch()
        self.assertEqual(recording.state, "fetching")
        self.fetch()
        self.assertEqual(recording.state, "stored")
        self.assertFalse(recording.reason)

    def test_audio_that_is_html(self):
        self.check_bad_audio("is no audio: “<html>", "html")

    def test_audio_that_is_json(self):
        self.check_bad_audio("is no audio", "invalid")

    def test_audio_that_is_empty(self):
        self.check_bad_audio("sent an empty file", "empty")

    def test_audio_that_is_cut_on_its_way(self):
        self.check_bad_audio("broke off in the middle", "cut")

    def test_audio_that_is_half_of_what_its_head_tells(self):
        self.check_bad_audio("broke off in the middle", "truncated")

    def test_audio_of_three_gigabytes(self):
        """It is refused unread, and not again until a person wants it."""
        recording = self.recorded()
        self.both_faults("huge")
        self.fetch()
        self.assertEqual(recording.state, "failed")
        self.assertIn("larger than 256 MB", recording.reason)
        self.assert_nothing_is_stored(recording)
        requests = self.asked(BY_RECORD, "retrieve")
        self.fetch(recording)
        self.assertEqual(self.asked(BY_RECORD, "retrieve"), requests)

    def test_largest_audio_is_a_setting(self):
        self.pbx.max_audio_mb = 1
        recording = self.recorded("S00004")
        self.fetch()
        # of 3, 45 and 11 seconds
        self.assertEqual(
            recording.leg_ids.mapped("state"), ["stored", "failed", "stored"]
        )
        self.assertIn("Leg 2: The audio is larger than 1 MB", recording.reason)
        self.pbx.max_audio_mb = 2
        recording.with_user(self.anna).action_fetch()
        self.fetch()
        self.assertEqual(recording.state, "stored")
        for wrong in (0, 2001):
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
                with self.cr.savepoint():
                    self.pbx.max_audio_mb = wrong
                    self.env.flush_all()
            self.env.invalidate_all(flush=False)

    def test_disk_that_is_full(self):
        recording = self.recorded()
        with patch.object(
            noojee_recording_leg_fetch,
            "TemporaryFile",
            lambda: open("/dev/full", "w+b"),
        ):
            self.fetch()
        self.assertEqual(recording.state, "fetching")
        self.assertIn("No space left", recording.reason)

    def test_leg_that_cannot_be_kept_is_no_reason_to_lose_the_others(self):
        recording = self.recorded()
        legs = type(recording.leg_ids)
        keep = legs._keep

        def refuse_the_first(leg, audio, file):
            if leg.number == 1:
                raise ValueError("no such thing")
            return keep(leg, audio, file)

        logger = "odoo.addons.noojee.models.noojee_recording_leg_fetch"
        with patch.object(legs, "_keep", refuse_the_first), mute_logger(logger):
            self.fetch()
        self.assertEqual(
            recording.leg_ids.sorted("number").mapped("state"),
            ["listed", "stored", "stored"],
        )
        self.assertIn("Odoo's log tells more", recording.reason)
        self.fetch(recording)
        self.assertEqual(recording.state, "stored")

    def test_recording_that_never_appears(self):
        recording = self.recorded()
        for method in (BY_ID, "retrieveMetaData"):
            self.fault("unlisted", method, count=9)
        self.fetch()
        self.assertEqual(recording.state, "fetching")
        self.assertIn("does not list it yet", recording.reason)
        self.fetch_to_the_end(recording)
        self.assertEqual(recording.state, "failed")
        self.assertIn("has never listed this recording", recording.reason)

    def test_leg_whose_audio_never_appears(self):
        recording = self.recorded()
        self.both_faults("http404")
        self.fetch_to_the_end(recording)
        self.assertEqual(recording.state, "failed")
        self.assertIn("has no audio of it yet", recording.reason)
        self.assertEqual(recording.leg_ids.mapped("state"), ["failed"] * 3)

    def test_list_that_is_refused(self):
        """Its words stand there, and it is asked again."""
        recording = self.recorded()
        with patch.object(
            type(self.env["noojee.call"]), "_unique_ids", lambda calls: [" "]
        ):
            self.fetch()
        self.assertEqual(recording.state, "fetching")
        self.assertIn("refused", recording.reason)
        self.fetch(recording)
        self.assertEqual(recording.state, "stored")
