import time
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.noojee.models import noojee_listener

from .common import API_KEY, NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestListener(NoojeeCommon):
    def listener(self):
        return self.env["noojee.listener"].search([("pbx_id", "=", self.pbx.id)])

    def calls(self):
        return self.env["noojee.call"].search([("pbx_id", "=", self.pbx.id)])

    def ring(self, desk="101"):
        self.simulator.control("ring", desks=[desk], caller="0370109876")

    def test_calls_are_followed_and_the_number_is_kept(self):
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        number = int(self.listener().sequence_number)
        self.assertEqual(self.listener().extensions, "101,102,103")
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: self.calls().state == "connected")
        self.assertGreater(int(self.listener().sequence_number), number)

    def test_what_happened_while_nobody_listened(self):
        self.ring("101")
        self.listen_until(lambda: self.calls().state == "ringing")
        self.simulator.control("hangup", desk="101")
        self.ring("102")
        self.simulator.control("hangup", desk="102")
        self.ring("103")
        self.listen_until(lambda: len(self.calls()) == 3)
        self.assertEqual(
            [(call.state, call.outcome) for call in self.calls().sorted("id")],
            [("ended", "missed"), ("ended", "missed"), ("ringing", False)],
        )

    def test_call_that_the_pbx_forgot(self):
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        # without a word
        self.simulator.control("reset")
        self.listen_until(lambda: self.calls().state == "ended")
        self.assertEqual(self.calls().outcome, "unknown")

    def test_call_that_the_pbx_forgets_while_its_calls_are_followed(self):
        self.ring()
        with patch.object(noojee_listener, "SWEEP_SECONDS", 1):
            self.listen_until(lambda: self.calls().state == "ringing")
            self.ring("102")
            self.listen_until(lambda: self.forget_and_look())
        self.assertEqual(set(self.calls().mapped("outcome")), {"unknown"})

    def forget_and_look(self):
        if len(self.calls()) == 2 and self.simulator.state["desks"][1]["calls"]:
            self.simulator.control("reset")
        return set(self.calls().mapped("state")) == {"ended"}

    def test_restart_of_the_pbx_is_noticed(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().sequence_number = "1000"
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        self.assertLess(int(self.listener().sequence_number), 1000)

    def test_desk_that_is_followed_no_more(self):
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        self.desk_101.active = False
        self.listen_until(lambda: self.calls().state == "ended")
        self.assertEqual(self.calls().outcome, "unknown")
        self.assertEqual(self.listener().extensions, "102,103")

    def test_no_event_is_lost_when_a_desk_is_added(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.ring()
        self.simulator.control("hangup", desk="101")
        self.desk_102.copy({"number": "104", "user_id": False})
        self.listen_until(lambda: bool(self.calls()))
        self.assertEqual(self.calls().outcome, "missed")

    def test_desk_without_a_user_is_watched_too(self):
        self.ring("103")
        self.listen_until(lambda: self.calls().state == "ringing")
        self.assertFalse(self.calls().user_id)
        self.assertEqual(self.calls().partner_id, self.customer)

    def follow_while(self, change):
        """Follow the PBX, change something at its first news, and see the turn end."""
        done = []

        def should_stop():
            self.env.invalidate_all()
            if self.listener().last_poll_at and not done:
                done.append(change())
                self.env.flush_all()
            self.assertLess(time.monotonic(), deadline, "the change was not noticed")
            return False

        deadline = time.monotonic() + 15
        with self.own_cursors(), self.registry.cursor() as cr:
            env = self.env(cr=cr, user=SUPERUSER_ID)
            env["noojee.listener"]._listen(
                env["noojee.pbx"].browse(self.pbx.id), should_stop, 2
            )

    def test_changed_set_up_ends_the_turn(self):
        for values in (
            {"new_api_key": "another"},
            {"base_url": "http://127.0.0.1:9"},
            {"read_timeout": 7},
            {"active": False},
        ):
            with self.subTest(values):
                self.follow_while(lambda values=values: self.pbx.write(values))
                self.pbx.write(
                    {
                        "new_api_key": API_KEY,
                        "base_url": self.simulator.url,
                        "active": True,
                    }
                )

    def test_refused_key_is_told_and_opens_no_circuit(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().last_poll_at -= 2 * noojee_listener.LISTENING
        self.pbx.new_api_key = "wrong"
        (self.env["noojee.pbx"].search([]) - self.pbx).active = False
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("refused the API key", self.listener().last_error)
        self.assertEqual(self.pbx.status, "unheard")
        self.assertIn("refused the API key", self.pbx.status_details)
        self.assertFalse(self.pbx.circuit_ids.failing_since)

    def test_cron_shares_its_time_in_whole_seconds(self):
        others = [
            {"name": name, "base_url": self.simulator.url, "new_api_key": API_KEY}
            for name in ("Second", "Third")
        ]
        pbxs = self.pbx | self.env["noojee.pbx"].create(others)
        (self.env["noojee.pbx"].search([]) - pbxs).active = False
        for pbx in pbxs - self.pbx:
            self.desk_103.copy({"pbx_id": pbx.id})
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        polls = self.simulator.requests("subscribe")
        self.assertEqual({poll["params"]["timeOut"] for poll in polls}, {"0", "3"})

    def test_clocks_are_compared_when_a_call_begins(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.ring()
        self.listen_until(lambda: bool(self.calls()))
        self.assertLess(abs(self.listener().clock_skew), 5)

    def is_elected(self):
        with self.own_cursors(), self.registry.cursor() as cr:
            listeners = self.env(cr=cr)["noojee.listener"]
            with listeners._elected(self.pbx) as is_elected:
                return is_elected

    def test_one_listener_for_a_pbx(self):
        # another process: a connection of its own
        lock = [noojee_listener.LOCK_CLASS, self.pbx.id]
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", lock)
            self.assertFalse(self.is_elected())
            other.execute("SELECT pg_advisory_unlock(%s, %s)", lock)
        self.assertTrue(self.is_elected())

    def test_cron_says_why_it_could_not_listen(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.simulator.faults({"kind": "http500"})
        (self.env["noojee.pbx"].search([]) - self.pbx).active = False
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("internal error", self.listener().last_error)
        self.assertEqual(self.pbx.status, "away")
