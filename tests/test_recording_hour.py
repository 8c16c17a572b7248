from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.noojee.models import noojee_hour_list

from .common import API_KEY
from .recording_common import RecordingCommon

BY_HOUR = "retrieveMetaDataByHour"


@tagged("post_install", "-at_install", "noojee")
class TestRecordingHour(RecordingCommon):
    """Each hour the PBX's list is compared with the recordings that are here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # hours of other PBXs may have ended since the database was made
        (cls.env["noojee.pbx"].search([]) - cls.pbx).active = False

    def setUp(self):
        super().setUp()
        # the simulator has recorded something in this hour, and in no other
        self.hour = self.pbx._hour_of(fields.Datetime.now() - timedelta(days=1))
        self.pbx.recordings_since = self.hour
        self.hours = self.env["noojee.recording.hour"]

    def compare(self, times=1):
        for _ in range(times):
            self.env["noojee.hour.list"]._of(self.pbx).not_before = False
            with self.own_cursors():
                self.env.ref(
                    "noojee.ir_cron_compare_recordings"
                ).method_direct_trigger()
            self.env.invalidate_all()
        return self.hours.search([("hour", "=", self.hour)])

    def figures(self, hour):
        return hour.listed, hour.known, hour.brought, hour.missing, hour.forbidden

    def test_recorded_while_odoo_was_down(self):
        """It reaches its customer: with its call, its desk and its audio."""
        # demo customers may have it as well
        partners = self.env["res.partner"]
        partners.search([("phone_sanitized", "=", "+61370101234")]).phone = False
        customer = partners.create({"name": "Tom Webb", "phone": "+61 3 7010 1234"})
        hour = self.compare()
        self.assertEqual(self.figures(hour), (10, 0, 0, 10, 0))
        self.fetch()
        self.env.invalidate_all()
        self.assertEqual(self.figures(hour), (10, 0, 10, 0, 0))
        recording = self.env["noojee.recording"].search([("tag", "=", "S00001")])
        self.assertEqual(recording.partner_id, customer)
        self.assertEqual(recording.user_id, self.anna)
        self.assertTrue(recording.call_id.is_repaired)
        self.assertEqual(recording.state, "stored")
        self.assertEqual(len(recording.leg_ids), 3)
        self.assertEqual(recording.started_at, recording.leg_ids[0].started_at)
        self.assertTrue(recording.with_user(self.anna).has_access("read"))

    def test_recorded_at_the_handset(self):
        """Its call is known, but nobody here recorded it."""
        call = self.ingest()
        self.compare()
        self.fetch()
        self.assertEqual(call.recording_ids.state, "stored")
        self.assertEqual(call.recording_ids.tag, "S00001")
        self.assertEqual(len(self.env["noojee.call"].search([])), 3)

    def test_what_is_here_is_not_fetched_again(self):
        recording = self.recorded()
        self.fetch()
        purged = self.recorded("S00004")
        self.fetch()
        for leg in purged.leg_ids:
            leg._attachment_sudo().unlink()
        purged.leg_ids.state = "purged"
        purged.write({"state": "purged", "fetch_due_at": False})
        recording.fetch_due_at = False
        hour = self.compare()
        self.assertEqual(self.figures(hour), (10, 6, 0, 4, 0))
        before = self.asked("retrieveByCallRecordId")
        self.fetch()
        self.assertEqual(self.figures(hour), (10, 6, 4, 0, 0))
        self.assertEqual(self.asked("retrieveByCallRecordId"), [before[0] + 4])
        self.assertEqual(set(purged.leg_ids.mapped("state")), {"purged"})
        self.assertEqual(purged.state, "purged")

    def test_what_failed_is_tried_again(self):
        recording = self.recorded()
        self.both_faults("html")
        self.fetch_to_the_end(recording)
        self.assertEqual(recording.state, "failed")
        self.simulator.clear_faults()
        hour = self.compare()
        self.assertEqual(self.figures(hour), (10, 3, 0, 10, 0))
        self.fetch()
        self.assertEqual(recording.state, "stored")
        self.assertEqual(self.figures(hour), (10, 3, 10, 0, 0))

    def test_new_leg_of_what_was_purged_does_not_come(self):
        purged = self.recorded()
        purged.write({"state": "purged", "fetch_due_at": False})
        self.compare()
        self.fetch()
        self.assertEqual(set(purged.leg_ids.mapped("state")), {"purged"})
        self.assertEqual(purged.state, "purged")

    def test_what_must_not_be_recorded(self):
        reason = "Tom Webb does not want to be recorded."
        with patch.object(
            type(self.env["noojee.call"]),
            "_must_not_be_recorded",
            lambda call, record=None: call.number == "0370101234" and reason,
        ):
            hour = self.compare()
            self.fetch()
            self.assertEqual(self.figures(hour), (10, 0, 7, 0, 3))
            legs = hour.leg_ids.filtered("is_forbidden")
            self.assertEqual(set(legs.mapped("reason")), {reason})
            self.assertEqual(legs.recording_id.state, "failed")
            legs.recording_id.with_user(self.anna).action_fetch()
            self.fetch()
            self.assertEqual(self.figures(hour), (10, 0, 7, 0, 3))

    def test_call_of_who_was_erased_before(self):
        """Its recording is found at last: nothing of it comes here."""
        call = self.ingest()
        call._erase()
        self.compare()
        self.fetch()
        recording = call.recording_ids
        self.assertEqual(recording.state, "purged")
        self.assertEqual(recording.leg_ids.mapped("state"), ["purged"] * 3)
        self.assert_nothing_is_stored(recording)
        self.assertFalse(recording.tag or recording.record_ref)
        self.assertFalse(any(recording.leg_ids.mapped("source")))

    def test_recording_of_nobody_here(self):
        """Desks that are not set up here: only administrators see it."""
        self.desk_101.unlink()
        self.env["noojee.call.channel"].search([]).unlink()
        self.compare()
        self.fetch()
        lonely = self.env["noojee.recording"].search([("call_id", "=", False)])
        self.assertEqual(len(lonely), 2)
        self.assertEqual(set(lonely.mapped("state")), {"stored"})
        self.assertFalse(lonely.with_user(self.anna).has_access("read"))
        self.anna.group_ids += self.env.ref("noojee.group_supervisor")
        self.assertFalse(lonely.with_user(self.anna).has_access("read"))
        self.anna.group_ids += self.env.ref("noojee.group_admin")
        self.assertTrue(lonely.with_user(self.anna).has_access("read"))

    def test_recording_whose_call_is_known_later(self):
        self.desk_101.unlink()
        self.compare()
        self.fetch()
        lonely = self.env["noojee.recording"].search([("tag", "=", "S00001")])
        self.env["noojee.extension"].create({"pbx_id": self.pbx.id, "number": "101"})
        call = self.ingest()
        self.assertFalse(call.recording_ids)
        call._recording_started("S00001")
        call.recording_ids._stop()
        self.fetch()
        self.assertEqual(len(call.recording_ids.leg_ids), 3)
        self.assertFalse(lonely.exists())
        self.assertEqual(call.recording_ids.state, "stored")

    def test_every_finished_hour_is_compared_once(self):
        asked = 0
        self.pbx.recordings_since = fields.Datetime.now() - timedelta(hours=3)
        with patch.object(noojee_hour_list, "SETTLED", timedelta(0)):
            for _ in range(5):
                self.compare()
                # as if a minute had passed there as well
                asked += len(self.simulator.requests(BY_HOUR))
                self.simulator.control("reset")
        now = self.pbx._hour_of(fields.Datetime.now())
        self.assertEqual(
            self.hours.search([]).mapped("hour"),
            [now - timedelta(hours=hours) for hours in (1, 2, 3)],
        )
        self.assertEqual(asked, 3)

    def test_hours_share_one_request_a_minute(self):
        self.compare()
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_compare_recordings").method_direct_trigger()
        self.assertEqual(self.asked(BY_HOUR), [1])
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.ref("noojee.ir_cron_compare_recordings"))]
        )
        self.assertTrue(
            triggers.filtered(lambda trigger: trigger.call_at > fields.Datetime.now())
        )

    def test_new_pbx_begins_with_the_present_hour(self):
        pbx = self.pbx.copy({"new_api_key": "k"})
        pbx.recordings_since = fields.Datetime.now()
        self.assertFalse(self.hours._next_hour(pbx))

    def test_list_that_fails_is_given_up(self):
        self.simulator.faults({"kind": "http500", "method": BY_HOUR})
        hour = self.compare()
        self.assertEqual((hour.state, hour.tries), ("open", 1))
        self.assertIn("internal error", hour.reason)
        hour = self.compare(times=noojee_hour_list.TRIES - 1)
        self.assertEqual(hour.state, "failed")
        # nobody else suffers by it
        self.assertFalse(self.pbx.circuit_ids.failing_since)
        self.simulator.control("reset")
        hour.action_ask_again()
        hour = self.compare()
        self.assertEqual((hour.state, hour.listed, hour.reason), ("done", 10, False))

    def test_pbx_that_is_away_is_waited_for(self):
        # nothing listens there; the key goes with the address
        self.pbx.write({"base_url": "http://127.0.0.1:9", "new_api_key": API_KEY})
        hour = self.compare(times=noojee_hour_list.TRIES + 1)
        self.assertEqual((hour.state, hour.tries), ("open", 0))
        self.pbx.write({"base_url": self.simulator.url, "new_api_key": API_KEY})
        self.assertEqual(self.compare().state, "done")

    def test_list_that_never_comes_is_given_up(self):
        """The PBX answers, but for this list: later hours must not wait for it."""
        self.pbx.read_timeout = 1
        for fault in ({"kind": "latency", "seconds": 3}, {"kind": "drop"}):
            with self.subTest(fault):
                self.simulator.faults({**fault, "method": BY_HOUR})
                hour = self.compare(times=noojee_hour_list.TRIES)
                self.assertEqual(hour.state, "failed")
                self.assertTrue(hour.reason)
                self.simulator.control("reset")
                hour.unlink()

    def test_hour_is_over_by_the_pbxs_clock(self):
        """Where it is slow, its list would lack the last minutes."""
        before = self.hours._latest_hour(self.pbx)
        self.env["noojee.listener"].create(
            {"pbx_id": self.pbx.id, "extensions": "101", "clock_skew": 3600}
        )
        self.assertEqual(self.hours._latest_hour(self.pbx), before - timedelta(hours=1))

    def test_what_the_listener_repairs_is_compared_as_well(self):
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        hours.write(
            {"repair_from": self.hour, "repair_until": self.hour + timedelta(minutes=5)}
        )
        self.listen_until(lambda: bool(self.hours.search([])))
        self.fetch()
        hour = self.hours.search([])
        self.assertEqual(self.figures(hour), (10, 0, 10, 0, 0))
        self.assertEqual(self.asked(BY_HOUR), [1])

    def test_only_administrators_see_the_comparisons(self):
        hour = self.compare()
        self.anna.group_ids += self.env.ref("noojee.group_supervisor")
        self.assertFalse(hour.with_user(self.anna).has_access("read"))
        self.assertEqual(self.pbx.missing_legs, 10)
        self.anna.group_ids += self.env.ref("noojee.group_admin")
        self.assertTrue(hour.with_user(self.anna).has_access("read"))
        self.assertFalse(hour.with_user(self.anna).has_access("write"))
