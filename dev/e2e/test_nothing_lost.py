"""What the simulator says happened, beside the calls that stand in Odoo."""

import os
import signal
import threading
import time
from contextlib import contextmanager

import psycopg2
import pytest
import requests

from .listeners import start_another, wait_for

INGEST_LOCK_CLASS = 0x6E6F6A69
DESKS = ["100", "101", "102", "103", "104"]
# a campaign's call records, which are fetched now and then, make calls as well
OF_EVENTS = "SELECT id FROM noojee_call WHERE campaign_id IS NULL"
# every server and proxy takes an address that is shorter
ADDRESS_CHARS = 2000


class Ledger:
    """Compares the simulator's own log with the database's channels and calls."""

    def __init__(self, simulator, query):
        self.simulator = simulator
        self.query = query
        self.newest = self.newest_of("noojee_call_channel")
        self.newest_call = self.newest_of("noojee_call")
        self.newest_missed = self.newest_of("noojee_missed_call")

    def newest_of(self, table):
        return self.query(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]

    def happened(self):
        """Channels of the desks that Odoo knows, by call."""
        calls = [
            [channel for channel in call if channel["desk"] in DESKS]
            for call in self.simulator.happened
        ]
        return [call for call in calls if call]

    def stored(self):
        rows = self.query(
            "SELECT extension_number, unique_call_id, call_id, state,"
            " answered_at IS NOT NULL, outcome"
            f" FROM noojee_call_channel WHERE id > %s AND call_id IN ({OF_EVENTS})",
            self.newest,
        )
        return {(desk, unique_id): row for desk, unique_id, *row in rows}, len(rows)

    def is_even(self):
        try:
            self.check()
        except AssertionError:
            return False
        return True

    def check(self, *, is_all_told=True):
        """:param is_all_told: whether the PBX told the end of each call"""
        stored, count = self.stored()
        happened = self.happened()
        keys = {(c["desk"], c["uniqueCallId"]) for call in happened for c in call}
        # nothing lost, nothing made up, nothing doubled
        assert set(stored) == keys
        assert count == len(keys)
        calls_in_odoo = []
        for call in happened:
            rows = [stored[c["desk"], c["uniqueCallId"]] for c in call]
            # one call here is one call there
            assert len({call_id for call_id, *_row in rows}) == 1
            calls_in_odoo.append(rows[0][0])
            for channel, (_call, state, is_answered, outcome) in zip(
                call, rows, strict=True
            ):
                assert state == "ended"
                if is_all_told:
                    assert is_answered == ("Connected" in channel["told"])
                    assert outcome != "unknown"
        assert len(set(calls_in_odoo)) == len(happened)
        # none of which no channel tells
        made = self.count(f"({OF_EVENTS}) AS made WHERE id > %s", self.newest_call)
        assert made == len(happened)
        if is_all_told:
            self.check_missed(happened)

    def check_missed(self, happened):
        """Each inbound call that nobody answered is counted once, no other one is."""
        missed = [
            call
            for call in happened
            if all(c["inbound"] and "Connected" not in c["told"] for c in call)
        ]
        [[counted]] = self.query(
            "SELECT coalesce(sum(count), 0) FROM noojee_missed_call WHERE id > %s",
            self.newest_missed,
        )
        listed = "noojee_call WHERE id > %s AND missed_call_id IS NOT NULL"
        assert counted == self.count(listed, self.newest_call) == len(missed)

    def count(self, what, *values):
        return self.query(f"SELECT count(*) FROM {what}", *values)[0][0]

    def settle(self, seconds=60):
        """Wait until both say the same."""
        try:
            wait_for(self.is_even, seconds)
        except AssertionError:
            # says what differs
            self.check()


@pytest.fixture
def ledger(simulator, query, holder):
    # what happened before anybody listened for the first time is nobody's loss
    wait_for(lambda: query("SELECT 1 FROM noojee_listener WHERE seen_at IS NOT NULL"))
    wait_for(lambda: holder.pid)
    return Ledger(simulator, query)


