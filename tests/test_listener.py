import socket
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from unittest.mock import patch
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests import new_test_user, tagged
from odoo.tests.test_cursor import TestCursor
from odoo.tools import SQL, mute_logger

from odoo.addons.noojee.cli import noojee_listen
from odoo.addons.noojee.client import (
    CallEvent,
    CannotConnect,
    CannotConnectReason,
    EventBatch,
    HttpError,
    NoojeeError,
    RecordingLeg,
)
from odoo.addons.noojee.models import (
    noojee_call_sweep,
    noojee_hour_list,
    noojee_listener,
    noojee_listener_election,
    noojee_listener_health,
)
from odoo.addons.noojee.models.noojee_hour_list import HourListBusy
from odoo.addons.noojee.models.poll import HourNews, HourPoll, News, Pace, Poll

from .common import API_KEY, TOO_LONG_FOR_AN_INDEX, NoojeeCommon


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

    def test_requests_keep_their_distance(self):
        """100 ms from when one went out, however long connecting took before."""
        sent_at = []

        def connect_slowly(on_sent):
            time.sleep(0.2)
            sent_at.append(time.monotonic())
            on_sent()

        pace = Pace()
        with ThreadPoolExecutor() as executor:
            for _request in range(3):
                executor.submit(pace.ask, connect_slowly)
        gaps = [after - before for before, after in pairwise(sent_at)]
        self.assertGreaterEqual(min(gaps), 0.3)

    def test_requests_that_fail_hold_up_no_other(self):
        def fail(_on_sent):
            raise ValueError("for a test")

        pace = Pace()
        for _request in range(2):
            with self.assertRaises(ValueError):
                pace.ask(fail)

    def test_nothing_is_asked_after_the_end_of_a_turn(self):
        pace = Pace()
        pace.end()
        with self.assertRaises(CancelledError):
            pace.ask(self.fail)

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

    def test_what_happened_while_nobody_listened_to_a_pbx_that_had_just_begun(self):
        self.simulator.control("restart", down_seconds=0)
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.assertEqual(self.listener().sequence_number, "0")
        # the very first event cannot be asked for: to 0 the PBX tells its state
        self.ring("101")
        self.simulator.control("answer", desk="101")
        self.simulator.control("hangup", desk="101")
        self.ring("102")
        self.simulator.control("hangup", desk="102")
        self.listen_until(lambda: len(self.calls()) == 2)
        outcomes = sorted(self.calls().mapped("outcome"))
        self.assertEqual(outcomes, ["answered", "missed"])

    def test_first_call_after_a_restart_is_missed(self):
        """Of its two events the first cannot be asked for."""
        self.read_state()
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        known = self.calls()
        self.simulator.control("restart", down_seconds=0)
        self.be_called()
        self.listen_until(lambda: len(self.calls()) > len(known))
        call = self.calls() - known
        self.assertEqual(call.outcome, "missed")
        self.assertTrue(call.missed_call_id)
        self.assertIn("Missed call", call.message_id.body)

    def test_state_that_does_not_tell_what_runs(self):
        """A warning, or an error of one desk, ends no call."""
        poll = Poll(["101", "102"], 0, 0, fields.Datetime.now(), reads_state=True)
        for told, extensions in (
            ({"code": 0}, ["101", "102"]),
            ({"code": 7, "message": "System busy"}, []),
            ({"unreadable": frozenset({"102"})}, ["101"]),
        ):
            state = EventBatch(**{"code": 0, "message": "", **told})
            self.assertEqual(News(poll, state, None).told_extensions, extensions)

    def test_pbx_that_does_not_answer_for_hours(self):
        """Calls that only notices told of end by themselves all the same."""
        call = self.unheard(hours=5)
        # whoever listens is refused by the PBX
        self.pbx.new_api_key = "another"
        self.run_cron()
        self.assertEqual(call.state, "ended")

    def test_pbx_whose_desks_are_all_archived(self):
        """There is nothing to listen to, and nothing is waited for in vain."""
        listeners = self.env["noojee.listener"]
        self.assertIn(self.pbx, listeners._followed_pbxs())
        self.pbx.extension_ids.active = False
        self.assertNotIn(self.pbx, listeners._followed_pbxs())

    def be_called(self, desk="102"):
        self.ring(desk)
        self.simulator.control("hangup", desk=desk)

    def test_pbx_that_does_not_count_while_it_has_no_news(self):
        """It has not restarted: nothing was missed, and nothing comes again."""
        self.be_called()
        self.ring()
        self.listen_until(lambda: self.calls()[:1].state == "ringing")
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: set(self.calls().mapped("state")) == {"ended"})
        number = self.listener().sequence_number
        calls = self.calls()
        self.simulator.faults({"kind": "no_number"})
        polled_at = self.listener().last_poll_at
        self.listen_until(lambda: self.listener().last_poll_at > polled_at)
        self.assertEqual(self.listener().sequence_number, number)
        self.assertFalse(self.env["noojee.hour.list"]._of(self.pbx).repair_from)
        self.be_called()
        self.listen_until(lambda: len(self.calls()) > len(calls))
        self.assertEqual(len(self.calls() - calls), 1)

    def test_what_a_pbx_that_does_not_count_did_before_it_was_set_up(self):
        """It is not read as if it happened now."""
        self.be_called()
        self.simulator.faults({"kind": "no_number"})
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.ring()
        self.listen_until(lambda: self.calls()[:1].state == "ringing")
        # what it answers to the number that it told then
        polled_at = self.listener().last_poll_at
        self.listen_until(lambda: self.listener().last_poll_at > polled_at)
        self.assertEqual(len(self.calls()), 1)

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

    def notice(self, unique_id, desk="101", status="Connected", **data):
        """As a dial plan tells of a call, under an id of its own making."""
        data |= {"status": status, "inbound": True, "uniqueCallId": unique_id}
        event = CallEvent.from_wire(desk, {"CallData": data}, self.pbx.tz)
        return self.env["noojee.call"]._ingest(self.pbx, [event])

    def test_what_a_dial_plan_tells_of_a_running_call_is_not_swept(self):
        self.ring()
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: self.calls().state == "connected")
        [reported] = self.calls().channel_ids
        caller = reported.secondary_unique_call_id
        self.notice(f"{caller}-101", secondaryUniqueCallId=caller)
        self.notice("1412750000.1-102", "102")
        forgotten = self.calls().filtered(lambda call: call.user_id == self.ben)
        # each turn begins with a sweep
        self.listen_until(lambda: forgotten.state == "ended")
        self.assertEqual(
            reported.call_id.channel_ids.mapped("state"), ["connected", "connected"]
        )
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: reported.state == "ended")
        self.listen_until(lambda: reported.call_id.state == "ended")
        self.assertEqual(reported.call_id.outcome, "answered")

    def test_restart_of_the_pbx_is_noticed(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().sequence_number = "1000"
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        self.assertLess(int(self.listener().sequence_number), 1000)

    def test_what_ran_when_the_pbx_restarted_has_ended(self):
        """Its new life is some events old when it is met."""
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        # the clock of a test's transaction stands still
        self.age(self.calls(), hours=1)
        asked_at = fields.Datetime.now() - timedelta(minutes=1)
        poll = Poll(["101", "102", "103"], 1000, 0, asked_at, True, asked_at)
        told = EventBatch(0, "", sequence_number=3)
        with self.own_cursors():
            listener = self.listener()
            listener._store(self.pbx, {listener.id: News(poll, told, told)}, True)
        self.assertEqual(self.calls().state, "ended")

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

    def test_new_registry_ends_the_turn(self):
        """Modules were installed: ours has the old code."""
        other = patch.object(noojee_listener, "Registry", lambda _database: None)
        self.addCleanup(other.stop)
        self.follow_while(other.start)

    def test_long_lists_fit_into_an_address(self):
        self.desk_101.copy({"number": "9999", "user_id": False})
        known = set(self.pbx.extension_ids.mapped("number"))
        self.env["noojee.extension"].create(
            [
                {"pbx_id": self.pbx.id, "number": number}
                for number in map(str, (*range(200, 700), *range(2000, 2500)))
                if number not in known
            ]
        )
        numbers = self.pbx.extension_ids.mapped("number")
        for key in ("k", "a key of some length " * 10):
            with self.subTest(key):
                self.pbx.new_api_key = key
                lists = self.env["noojee.listener"]._lists(self.pbx)
                together = [n for known in lists for n in known.split(",")]
                self.assertEqual(sorted(together), sorted(numbers))
                chars = [len(self.address(known)) for known in lists]
                self.assertLess(max(chars), 2000)
                # and none is half empty but the last
                self.assertGreater(min(chars[:-1]), 1900)

    def address(self, extensions):
        """Where a subscription is asked for, with the longest other parameters."""
        key = self.pbx.sudo().api_key
        parameters = {
            "exten": extensions,
            "lastSequenceNumber": 2**63,
            "timeOut": noojee_listener.LONG_POLL,
            "apiKey": key.strip(),
        }
        query = urlencode(parameters, quote_via=quote, safe=",")
        path = "servicemanager/rest/CallManagementAPI/subscribe"
        return f"{self.pbx.base_url}/{path}?{query}"

    def test_refused_key_is_told_and_opens_no_circuit(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().seen_at -= 2 * noojee_listener_health.LISTENING
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
        lock = [noojee_listener_election.LOCK_CLASS, self.pbx.id]
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", lock)
            self.assertFalse(self.is_elected())
            other.execute("SELECT pg_advisory_unlock(%s, %s)", lock)
        self.assertTrue(self.is_elected())

    def test_machine_that_vanished_is_noticed_within_five_seconds(self):
        executed = []
        execute = TestCursor.execute

        def record(cursor, query, *args, **kwargs):
            executed.append(query)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(TestCursor, "execute", record):
            self.is_elected()
        settings = {
            name: int(value)
            for query in executed
            if isinstance(query, SQL) and query.code.startswith("SET ")
            for name, value in [self.setting(query)]
        }
        longest = (
            settings["tcp_keepalives_idle"]
            + settings["tcp_keepalives_interval"] * settings["tcp_keepalives_count"]
        )
        self.assertLessEqual(longest + noojee_listen.STANDBY_SECONDS, 5)
        unacknowledged = settings["tcp_user_timeout"] / 1000
        self.assertLessEqual(unacknowledged + noojee_listen.STANDBY_SECONDS, 5)

    def setting(self, query):
        words = query.code.replace('"', "").split()
        return words[1], query.params[0]

    def test_our_end_notices_it_as_well(self):
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname()) as connection,
            self.own_cursors(),
            self.registry.cursor() as cr,
            patch.object(cr._cursor, "_cnx", connection),
        ):
            self.env(cr=cr)["noojee.listener"]._watch_connection()
            options = [
                connection.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
                for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
            ]
            self.assertEqual(options, [1, 1, 2])
            self.assertTrue(
                connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            )

    @mute_logger("odoo.addons.noojee.models.noojee_listener")
    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_cron_survives_what_nobody_thought_of(self):
        """Other PBXs are followed all the same."""
        self.listen_until(lambda: bool(self.listener().last_poll_at))

        def fail(_listener, _pbx):
            raise ValueError("for a test")

        self.patch(self.registry["noojee.listener"], "_close_unwatched", fail)
        self.run_cron()
        self.assertEqual(self.listener().last_error, "for a test")

    def test_cron_says_why_it_could_not_listen(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.simulator.faults({"kind": "http500"})
        (self.env["noojee.pbx"].search([]) - self.pbx).active = False
        with self.own_cursors():
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("internal error", self.listener().last_error)
        self.assertEqual(self.pbx.status, "away")

    # === WHAT WAS MISSED === #

    def be_away_since(self, moment):
        """Nobody listened, from a moment until now."""
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().last_poll_at = moment
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        self.listen_until(lambda: bool(hours.repair_from) or bool(self.repaired()))

    def repaired(self):
        return self.calls().filtered("is_repaired")

    def yesterday(self):
        """The hour in which the simulator recorded some calls."""
        return self.pbx._hour_of(fields.Datetime.now() - timedelta(days=1))

    def test_recorded_calls_that_were_missed_are_found(self):
        self.env["noojee.sign.on"].search(
            [("pbx_id", "=", self.pbx.id)]
        ).since = self.yesterday()
        self.be_away_since(self.yesterday() + timedelta(minutes=1))
        self.listen_until(lambda: len(self.repaired()) == 3)
        call = self.repaired().filtered(lambda call: call.number == "0491570156")
        self.assertEqual((call.state, call.outcome), ("ended", "answered"))
        self.assertEqual(call.user_id, self.ben)
        self.assertEqual(call.channel_ids.extension_number, "102")
        self.assertEqual(self.yesterday(), self.pbx._hour_of(call.started_at))
        self.assertEqual(call.talk_seconds, 6 + 12 + 30 + 5)

    def test_who_sat_there_later_is_not_who_spoke(self):
        self.be_away_since(self.yesterday() + timedelta(minutes=1))
        self.listen_until(lambda: len(self.repaired()) == 3)
        self.assertFalse(self.repaired().user_id)

    def test_calls_that_were_heard_of_are_not_repaired(self):
        self.be_away_since(self.yesterday() + timedelta(minutes=1))
        self.listen_until(lambda: len(self.repaired()) == 3)
        kept = self.repaired()
        self.simulator.control("reset")
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        hours.write(
            {
                "not_before": False,
                "repair_from": self.yesterday(),
                "repair_until": self.yesterday(),
            }
        )
        self.listen_until(lambda: not hours.repair_from)
        self.assertEqual(self.calls(), kept)

    def repair(self, *rows):
        """Take in some legs of an hour's list."""
        legs = [
            RecordingLeg.from_wire(
                {
                    "Source": "0370101239",
                    "DID": "0390001234",
                    "UniqueId": "1412750001.7",
                    "CallRecordId": "9",
                    "Direction": "Inbound",
                    **row,
                },
                self.pbx.tz,
            )
            for row in rows
        ]
        self.env["noojee.call"]._ingest_recorded(self.pbx, legs)
        return self.calls()

    FIRST_LEG = {  # noqa: RUF012
        "Destination": "101",
        "Leg": "1",
        "Start": "2026-11-02 14:50:00.0",
        "Duration": "480",
    }
    LATER_LEG = {  # noqa: RUF012
        "Destination": "102",
        "Leg": "2",
        "Start": "2026-11-02 14:58:00.0",
        "Duration": "1320",
    }

    def test_missed_call_whose_legs_ended_in_two_hours(self):
        """Who spoke last is found as well, by the list of the next hour."""
        self.repair(self.FIRST_LEG)
        for _again in range(2):
            call = self.repair(self.LATER_LEG)
            self.assertEqual(len(call), 1)
            desks = call.channel_ids.sorted("started_at").mapped("extension_number")
            self.assertEqual(desks, ["101", "102"])
            self.assertEqual(call.ended_at - call.started_at, timedelta(minutes=30))
            self.assertTrue(call.is_repaired)

    def test_missed_call_that_went_on_at_the_same_desk_in_the_next_hour(self):
        self.repair(self.FIRST_LEG)
        for leg in ({**self.LATER_LEG, "Destination": "101"}, self.FIRST_LEG):
            call = self.repair(leg)
            self.assertEqual(call.channel_ids.extension_number, "101")
            self.assertEqual(call.ended_at - call.started_at, timedelta(minutes=30))
            self.assertEqual(call.talk_seconds, 1800)

    def test_what_was_heard_of_is_not_repaired_by_its_legs(self):
        self.notice("1412750001.7", callerId="0370101239")
        call = self.notice("1412750001.7", status="Hungup")
        self.repair(self.FIRST_LEG, self.LATER_LEG)
        self.assertEqual(self.calls(), call)
        self.assertEqual(call.channel_ids.extension_number, "101")
        self.assertFalse(call.is_repaired)

    def test_call_that_went_on_while_nobody_listened(self):
        """It was answered, then transferred; its end nobody heard."""
        self.simulator.control("ring", desks=["103"], caller="0491570156")
        self.listen_until(lambda: bool(self.calls()))
        self.simulator.control("hangup", desk="103")
        known = self.calls()
        self.listen_until(lambda: known.state == "ended")
        self.notice("1412750001.7", callerId="0370101239")
        call = self.calls() - known
        # the PBX does not tell of it any more
        self.listen_until(lambda: call.state == "ended")
        self.assertTrue(call.channel_ids.is_forgotten)
        self.repair(self.FIRST_LEG, self.LATER_LEG)
        self.assertEqual(self.calls() - known, call)
        desks = sorted(call.channel_ids.mapped("extension_number"))
        self.assertEqual(desks, ["101", "102"])

    def forget(self):
        """The PBX does not tell any more of what runs."""
        self.calls().channel_ids._forget()

    def assertRepaired(self, call, legs, desks):
        """Its legs complete a call, however often lists tell of them."""
        for _again in range(2):
            self.repair(*legs)
            self.assertEqual(self.calls(), call)
            self.assertTrue(call.is_repaired)
            channels = call.channel_ids.sorted("started_at")
            self.assertEqual(channels.mapped("extension_number"), desks)
            self.assertEqual(set(channels.mapped("outcome")), {"answered"})
            self.assertEqual(call.outcome, "answered")

    def test_call_that_was_answered_and_ended_while_nobody_listened(self):
        self.notice("1412750001.7", status="Ringing", callerId="0370101239")
        self.forget()
        call = self.calls()
        self.assertEqual(call.outcome, "unknown")
        self.assertRepaired(call, [self.FIRST_LEG], ["101"])
        self.assertEqual(call.talk_seconds, 480)
        later = {**self.LATER_LEG, "Destination": "101"}
        self.assertRepaired(call, [later], ["101"])
        self.assertEqual(call.talk_seconds, 1800)

    def test_call_of_which_nothing_but_its_end_was_heard(self):
        call = self.notice("1412750001.7", status="Hungup", callerId="0370101239")
        # two minutes after its recording was stopped
        call.channel_ids.ended_at = datetime(2026, 11, 2, 4, 0)
        self.assertRepaired(call, [self.FIRST_LEG], ["101"])
        self.assertEqual(call.talk_seconds, 600)

    def test_call_whose_recording_goes_by_the_callers_channel(self):
        self.notice(
            "1412750000.9",
            status="Ringing",
            callerId="0370101239",
            secondaryUniqueCallId="1412750001.7",
        )
        self.forget()
        self.assertRepaired(self.calls(), [self.FIRST_LEG], ["101"])

    def test_desk_that_was_followed_to_its_end_is_not_repaired(self):
        """The caller was passed on to a desk where the call was heard of no more."""
        caller = {"callerId": "0370101239", "secondaryUniqueCallId": "1412750001.7"}
        for status in ("Ringing", "Connected", "Hungup"):
            self.notice("1412750000.9", status=status, **caller)
        heard = self.calls().channel_ids
        times = heard.answered_at, heard.ended_at
        self.notice("1412750002.3", "102", status="Ringing", **caller)
        (self.calls().channel_ids - heard)._forget()
        for legs in ([self.LATER_LEG, self.FIRST_LEG], [self.FIRST_LEG]):
            self.repair(*legs)
            channels = self.calls().channel_ids
            self.assertEqual(len(channels), 2)
            self.assertEqual(set(channels.mapped("outcome")), {"answered"})
            self.assertEqual((heard.answered_at, heard.ended_at), times)

    def test_gap_goes_by_the_pbxs_clock(self):
        """Its hours are its own: a call of 15:02 here is in its list of 14 o'clock."""
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().clock_skew = 600
        hours = self.env["noojee.hour.list"]
        begin = self.yesterday()
        start, end = begin + timedelta(minutes=2), begin + timedelta(minutes=8)
        hours._note_gap(self.pbx, start, end)
        row = hours._of(self.pbx)
        before = begin - timedelta(minutes=8)
        self.assertEqual((row.repair_from, row.repair_until), (before, end))

    def test_hours_are_asked_for_once_a_minute(self):
        self.be_away_since(self.yesterday() - timedelta(hours=2))
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        self.listen_until(lambda: self.simulator.requests("retrieveMetaDataByHour"))
        self.assertTrue(hours.repair_from)
        with self.own_cursors(), self.assertRaises(HourListBusy):
            self.pbx._hour_list(self.yesterday())
        hours.not_before = False
        self.listen_until(
            lambda: len(self.simulator.requests("retrieveMetaDataByHour")) == 2
        )
        # the PBX's own limit has not come to an end: the hour is asked for again
        self.assertLess(hours.repair_from, self.yesterday())

    def test_hour_that_is_not_over_waits(self):
        self.be_away_since(fields.Datetime.now() - timedelta(minutes=2))
        hours = self.env["noojee.hour.list"]
        with patch.object(noojee_hour_list, "SETTLED", timedelta(hours=2)):
            self.assertFalse(hours._due_hour(self.pbx))
        row = hours._of(self.pbx)
        self.assertLess(row.repair_from, row.repair_until)

    def test_what_a_busy_pbx_may_have_forgotten_is_repaired(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        before = self.listener().last_poll_at - timedelta(seconds=30)
        self.listener().write({"last_poll_at": before, "seen_at": before})
        self.listen_until(lambda: self.listener().last_poll_at > before)
        repair_from = self.env["noojee.hour.list"]._of(self.pbx).repair_from
        self.assertEqual(repair_from, before)

    def test_short_turns_of_the_cron_leave_no_gap(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        before = self.listener().last_poll_at - timedelta(minutes=1)
        self.listener().write({"last_poll_at": before, "seen_at": False})
        self.listen_until(lambda: self.listener().last_poll_at > before)
        self.assertFalse(self.env["noojee.hour.list"]._of(self.pbx).repair_from)

    def fail_hours(self, **fault):
        self.simulator.faults({"method": "retrieveMetaDataByHour", **fault})
        self.be_away_since(self.yesterday() - timedelta(hours=2))

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_list_that_fails_is_no_reason_to_call_the_pbx_away(self):
        self.fail_hours(kind="http500")
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        self.listen_until(lambda: hours.failures == 1)
        self.assertFalse(self.pbx.circuit_ids.failing_since)
        self.assertIn("tried again", self.listener().last_error)
        # calls are followed all the same
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_hour_that_fails_again_and_again_is_given_up(self):
        self.fail_hours(kind="http500")
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        self.listen_until(lambda: hours.failures == 1)
        first = self.pbx._hour_of(hours.repair_from)
        for tries in range(2, noojee_hour_list.TRIES):
            hours.not_before = False
            self.listen_until(lambda tries=tries: hours.failures == tries)
        hours.not_before = False
        self.listen_until(lambda: hours.repair_from > first + noojee_hour_list.HOUR / 2)
        self.assertEqual(hours.repair_from, first + noojee_hour_list.HOUR)
        self.assertEqual(hours.failures, 0)
        self.assertIn("stay unknown", self.listener().incident)
        # by the clock that the PBX's list goes by
        local = self.pbx._local_hour(first)
        self.assertIn(f"{local:%Y-%m-%d %H:%M}", self.listener().incident)

    def leave_gap(self):
        """Calls since yesterday may have been missed."""
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        hours = self.env["noojee.hour.list"]
        hours._note_gap(self.pbx, self.yesterday(), fields.Datetime.now())
        return hours._of(self.pbx)

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_pbx_without_such_lists_is_asked_some_times(self):
        """What it has in none of several minutes it has for no other hour either."""
        hours = self.leave_gap()
        error = HttpError("retrieveMetaDataByHour", 404)
        news = HourNews(self.yesterday(), error=error)
        with patch.object(HourPoll, "run", lambda _poll, _client: news):
            for tries in range(1, noojee_hour_list.TRIES):
                self.listen_until(lambda tries=tries: hours.failures == tries)
                self.assertEqual(hours.repair_from, self.yesterday())
                hours.not_before = False
            self.listen_until(lambda: not hours.repair_from)
        self.assertIn("stay unknown", self.listener().incident)
        self.assertFalse(self.pbx.circuit_ids.failing_since)

    def test_lists_that_are_missing_only_now_and_then(self):
        """Then an hour is given up, but not those after it."""
        hours = self.leave_gap()
        tries = noojee_hour_list.TRIES
        for is_missing in (*[False] * (tries - 1), True):
            is_given_up = hours._note_failure(self.pbx, self.yesterday(), is_missing)
        self.assertTrue(is_given_up)
        self.assertEqual(hours.repair_from, self.yesterday() + noojee_hour_list.HOUR)

    def test_pbx_that_is_away_costs_no_hour(self):
        """While it starts it answers with 404, whatever it is asked."""
        hours = self.leave_gap()
        away = {"base_url": "http://127.0.0.1:9", "new_api_key": API_KEY}
        for begin in (
            lambda: self.simulator.faults({"kind": "http404"}),
            lambda: self.pbx.write(away),
        ):
            begin()
            # assertRaises would take back what is noted
            with suppress(NoojeeError):
                self.listen_until(lambda: False)
            self.env.invalidate_all()
            self.assertEqual((hours.repair_from, hours.failures), (self.yesterday(), 0))
            # the minute is not lost either
            self.assertFalse(hours.not_before)

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_pbx_that_goes_away_before_an_hour_is_asked_for(self):
        hours = self.leave_gap()
        refused = CannotConnectReason.REFUSED
        error = CannotConnect("retrieveMetaDataByHour", refused)
        news = HourNews(self.yesterday(), error=error)
        self.env["noojee.listener"]._note_no_list(self.pbx, news, True)
        self.assertEqual((hours.repair_from, hours.failures), (self.yesterday(), 0))
        self.assertIn("tried again", self.listener().last_error)

    @mute_logger("odoo.addons.noojee.models.noojee_listener_health")
    def test_list_that_fails_in_the_cron_is_no_sign_of_a_process(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().seen_at = False
        news = HourNews(
            self.yesterday(), error=HttpError("retrieveMetaDataByHour", 500)
        )
        self.env["noojee.listener"]._note_no_list(self.pbx, news, False)
        self.assertFalse(self.listener().seen_at)

    def test_restart_leaves_a_gap(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener().sequence_number = "1000"
        hours = self.env["noojee.hour.list"]._of(self.pbx)
        self.listen_until(lambda: bool(hours.repair_from))

    # === HEALTH === #

    def run_cron(self):
        (self.env["noojee.pbx"].search([]) - self.pbx).active = False
        with self.own_cursors(), patch.object(noojee_listener, "CRON_TURN", 1):
            self.env.ref("noojee.ir_cron_listen").method_direct_trigger()
        self.env.invalidate_all()

    def alarms(self):
        return self.pbx.activity_search([noojee_listener_health.ALARM])

    def test_administrators_are_told_once_while_no_process_listens(self):
        admin = new_test_user(self.env, "noojee_boss", "noojee.group_admin")
        self.run_cron()
        self.assertEqual(self.pbx.status, "unheard")
        self.assertIn("odoo noojee_listen -d", self.pbx.status_details)
        told = self.alarms()
        self.assertIn(admin, told.user_id)
        self.assertNotIn(self.anna, told.user_id)
        self.assertEqual(len(told), len(told.user_id))
        self.run_cron()
        self.assertEqual(self.alarms(), told)
        self.listen_until(lambda: bool(self.listener().seen_at))
        self.run_cron()
        self.assertFalse(self.alarms())
        self.assertEqual(self.pbx.status, "ok")

    def test_administrators_are_told_in_their_own_zone_and_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        admin = new_test_user(
            self.env, "noojee_boss", "noojee.group_admin", lang="fr_FR", tz="Asia/Tokyo"
        )
        self.listen_until(lambda: bool(self.listener().seen_at))
        self.listener().seen_at -= timedelta(hours=1)
        describe = self.registry["noojee.listener"]._describe
        self.patch(
            self.registry["noojee.listener"],
            "_describe",
            lambda rows: f"{rows.env.lang}: {describe(rows)}",
        )
        self.run_cron()
        alarm = self.alarms().filtered(lambda activity: activity.user_id == admin)
        seen_at = self.listener().seen_at.replace(tzinfo=timezone.utc)
        local = seen_at.astimezone(ZoneInfo("Asia/Tokyo"))
        self.assertIn("fr_FR: ", alarm.note)
        self.assertIn(f"{local:%H:%M}", alarm.note)

    def test_since_when_no_process_listens(self):
        self.listen_until(lambda: bool(self.listener().seen_at))
        self.listener().seen_at -= timedelta(hours=1)
        seen = fields.Datetime.context_timestamp(self.pbx, self.listener().seen_at)
        self.assertEqual(self.pbx.status, "unheard")
        self.assertIn(f"{seen:%H:%M}", self.pbx.status_details)

    def test_how_late_events_are_taken_in(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        self.assertGreater(self.listener().lag, 0)
        self.assertTrue(self.listener().last_event_at)
        self.assertIn("Last event at", self.pbx.status_details)

    def test_error_of_a_process_that_listens(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        with mute_logger("odoo.addons.noojee.models.noojee_listener_health"):
            self.env["noojee.listener"]._note_error(self.pbx, ValueError("broken"))
        self.assertEqual(self.pbx.status, "failing")
        self.assertEqual(self.pbx.status_details, "broken")

    @mute_logger("odoo.addons.noojee.models.noojee_call_ingest", "odoo.sql_db")
    def test_event_that_was_left_out_is_told_until_it_is_dismissed(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.notice(TOO_LONG_FOR_AN_INDEX)
        self.assertIn("could not be taken in", self.pbx.status_details)
        # what is taken in afterwards is no reason to forget it, nor another list
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        self.desk_102.copy({"number": "104", "user_id": False})
        self.listen_until(lambda: self.listener().extensions.endswith("104"))
        self.assertEqual(self.pbx.status, "failing")
        self.assertIn("could not be taken in", self.pbx.status_details)
        admin = new_test_user(self.env, "noojee_boss", "noojee.group_admin")
        self.listener().with_user(admin).action_dismiss()
        self.assertEqual(self.pbx.status, "ok")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_only_administrators_dismiss(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        with self.assertRaises(AccessError):
            self.listener().with_user(self.anna).action_dismiss()

    def test_incident_of_yesterday_is_told_no_more(self):
        self.listen_until(lambda: bool(self.listener().last_poll_at))
        self.listener()._note_left_out(ValueError("broken"))
        self.listener().incident_at -= timedelta(days=1)
        before = self.listener().last_poll_at
        self.listen_until(lambda: self.listener().last_poll_at > before)
        self.assertFalse(self.listener().incident)
        self.assertEqual(self.pbx.status, "ok")

    def test_calls_of_others_at_a_pbx_that_reports_what_it_is_asked_for(self):
        """An older one: of them notices alone tell, and its state does not."""
        call = self.notice("1412750000.1-102", "102", callerId="0370101239")
        self.read_state()
        self.assertEqual(call.state, "connected")
        # what was dialled from Odoo it reports: nothing follows from that
        dialled = self.connect()
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: dialled.state == "ended")
        self.read_state()
        self.assertEqual(call.state, "connected")
        # this shows that it reports all
        self.ring("103")
        self.listen_until(lambda: self.call().state == "ringing")
        self.listen_until(lambda: call.state == "ended")

    def test_call_that_was_typed_on_a_handset_and_forgotten(self):
        """What the listener was told of, the PBX reports."""
        self.simulator.control("call_out", desk="101", number="0370109876")
        self.listen_until(lambda: bool(self.calls()))
        self.simulator.control("reset")
        self.listen_until(lambda: self.calls().state == "ended")

    def test_desks_of_which_the_pbx_does_not_tell(self):
        for hours, state in ((3, "connected"), (9, "ended")):
            for told in ({"unreadable": frozenset({"101"})}, {"code": 7}):
                with self.subTest(hours=hours, told=told):
                    self.calls().unlink()
                    call = self.unheard(hours=hours)
                    self.read_state()
                    poll = Poll(["101"], 1, 0, self.env.cr.now(), reads_state=True)
                    read = EventBatch(**{"code": 0, "message": "", **told})
                    self.listener()._store_state(self.pbx, News(poll, read, None))
                    self.assertEqual(call.state, state)

    def test_transfer_that_nobody_picks_up(self):
        self.ring()
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: self.calls()[:1].state == "connected")
        call = self.calls()
        self.simulator.control("transfer", desk="101", to="102")
        self.listen_until(lambda: len(call.channel_ids) == 2)
        self.simulator.control("hangup", desk="102")
        self.listen_until(lambda: call.state == "ended")
        by_desk = call.channel_ids.sorted("extension_number")
        self.assertEqual(by_desk.mapped("outcome"), ["answered", "missed"])

    def test_recording_of_a_call_that_was_given_up_too_early(self):
        """The PBX records on: whoever pauses it has to be heard."""
        call = self.connect()
        with self.own_cursors():
            call.with_user(self.anna).action_start_recording()
        self.env.invalidate_all()
        self.assertEqual(call.recording_state, "on")
        later = fields.Datetime.now() + timedelta(seconds=5)
        self.sweep(["101"], asked_at=later)
        self.assertEqual(call.recording_state, "stopped")
        self.listen_until(lambda: call.state == "connected")
        self.assertEqual(call.recording_state, "on")
        with self.own_cursors():
            call.with_user(self.anna).action_pause_recording()
        self.env.invalidate_all()
        self.assertEqual(len(self.simulator.requests("stop")), 1)
        self.assertEqual(call.recording_state, "paused")

    def test_desk_that_is_brought_back_in_mid_call(self):
        self.ring()
        self.listen_until(lambda: self.calls().state == "ringing")
        self.desk_101.active = False
        self.listen_until(lambda: self.calls().state == "ended")
        self.simulator.control("answer", desk="101")
        self.desk_101.active = True
        self.listen_until(lambda: self.calls().state == "connected")
        self.simulator.control("hangup", desk="101")
        self.listen_until(lambda: self.calls().state == "ended")
        self.assertEqual(self.calls().outcome, "answered")

    def test_dial_that_was_swallowed_by_a_restart_that_a_long_poll_tells_of(self):
        self.read_state()
        self.simulator.faults({"kind": "drop", "when": "after", "method": "dial"})
        with self.assertRaisesRegex(UserError, "broke off"):
            self.action_call(self.customer)
        call, listener = self.call(), self.listener()
        listener.sequence_number = "500"
        fresh = EventBatch(0, "", sequence_number=4)
        later = fields.Datetime.now() + timedelta(seconds=5)
        poll = Poll(["101", "102", "103"], 500, 20, later)
        with self.own_cursors():
            restarted = listener._store(
                self.pbx, {listener.id: News(poll, None, fresh)}, True
            )
            self.assertEqual(restarted, listener.ids)
            since = int(listener.sequence_number)
            poll = replace(
                poll, sequence_number=since, reads_state=True, heard_at=later
            )
            listener._store(self.pbx, {listener.id: News(poll, fresh, fresh)}, True)
        self.assertEqual(call.state, "ended")
        self.assertEqual(listener.sequence_number, "4")

    def test_call_of_others_whose_end_was_lost(self):
        self.assertEqual(self.unheard(hours=3).state, "connected")
        self.read_state()
        self.assertEqual(self.call().state, "connected")
        with patch.object(noojee_call_sweep, "UNHEARD", timedelta(hours=2)):
            self.read_state()
        self.assertEqual(self.call().state, "ended")

    def read_state(self):
        """A turn of listening begins with it."""
        polled_at = self.listener().last_poll_at
        time.sleep(1)
        self.listen_until(lambda: self.listener().last_poll_at != polled_at)

    def talk_of_five_minutes_before_nobody_listened(self):
        """A call that was answered five minutes before nobody listened any more, which
        was three hours ago."""
        self.ring()
        self.simulator.control("answer", desk="101")
        self.listen_until(lambda: self.calls().state == "connected")
        call = self.calls()
        heard_at = self.listener().last_poll_at - timedelta(hours=3)
        self.listener().last_poll_at = heard_at
        answered_at = heard_at - timedelta(minutes=5)
        call.channel_ids.write({"started_at": answered_at, "answered_at": answered_at})
        self.age(call, hours=3)
        return call, heard_at

    def test_nobody_talks_for_as_long_as_nobody_listens(self):
        """When it ended nobody tells."""
        for how in ("hangup", "restart"):
            with self.subTest(how):
                self.calls().unlink()
                call, heard_at = self.talk_of_five_minutes_before_nobody_listened()
                if how == "hangup":
                    self.simulator.control("hangup", desk="101")
                else:
                    self.simulator.control("restart", down_seconds=0)
                self.listen_until(lambda c=call: c.state == "ended")
                self.assertEqual(call.ended_at, heard_at)
                self.assertEqual((call.outcome, call.talk_seconds), ("answered", 300))

    def test_call_that_began_and_ended_while_nobody_listened(self):
        _call, heard_at = self.talk_of_five_minutes_before_nobody_listened()
        self.ring("102")
        self.simulator.control("answer", desk="102")
        self.simulator.control("hangup", desk="102")
        self.listen_until(lambda: len(self.calls()) == 2)
        call = self.call()
        self.assertGreater(call.started_at, heard_at)
        self.assertGreaterEqual(call.ended_at, call.answered_at)

    # === WHERE NOBODY LISTENS === #

    def age(self, calls, hours):
        """Nothing was told of some calls for hours."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE noojee_call_channel SET create_date = create_date - %(time)s,"
            " write_date = write_date - %(time)s WHERE id = ANY(%(ids)s)",
            {"time": timedelta(hours=hours), "ids": calls.channel_ids.ids},
        )
        self.env.invalidate_all()

    def unheard(self, hours=0):
        """A call of which a dial plan told, and then nothing more."""
        call = self.notice("1412750000.1-101", callerId="0370109876")
        self.age(call, hours)
        return call

    def test_call_that_only_notices_told_of_ends_some_time(self):
        self.pbx.sudo().api_key = False
        call = self.unheard(hours=3)
        self.run_cron()
        self.assertEqual(call.state, "connected")
        with patch.object(noojee_call_sweep, "UNHEARD", timedelta(hours=2)):
            self.run_cron()
        self.assertEqual((call.state, call.outcome), ("ended", "answered"))
        self.assertTrue(call.channel_ids.is_forgotten)
        # of how long they talked since nobody knows
        self.assertEqual(call.talk_seconds, 0)

    def test_call_of_a_pbx_that_is_followed_is_left_to_the_sweep(self):
        call = self.unheard(hours=5)
        self.env["noojee.listener"]._close_unheard(self.pbx)
        self.assertEqual(call.state, "connected")

    def test_archived_pbx_has_no_running_calls(self):
        call = self.unheard()
        self.pbx.active = False
        self.run_cron()
        self.assertEqual(call.state, "ended")

    def test_pbx_without_desks_has_no_running_calls(self):
        call = self.unheard()
        self.pbx.extension_ids.active = False
        self.run_cron()
        self.assertEqual(call.state, "ended")
