from psycopg2.errors import ForeignKeyViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons import noojee

from .test_recording_player import PlayerCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingGone(PlayerCommon):
    """Whatever is deleted: no audio stays behind, and none goes by the wrong hands."""

    def setUp(self):
        super().setUp()
        self.audio = self.legs[0]._attachment_sudo() | self.legs[1]._attachment_sudo()
        self.assertEqual(len(self.audio), 2)

    def test_leg(self):
        self.legs[0].unlink()
        self.assertEqual(self.audio.exists(), self.legs[1]._attachment_sudo())

    def test_recording(self):
        self.recording.unlink()
        self.assertFalse(self.audio.exists() or self.legs.exists())

    @mute_logger("odoo.sql_db")
    def test_call_that_was_recorded_stays(self):
        with self.assertRaises(ForeignKeyViolation), self.cr.savepoint():
            self.call.unlink()
        self.env.invalidate_all(flush=False)
        self.assertEqual(self.audio.exists(), self.audio)

    def test_call_that_turned_out_to_be_another(self):
        other = self.outbound("Dialing Out", "Connected", unique_id=42)
        other._recording_started("S00043")
        other.recording_ids._absorb(self.recording)
        self.assertEqual(other.recording_ids.leg_ids, self.legs)
        self.assertEqual(self.audio.exists(), self.audio)

    def test_what_was_deleted_does_not_come_back(self):
        other = self.outbound("Dialing Out", "Connected", "Hungup", unique_id=42)
        other._recording_started("S00043")
        other.recording_ids._purge("The person was erased.")
        other.recording_ids.write({"tag": False, "record_ref": False})
        other.recording_ids._absorb(self.recording)
        self.assertFalse(self.audio.exists())
        self.assertEqual(set(self.legs.mapped("state")), {"purged"})
        self.assertFalse(other.recording_ids.tag or other.recording_ids.record_ref)

    def test_hold_and_log_stay_where_two_calls_are_one(self):
        heard_at = self.begun
        self.recording.write({"is_on_hold": True, "listened_at": heard_at})
        self.recording.listening_ids = [(0, 0, {"user_id": self.anna.id})]
        log = self.recording.listening_ids
        other = self.outbound("Dialing Out", "Connected", unique_id=42)
        other._recording_started("S00043")
        other.recording_ids._absorb(self.recording)
        kept = other.recording_ids
        self.assertTrue(kept.is_on_hold)
        self.assertEqual(kept.listened_at, heard_at)
        self.assertEqual(kept.listening_ids, log)

    def test_what_was_stopped_for_card_stays_so(self):
        other = self.outbound("Dialing Out", "Connected", unique_id=42)
        other._recording_started("S00043")
        other.recording_ids._pause()
        self.recording._absorb(other.recording_ids)
        self.assertEqual(self.recording.state, "paused")

    def test_what_is_recorded_of_one_goes_on(self):
        paused, running = (
            self.outbound("Dialing Out", "Connected", unique_id=id_) for id_ in (42, 43)
        )
        paused._recording_started("S00043")
        paused.recording_ids._pause()
        running._recording_started("S00043")
        running.recording_ids._absorb(paused.recording_ids)
        self.assertEqual(running.recording_ids.state, "recording")

    def test_pbx_that_has_recordings(self):
        admin = self.env.ref("base.user_admin")
        with self.assertRaisesRegex(UserError, "has recordings.*Archive it instead"):
            self.pbx.with_user(admin).unlink()
        self.assertEqual(self.audio.exists(), self.audio)

    def test_record_that_it_is_filed_on(self):
        self.order.unlink()
        self.assertEqual(self.audio.exists(), self.audio)
        told = self.recording.with_user(self.anna).get_player()
        self.assertEqual(len(told["tracks"]), 2)

    def test_nobody_deletes_by_rpc(self):
        for user in (self.anna, self.env.ref("base.user_admin")):
            for records in (self.legs, self.recording, self.call, self.audio):
                with (
                    self.subTest(user.login, model=records._name),
                    self.assertRaises(AccessError),
                ):
                    records.with_user(user).unlink()
        self.assertEqual(self.audio.exists(), self.audio)

    def test_addon_that_is_uninstalled(self):
        noojee.uninstall_hook(self.env)
        self.assertFalse(self.audio.exists())