class Switchboard:
    """People who call, answer and hang up, as one sees it in an office."""

    def __init__(self, simulator):
        self.control = simulator.control
        self.callers = iter(range(491_570_000, 491_579_999))

    def play(self):
        """Each kind of call once."""
        self.answered("101")
        self.missed("102")
        self.queue()
        self.queue_that_nobody_answers()
        self.internal()
        self.typed()
        self.transfer()
        self.anonymous("103")

    def caller(self):
        return f"0{next(self.callers)}"

    def answered(self, desk, caller=None):
        [call] = self.ring(desk, caller=caller or self.caller())
        self.control("answer", call=call)
        self.control("hangup", call=call)

    def missed(self, desk):
        [call] = self.ring(desk, caller=self.caller())
        self.control("hangup", call=call)

    def anonymous(self, desk):
        self.answered(desk, caller="anonymous")

    def queue(self):
        calls = self.ring("101", "102", "104", caller=self.caller())
        self.control("answer", call=calls[1])
        self.control("hangup", call=calls[1])

    def queue_that_nobody_answers(self):
        for call in self.ring(*DESKS, caller=self.caller()):
            self.control("hangup", call=call)

    def internal(self):
        told = self.control("internal", caller="101", to="103")
        self.control("answer", desk="103")
        self.control("hangup", call=told["uniqueCallId"])

    def typed(self):
        told = self.control("call-out", desk="104", number=self.caller())
        self.control("hangup", call=told["uniqueCallId"])

    def transfer(self):
        [call] = self.ring("100", caller=self.caller())
        self.control("answer", call=call)
        moved = self.control("transfer", desk="100", to="104")["uniqueCallId"]
        self.control("answer", call=moved)
        self.control("hangup", call=moved)

    def ring(self, *desks, caller):
        told = self.control("ring", desks=list(desks), caller=caller)
        return [channel["uniqueCallId"] for channel in told["calls"]]


@pytest.fixture
def office(simulator):
    return Switchboard(simulator)


def test_a_day_without_faults(ledger, office):
    office.play()
    ledger.settle()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "duplicates"},
        {"kind": "flood", "count": 300},
        {"kind": "out_of_order", "seconds": 1},
        {"kind": "codes_as_strings"},
        {"kind": "drop", "when": "after", "times": 2},
        {"kind": "drop", "when": "before", "times": 2},
        {"kind": "truncated", "times": 1},
        {"kind": "http500", "when": "after", "times": 1},
        {"kind": "latency", "when": "after", "seconds": 1},
    ],
    ids=lambda fault: "-".join(str(fault.get(name, "")) for name in ("kind", "when")),
)
def test_faults_of_the_wire(simulator, ledger, office, fault):
    simulator.faults({"method": "subscribe", **fault})
    office.play()
    # what happens once the poll that was cut has been repeated
    office.play()
    ledger.settle()
    [struck] = simulator.struck
    assert struck
    simulator.clear_faults()


def test_restart_of_the_pbx(simulator, ledger, office):
    office.play()
    office.ring("101", caller=office.caller())
    [answered] = office.ring("102", caller=office.caller())
    simulator.control("answer", call=answered)
    # as far as Odoo knew it; what it was not told of is gone with the PBX
    wait_for(lambda: len(ledger.stored()[0]) == sum(map(len, ledger.happened())), 60)
    simulator.control("restart", down_seconds=1)
    wait_for(lambda: is_up(simulator))
    office.answered("103")
    wait_for(lambda: ended(ledger), 60)
    ledger.check(is_all_told=False)


def is_up(simulator):
    try:
        return simulator.state
    except OSError:
        return None


def ended(ledger):
    stored, _count = ledger.stored()
    happened = sum(map(len, ledger.happened()))
    return len(stored) == happened and {row[1] for row in stored.values()} == {"ended"}


@contextmanager
def ingest_held_up(database, pbx_id):
    """Whoever has polled waits before he can store what came."""
    other = psycopg2.connect(database.dsn)
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [INGEST_LOCK_CLASS, pbx_id])
    try:
        yield
    finally:
        other.close()


def waits_to_store(query, pid):
    return query(
        "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND NOT granted AND classid = %s"
        " AND application_name LIKE %s",
        INGEST_LOCK_CLASS,
        f"%-{pid}",
    )


