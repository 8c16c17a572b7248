import time
from itertools import pairwise
from urllib.parse import quote

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.noojee.client import ApiError, HttpError
from odoo.addons.noojee.client.deadline import Deadline
from odoo.addons.noojee.models import noojee_listener

from .common import API_KEY, NoojeeCommon


@tagged("post_install", "-at_install", "noojee")
class TestListenerLists(NoojeeCommon):
    """A PBX whose extensions do not fit into one address, each in a list of its own."""

    def setUp(self):
        super().setUp()
        room = len(quote(",101", safe=""))
        chars = len(self.pbx.base_url) + len(quote(API_KEY, safe="")) + room
        self.patch(noojee_listener, "ADDRESS_CHARS", noojee_listener.REST_CHARS + chars)

    def listener(self, desk):
        return self.env["noojee.listener"].search(
            [("pbx_id", "=", self.pbx.id), ("extensions", "=", desk)]
        )

    def state(self, desk):
        """Of the newest call there."""
        channels = self.env["noojee.call.channel"].search(
            [("extension_number", "=", desk)], order="id desc", limit=1
        )
        return channels.state

    def ring(self, desk):
        self.simulator.control("ring", desks=[desk], caller="0370109876")

    def refuse(self, **values):
        self.simulator.faults({"kind": "refused", "method": "subscribe", **values})

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_list_that_is_refused_holds_up_no_other(self):
        self.refuse(extension="101")
        self.ring("102")
        self.listen_until(lambda: self.listener("101").last_error)
        self.simulator.control("answer", desk="102")
        self.listen_until(
            lambda: (
                self.state("102") == "connected" and self.listener("103").last_poll_at
            )
        )
        self.assertFalse(self.state("101"))
        refused = self.listener("101")
        self.assertIn("desks 101 to 101", refused.last_error)
        self.assertIn("Not now", refused.last_error)
        self.assertFalse(self.listener("102").last_error)
        # an administrator sees it, and that a process listens
        admin = new_test_user(self.env, "noojee_boss", "noojee.group_admin")
        pbx = self.pbx.with_user(admin)
        self.assertEqual(pbx.status, "failing")
        self.assertEqual(pbx.status_details, refused.last_error)
        self.assertFalse(self.pbx.circuit_ids.failing_since)

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_list_that_was_refused_for_a_while_loses_nothing(self):
        self.listen_until(lambda: self.listener("101").last_poll_at)
        self.refuse(extension="101")
        self.ring("101")
        self.simulator.control("hangup", desk="101")
        self.listen_until(self.go_on_after_the_second_refusal)
        self.assertEqual(self.state("101"), "ended")
        self.assertFalse(self.listener("101").last_error)
        self.assertEqual(self.pbx.status, "ok")

    def go_on_after_the_second_refusal(self):
        """It is asked again while the others are followed, and then no more."""
        if self.simulator.struck == [2]:
            self.simulator.clear_faults()
        return bool(self.state("101"))

    def test_what_is_refused_of_all_lists_ends_the_turn(self):
        self.refuse()
        with self.assertRaises(ApiError):
            self.listen_until(lambda: False)

    def test_maintenance_told_of_one_list_ends_the_turn(self):
        fault = {"kind": "http503", "method": "subscribe", "extension": "102"}
        self.simulator.faults(fault)
        with self.assertRaises(HttpError):
            self.listen_until(lambda: False)

    def note_requests(self):
        """:return: list of when requests go out, which grows"""
        sent_at = []
        start = Deadline.start

        def note(deadline):
            sent_at.append(time.monotonic())
            start(deadline)

        self.patch(Deadline, "start", note)
        return sent_at

    def test_requests_of_all_lists_keep_their_distance(self):
        for desk in ("101", "102", "103"):
            self.ring(desk)
        sent_at = self.note_requests()
        self.listen_until(lambda: len(sent_at) > 12)
        gaps = [after - before for before, after in pairwise(sent_at)]
        self.assertGreaterEqual(min(gaps), 0.1)

    def test_lists_wait_for_news_beside_each_other(self):
        self.listen_until(lambda: self.listener("103").last_poll_at)
        sent_at = self.note_requests()
        # a state of each, then a long poll of 2 s
        self.listen_until(lambda: len(sent_at) >= 6)
        self.assertLess(sent_at[5] - sent_at[0], 1.9)
