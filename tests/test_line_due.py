from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import tagged

from odoo.addons.noojee.models import (
    noojee_call_line_due,
    noojee_listener,
    schedule,
)

from .common import NoojeeCommon

CALLS = 12


@tagged("post_install", "-at_install", "noojee")
class TestLineDue(NoojeeCommon):
    """Lines in the chatter that wait until a flood of events is over."""

    def setUp(self):
        super().setUp()
        # the very first event of a PBX cannot be asked for
        self.ring_out("103")
        self.listen_until(lambda: bool(self.pbx.listener_ids.last_poll_at))

    def calls(self):
        return self.env["noojee.call"].search([("pbx_id", "=", self.pbx.id)])

    def flood(self):
        """Missed calls, two events each, all of which the next poll brings."""
        for _n in range(CALLS):
            self.ring_out("101")

    def ring_out(self, desk):
        self.simulator.control("ring", desks=[desk], caller="0370109876")
        self.simulator.control("hangup", desk=desk)

    def put_off(self):
        """Have calls taken in by a listener that gets to nothing else."""
        self.flood()
        with patch.object(
            type(self.env["noojee.call"]), "_write_due_lines", lambda self: False
        ):
            self.listen_until(lambda: len(self.calls()) == CALLS)
        calls = self.calls()
        self.assertEqual(set(calls.mapped("outcome")), {"missed"})
        self.assertFalse(calls.message_id)
        return calls

    def write_some(self):
        with self.own_cursors(), self.registry.cursor() as cr:
            calls = self.env(cr=cr, user=SUPERUSER_ID)["noojee.call"]
            were_due = calls._write_due_lines()
        self.env.invalidate_all()
        return were_due

    def test_lines_are_written_when_the_flood_is_over(self):
        self.flood()
        self.listen_until(lambda: len(self.calls().message_id) == CALLS)
        self.assertFalse(self.calls().filtered("is_line_due"))
        bodies = self.customer.message_ids.filtered(
            lambda message: "Missed call" in (message.body or "")
        )
        self.assertEqual(len(bodies), CALLS)

    def test_lines_wait_while_events_keep_coming(self):
        """In the short pauses between them everybody's card would wait for a line."""
        calls = self.put_off()
        self.keep_ringing(overdue_seconds=100)
        self.assertFalse(calls.message_id)

    def test_lines_are_written_where_events_leave_no_pause(self):
        calls = self.put_off()
        self.keep_ringing(overdue_seconds=0)
        self.assertTrue(calls.message_id)

    def keep_ringing(self, overdue_seconds):
        """Listen while an event follows the other."""
        # on a busy machine a pause may be long
        self.patch(noojee_listener, "QUIET_SECONDS", 10)
        self.patch(schedule, "OVERDUE_SECONDS", overdue_seconds)

        def is_over():
            self.ring_out("102")
            return len(self.calls()) >= CALLS + 5

        self.listen_until(is_over)

    def test_few_events_have_their_line_at_once(self):
        with patch.object(
            type(self.env["noojee.call"]), "_write_due_lines", lambda self: False
        ):
            self.simulator.control("ring", desks=["101"], caller="0370109876")
            self.listen_until(lambda: self.calls().state == "ringing")
            self.simulator.control("hangup", desk="101")
            self.listen_until(lambda: self.calls().state == "ended")
        self.assertTrue(self.calls().message_id)

    def test_lines_that_a_listener_did_not_get_to(self):
        """It was killed in the flood, or the flood does not end."""
        calls = self.put_off()
        (self.env["noojee.pbx"].search([]) - self.pbx).active = False
        self.pbx.sudo().api_key = False
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(calls.message_id), CALLS)

    def test_what_is_said_of_a_call_has_its_line_written(self):
        calls = self.put_off()
        call = calls[0]
        call._update_chatter()
        line = call.message_id
        self.assertTrue(line)
        while self.write_some():
            pass
        self.assertEqual(call.message_id, line)
        self.assertEqual(len(calls.message_id), CALLS)

    def test_open_chatters_are_told(self):
        self.put_off()
        sent = []
        users = type(self.env["res.users"])

        def note(user, name, payload, **kwargs):
            sent.append((user.login, name, payload))

        with patch.object(users, "_bus_send", note):
            self.write_some()
        record = {"model": "res.partner", "id": self.customer.id}
        told = (self.anna.login, "noojee.call/line_written", {"record": record})
        self.assertEqual(sent, [told] * noojee_call_line_due.AT_ONCE)
