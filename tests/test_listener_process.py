from unittest.mock import MagicMock, patch

import psycopg2

from odoo.tests import BaseCase, tagged

from odoo.addons.noojee.cli import noojee_listen
from odoo.addons.noojee.cli.noojee_listen import STEADY_SECONDS
from odoo.addons.noojee.models import schedule
from odoo.addons.noojee.models.schedule import BACKOFF_SECONDS, Schedule


class Stop:
    """The event that stops the process, once it has waited so often."""

    def __init__(self, most):
        self.most = most
        self.waits = []

    def is_set(self):
        return len(self.waits) >= self.most

    def wait(self, seconds):
        self.waits.append(seconds)


@tagged("post_install", "-at_install", "noojee")
class TestListenerProcess(BaseCase):
    """How long the listener waits when it fails again and again."""

    def setUp(self):
        super().setUp()
        self.clock = MagicMock()
        self.clock.monotonic.return_value = 0
        self.jitter = MagicMock(return_value=1)
        for name, fake in {
            "Registry": MagicMock(),
            "time": self.clock,
        }.items():
            self.patch(noojee_listen, name, fake)
        self.patch(schedule, "random", MagicMock(uniform=self.jitter))

    def waits(self, turns, most):
        """Follow a PBX.

        :param turns: what becomes of each turn: an error, or whether to go on; the
            last one stays
        :param most: how many waits
        """
        process = noojee_listen.Process("nowhere")
        process.stop = Stop(most)
        process._note_error = lambda _pbx_id, _error: None
        turns = [*turns, *[turns[-1]] * most]
        with patch.object(process, "_follow_if_elected", side_effect=turns):
            process._follow_pbx(1)
        return process.stop.waits

    def test_waits_grow_up_to_the_longest(self):
        waits = self.waits([ValueError()], len(BACKOFF_SECONDS) + 2)
        self.assertEqual(waits, [*BACKOFF_SECONDS, *[BACKOFF_SECONDS[-1]] * 2])

    def test_waits_differ_by_a_third_from_listener_to_listener(self):
        self.jitter.side_effect = [0.7, 1.3]
        waits = self.waits([ValueError()], 2)
        self.assertEqual(waits, [0.7 * BACKOFF_SECONDS[0], 1.3 * BACKOFF_SECONDS[1]])
        for call in self.jitter.call_args_list:
            self.assertEqual(call.args, (0.7, 1.3))

    def test_turn_that_went_well_begins_anew(self):
        error = ValueError()
        waits = self.waits([error, error, error, True, error], 5)
        self.assertEqual(waits, [*BACKOFF_SECONDS[:3], *BACKOFF_SECONDS[:2]])

    def test_turn_that_lived_long_was_no_failure_to_begin(self):
        moments = [0, 1, 1, 2, 2, 3 + STEADY_SECONDS, 100, 101]
        self.clock.monotonic.side_effect = moments
        waits = self.waits([ValueError()], 4)
        self.assertEqual(waits, [*BACKOFF_SECONDS[:2], *BACKOFF_SECONDS[:2]])

    def test_database_that_is_away_is_asked_each_second(self):
        waits = self.waits([psycopg2.OperationalError()], 8)
        self.assertEqual(waits, [1] * 8)

    def test_pbx_that_is_not_followed_any_more_ends_the_thread(self):
        self.assertEqual(self.waits([ValueError(), False], 9), [BACKOFF_SECONDS[0]])


@tagged("post_install", "-at_install", "noojee")
class TestListenerSchedule(BaseCase):
    """When each list of extensions is asked."""

    def setUp(self):
        super().setUp()
        self.clock = MagicMock()
        self.clock.monotonic.return_value = 100
        self.patch(schedule, "time", self.clock)
        self.patch(schedule, "random", MagicMock(uniform=MagicMock(return_value=1)))
        self.schedule = Schedule([1, 2], 180)

    def go_on(self, seconds):
        self.clock.monotonic.return_value += seconds

    def test_refused_list_waits_as_a_turn_that_failed(self):
        for seconds in (*BACKOFF_SECONDS, BACKOFF_SECONDS[-1]):
            self.schedule.note_refusal(1)
            self.go_on(seconds - 0.1)
            self.assertFalse(self.schedule.is_due(1))
            self.assertTrue(self.schedule.is_due(2))
            self.go_on(0.1)
            self.assertTrue(self.schedule.is_due(1))
        self.schedule.note_answer(1)
        self.schedule.note_refusal(1)
        self.go_on(BACKOFF_SECONDS[0])
        self.assertTrue(self.schedule.is_due(1))

    def test_state_is_read_now_and_again_and_after_a_refusal(self):
        self.assertTrue(self.schedule.takes_state(1))
        self.go_on(179)
        self.assertFalse(self.schedule.takes_state(1))
        self.go_on(1)
        self.assertTrue(self.schedule.takes_state(1))
        self.schedule.note_refusal(1)
        self.assertTrue(self.schedule.takes_state(1))

    def test_whether_the_pbx_is_there(self):
        self.schedule.note_refusal(1)
        self.assertFalse(self.schedule.is_answered)
        self.schedule.note_answer(2)
        self.assertTrue(self.schedule.is_answered)

    def test_whether_anything_is_followed(self):
        self.schedule.note_refusal(1)
        self.assertFalse(self.schedule.is_all_refused)
        self.schedule.note_refusal(2)
        self.assertTrue(self.schedule.is_all_refused)
        self.schedule.note_answer(1)
        self.assertFalse(self.schedule.is_all_refused)
