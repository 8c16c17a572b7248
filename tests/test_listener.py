from odoo.sql_db import db_connect
from odoo.tests import tagged

from odoo.addons.noojee.client import EventBatch
from odoo.addons.noojee.models import noojee_listener

from .common import NoojeeCommon


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

    def test_call_that_ended_while_nobody_listened(self):
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        # the PBX forgets it without a word
        self.simulator.control("reset")
        self.listen_until(lambda: self.calls().state == "ended")
        self.assertEqual(self.calls().outcome, "unknown")

    def test_restart_of_the_pbx_is_noticed(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        listener = self.listener()
        listener.sequence_number = "1000"
        batch = EventBatch(sequence_number=3)
        self.assertTrue(listener._store(batch, False))
        self.assertEqual(listener.sequence_number, "0")
        self.assertFalse(listener._store(batch, True))
        self.assertEqual(listener.sequence_number, "3")

    def test_desk_without_a_user_is_watched_too(self):
        self.ring("103")
        self.listen_until(lambda: self.calls().state == "ringing")
        self.assertFalse(self.calls().user_id)
        self.assertEqual(self.calls().partner_id, self.customer)

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
