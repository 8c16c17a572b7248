from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.noojee.client import RecordingLeg

from .recording_common import BY_RECORD, RecordingCommon
from .test_recording_player import PlayerCommon


@tagged("post_install", "-at_install", "noojee")
class TestRecordingObjection(PlayerCommon):
    """Who said no is not recorded from then on, whatever the PBX does."""

    def row(self, number, start, seconds):
        """A leg on the PBX's list, which tells times by its own clock."""
        local = fields.Datetime.context_timestamp(
            self.pbx.with_context(tz=self.pbx.tz), start
        )
        return RecordingLeg.from_wire(
            {
                "Source": "101",
                "Destination": "0370109876",
                "UniqueId": "41.101",
                "CallRecordId": "70041",
                "Leg": str(number),
                "Start": local.strftime("%Y-%m-%d %H:%M:%S"),
                "Duration": str(seconds),
            },
            self.pbx.tz,
        )

    def stops(self, call):
        return self.env["noojee.command"].search(
            [("call_id", "=", call.id), ("kind", "=", "stop_recording")]
        )

    def test_what_was_said_afterwards_is_not_kept(self):
        self.call.objection_at = self.begun + timedelta(seconds=100)
        before, after = self.recording._take_in(
            [
                self.row(3, self.begun + timedelta(seconds=70), 29),
                self.row(4, self.begun + timedelta(seconds=90), 60),
            ]
        )
        self.assertEqual((before.state, before.is_forbidden), ("listed", False))
        self.assertEqual((after.state, after.is_forbidden), ("failed", True))
        self.assertIn("said no", after.reason)

    def test_the_pbx_takes_a_moment_to_stop(self):
        self.call.objection_at = self.begun + timedelta(seconds=100)
        leg = self.recording._take_in(
            [self.row(3, self.begun + timedelta(seconds=70), 32)]
        )
        self.assertEqual(leg.state, "listed")

    def test_leg_whose_time_the_pbx_does_not_tell(self):
        self.call.objection_at = self.begun
        row = RecordingLeg.from_wire(
            {"UniqueId": "41.101", "CallRecordId": "70041", "Leg": "3"}, self.pbx.tz
        )
        self.assertTrue(self.recording._take_in([row]).is_forbidden)

    def test_kept_where_two_calls_turn_out_to_be_one(self):
        told, said_no = self.begun, self.begun + timedelta(seconds=5)
        other = self.outbound("Dialing Out", "Connected", unique_id=42)
        other.write(
            {
                "notice_at": told,
                "notice_user_id": self.anna.id,
                "objection_at": said_no,
                "objection_user_id": self.ben.id,
            }
        )
        call = self.outbound("Dialing Out", "Connected", unique_id=43)
        call._absorb(other)
        self.assertEqual((call.notice_at, call.notice_user_id), (told, self.anna))
        self.assertEqual(
            (call.objection_at, call.objection_user_id), (said_no, self.ben)
        )
        # the earlier one counts
        third = self.outbound("Dialing Out", "Connected", unique_id=44)
        third.write({"objection_at": told, "objection_user_id": self.anna.id})
        call._absorb(third)
        self.assertEqual((call.objection_at, call.objection_user_id), (told, self.anna))

    def test_start_that_was_on_its_way(self):
        call = self.outbound("Dialing Out", "Connected", unique_id=42)
        call.objection_at = self.begun
        call._recording_started("S00042")
        [stop] = self.stops(call)
        self.assertEqual(stop.state, "queued")
        self.assertEqual(stop.unique_call_id, "42.101")

    def test_filed_on_who_does_not_want_it(self):
        quiet = self.env["res.partner"].create(
            {"name": "Quiet", "noojee_do_not_record": True}
        )
        self.recording.record_ref = quiet
        leg = self.recording._take_in([self.row(3, self.begun, 5)])
        self.assertTrue(leg.is_forbidden)
        self.assertIn("Quiet does not want", leg.reason)


@tagged("post_install", "-at_install", "noojee")
class TestRecordingForbidden(RecordingCommon):
    """Audio that must not be kept is not even asked for."""

    def forbidden(self, recording):
        self.fetch()
        self.assertEqual(recording.leg_ids.mapped("is_forbidden"), [True] * 3)
        self.assertEqual(self.asked(BY_RECORD, "retrieve"), [0, 0])
        self.assert_nothing_is_stored(recording)

    def listed(self):
        """A recording whose legs are known and not fetched yet."""
        recording = self.recorded()
        recording._take_in(self.rows())
        self.assertEqual(set(recording.leg_ids.mapped("state")), {"listed"})
        return recording

    def test_objection(self):
        recording = self.listed()
        begun = min(recording.leg_ids.mapped("started_at"))
        recording.call_id.objection_at = begun - timedelta(seconds=30)
        self.forbidden(recording)
        self.assertIn("said no", recording.reason)

    def test_filed_on_who_does_not_want_it(self):
        recording = self.listed()
        recording.record_ref = self.env["res.partner"].create(
            {"name": "Quiet", "noojee_do_not_record": True}
        )
        self.forbidden(recording)
        self.assertIn("Quiet does not want", recording.reason)

    def test_of_no_call(self):
        self.desk_101.unlink()
        recording = self.env["noojee.recording"]._found(self.pbx, self.rows())
        recording._take_in(self.rows())
        self.assertFalse(recording.call_id)
        recording.record_ref = self.env["res.partner"].create(
            {"name": "Quiet", "noojee_do_not_record": True}
        )
        recording._fetch_found()
        self.forbidden(recording)