def test_listener_that_is_killed_between_poll_and_commit(
    database, query, pbx_id, ledger, office, second_listener
):
    with ingest_held_up(database, pbx_id):
        office.play()
        wait_for(lambda: waits_to_store(query, second_listener.pid))
        second_listener.send_signal(signal.SIGKILL)
        second_listener.wait()
    ledger.settle()


def test_two_listeners_that_take_turns(ledger, office, holder):
    other = start_another()
    try:
        is_over = threading.Event()

        def disturb():
            while not is_over.wait(1.5):
                holder.disturb()

        disturbing = threading.Thread(target=disturb)
        disturbing.start()
        end = time.monotonic() + 12
        while time.monotonic() < end:
            office.play()
            # a PBX remembers its last thousand events
            time.sleep(0.5)
        is_over.set()
        disturbing.join()
        ledger.settle()
    finally:
        other.terminate()
        other.wait(20)


@pytest.fixture
def nobody_listening(query, holder):
    """No process listens, nor does the cron, until it is called."""
    cron = (
        "UPDATE ir_cron SET active = %s WHERE id = (SELECT res_id FROM ir_model_data"
        " WHERE module = 'noojee' AND name = 'ir_cron_listen')"
    )
    query(cron, False)
    # it stands still: killed it would be missed by the next tests
    pid = holder.pid
    os.kill(pid, signal.SIGSTOP)
    holder.disturb()
    yield
    os.kill(pid, signal.SIGCONT)
    query(cron, True)
    wait_for(lambda: holder.pid)


@pytest.fixture
def hours_at_once(call_kw):
    """The list of an hour's recordings is asked for before the hour has ended."""
    name = "noojee.hour_list_settled_minutes"
    call_kw("ir.config_parameter", "set_param", name, "-60")
    yield
    call_kw("ir.config_parameter", "set_param", name, False)


def test_recorded_call_while_everything_was_down(
    simulator, query, pbx_id, ledger, office, hours_at_once, nobody_listening
):
    [call] = office.ring("101", caller=office.caller())
    simulator.control("answer", call=call)
    [[key]] = query("SELECT api_key FROM noojee_pbx WHERE id = %s", pbx_id)
    reply = requests.post(
        f"{simulator.url}/servicemanager/rest/CallManagementAPI/start",
        params={"apiKey": key, "extenOrUniqueId": call},
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=10,
    )
    assert reply.json()["Code"] == 0
    # a leg lasts whole seconds
    time.sleep(2)
    simulator.control("hangup", call=call)
    # its events are gone
    simulator.control("restart", down_seconds=0)
    query(
        "UPDATE noojee_listener SET last_poll_at = last_poll_at - interval '2 minutes'"
        " WHERE pbx_id = %s",
        pbx_id,
    )
    # the list is answered once a minute, and another test may have asked for it
    query("UPDATE noojee_hour_list SET not_before = NULL WHERE pbx_id = %s", pbx_id)
    process = start_another()
    try:
        is_repaired = (
            "SELECT 1 FROM noojee_call JOIN noojee_call_channel AS channel"
            " ON channel.call_id = noojee_call.id"
            " WHERE noojee_call.is_repaired AND unique_call_id = %s"
        )
        wait_for(lambda: query(is_repaired, call), 150)
        ledger.check()
    finally:
        process.terminate()
        process.wait(20)


def test_two_lists_of_extensions_at_once(
    query, call_kw, pbx_id, ledger, office, simulator
):
    """The desks of a queue are told of by several polls."""
    # they sort after 100 and before 101, and fill one list
    values = [{"pbx_id": pbx_id, "number": f"1000{n}"} for n in range(100, 400)]
    more_ids = call_kw("noojee.extension", "create", values)

    def lists():
        return query(
            "SELECT extensions FROM noojee_listener WHERE pbx_id = %s"
            " AND last_poll_at IS NOT NULL",
            pbx_id,
        )

    try:
        wait_for(lambda: len(lists()) > 1)
        for _ in range(3):
            office.play()
        ledger.settle()
        chars = [poll["address_chars"] for poll in simulator.requests("subscribe")]
        # one of them is full
        assert ADDRESS_CHARS - 100 < max(chars) < ADDRESS_CHARS
    finally:
        call_kw("noojee.extension", "unlink", more_ids)
        wait_for(lambda: len(lists()) == 1)
