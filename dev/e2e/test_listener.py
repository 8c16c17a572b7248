"""Listener processes beside each other, and what meets at the same moment."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import psycopg2
import pytest
import requests

from .listeners import wait_for

# the promise: calls are followed again this soon after a holder has died
TAKEOVER_SECONDS = 5
QUEUE_CALLER = "0491570159"


def ring(simulator, query, caller):
    """Ring a desk.

    :return: seconds until Odoo knew
    """
    began = time.monotonic()
    simulator.control("ring", desks=["104"], caller=caller)
    wait_for(lambda: query("SELECT id FROM noojee_call WHERE number = %s", caller))
    return time.monotonic() - began


def test_standby_takes_over_from_a_listener_that_was_killed(
    simulator, query, holder, second_listener
):
    second_listener.kill()
    second_listener.wait()
    began = time.monotonic()
    wait_for(lambda: holder.pid not in (None, second_listener.pid))
    assert time.monotonic() - began < TAKEOVER_SECONDS
    ring(simulator, query, "0491570131")
    assert time.monotonic() - began < TAKEOVER_SECONDS


def test_listener_that_is_told_to_stop_gives_the_lock_back(
    simulator, query, holder, second_listener
):
    began = time.monotonic()
    second_listener.send_signal(signal.SIGTERM)
    assert second_listener.wait(timeout=TAKEOVER_SECONDS) == 0
    wait_for(lambda: holder.pid not in (None, second_listener.pid))
    assert time.monotonic() - began < TAKEOVER_SECONDS
    ring(simulator, query, "0491570132")


def test_what_happened_between_two_listeners(simulator, query, holder, second_listener):
    """Nobody listens while a call rings and ends: it is a missed one all the same."""
    # it stands still and keeps its connection: the other one waits for the lock
    second_listener.send_signal(signal.SIGSTOP)
    try:
        simulator.control("ring", desks=["104"], caller="0491570133")
        simulator.control("hangup", desk="104")
    finally:
        second_listener.kill()
    wait_for(
        lambda: query(
            "SELECT id FROM noojee_call"
            " WHERE number = '0491570133' AND outcome = 'missed'"
        )
    )


# a changed set-up is followed this soon
CHANGE_SECONDS = 2


def test_new_desk_is_followed_soon(simulator, call_kw, record_id):
    """Of several, as people see it: the machine may be busy at one moment."""
    pbx_id = record_id("pbx_melbourne")
    desk_ids, new, changed = [], [], []
    for desk in ("130", "131", "132", "133", "134"):
        values = {"pbx_id": pbx_id, "number": desk}
        desk_ids.append(call_kw("noojee.extension", "create", values))
        new.append(seconds_until_asked_for(simulator, desk))
    for desk_id, desk in zip(
        desk_ids, ("135", "136", "137", "138", "139"), strict=True
    ):
        call_kw("noojee.extension", "write", [desk_id], {"number": desk})
        changed.append(seconds_until_asked_for(simulator, desk))
    call_kw("noojee.extension", "unlink", desk_ids)
    wait_for(lambda: not is_asked_for(simulator, "139"))
    assert median(new) < CHANGE_SECONDS
    assert median(changed) < CHANGE_SECONDS


def seconds_until_asked_for(simulator, desk):
    began = time.monotonic()
    wait_for(lambda: is_asked_for(simulator, desk))
    return time.monotonic() - began


def is_asked_for(simulator, desk):
    newest = simulator.requests("subscribe")[-1:]
    return any(desk in poll["params"]["exten"].split(",") for poll in newest)


def test_new_registry_begins_a_new_turn(simulator, query, holder, call_kw):
    """Modules were installed or a field was made: the old code must not go on."""
    # a turn begins by reading the state
    wait_for(lambda: holder.pid)
    before = len(state_reads(simulator))
    query("INSERT INTO orm_signaling_registry DEFAULT VALUES")
    wait_for(lambda: len(state_reads(simulator)) > before, 60)
    ring(simulator, query, "0491570134")
    # the server has it too before others ask at the same moment: Odoo sets up fields
    # that its registries share, and a request that runs meanwhile may fail
    call_kw("res.users", "search_count", [])


def state_reads(simulator):
    polls = simulator.requests("subscribe")
    return [poll for poll in polls if poll["params"]["timeOut"] == "0"]


TOKEN = "a token of the listener's tests"


@pytest.fixture
def notify(odoo_url, query, pbx_id):
    """Report an event as a dial plan does."""
    query(
        "UPDATE noojee_pbx SET notice_token_digest ="
        " encode(sha256(%s::bytea), 'hex') WHERE id = %s",
        TOKEN,
        pbx_id,
    )

    def post(desk, status, **data):
        row = {
            "status": status,
            "callerId": QUEUE_CALLER,
            "uniqueCallId": f"1412750652.77{desk}",
            "inbound": True,
            "isQueueCall": True,
            **data,
        }
        return requests.post(
            f"{odoo_url}/noojee/notice/{pbx_id}",
            json={"exten": desk, "CallID": f"77{desk}", "CallData": row},
            headers={"X-Noojee-Token": TOKEN},
            timeout=30,
        )

    return post


def test_desks_of_a_queue_that_are_reported_at_once_are_one_call(notify, query):
    desks = ["100", "101", "102", "103", "104"]
    # all of them wait for each other, then go together
    barrier = threading.Barrier(2 * len(desks))

    def report(desk):
        barrier.wait()
        return notify(desk, "Ringing").status_code

    def end(desk):
        return notify(desk, "Hungup").status_code

    with ThreadPoolExecutor(2 * len(desks)) as pool:
        # each twice: a repeated notice makes no second channel
        statuses = set(pool.map(report, desks * 2))
    assert statuses == {200}
    rows = query(
        "SELECT call_id, extension_number FROM noojee_call_channel"
        " WHERE caller_id = %s",
        QUEUE_CALLER,
    )
    assert sorted(desk for _call, desk in rows) == desks
    assert len({call for call, _desk in rows}) == 1
    with ThreadPoolExecutor(len(desks)) as pool:
        assert set(pool.map(end, desks)) == {200}
    [outcome] = query("SELECT outcome FROM noojee_call WHERE id = %s", rows[0][0])
    assert outcome == ("missed",)


NOTICE_LIMIT = 20
THREADS = 8


@pytest.fixture
def low_limit(call_kw, query):
    name = "noojee.notice_limit"
    query("DELETE FROM noojee_notice_count")
    call_kw("ir.config_parameter", "set_param", name, str(NOTICE_LIMIT))
    yield
    call_kw("ir.config_parameter", "set_param", name, False)
    query("DELETE FROM noojee_notice_count")


def test_limit_holds_for_those_who_come_at_once(notify, low_limit):
    def report(_number):
        return notify("104", "Hungup").status_code

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(report, range(2 * NOTICE_LIMIT)))
    assert set(statuses) == {200, 429}
    assert NOTICE_LIMIT <= statuses.count(200) <= NOTICE_LIMIT + THREADS


@pytest.fixture
def no_command_cron(query):
    """Nobody but the listener carries out commands."""
    cron = (
        "UPDATE ir_cron SET active = %s WHERE id = (SELECT res_id FROM ir_model_data"
        " WHERE module = 'noojee' AND name = 'ir_cron_run_commands')"
    )
    query(cron, False)
    yield
    query(cron, True)


# the listener looks by itself each 30 s
NOTIFIED_SECONDS = 2


def test_queued_command_wakes_the_listener(
    simulator, query, call_kw, record_id, no_command_cron
):
    partner_id = record_id("partner_li_wei")
    shown = call_kw("res.partner", "action_noojee_call", partner_id)["params"]["call"]
    is_connected = "SELECT id FROM noojee_call WHERE id = %s AND state = 'connected'"
    wait_for(lambda: query(is_connected, shown["id"]))
    waits = []
    for number in range(1, 4):
        order_id = call_kw("sale.order", "create", {"partner_id": partner_id})
        call_kw("sale.order", "action_confirm", [order_id])
        began = time.monotonic()
        wait_for(lambda n=number: len(simulator.requests("start")) == n, 60)
        waits.append(time.monotonic() - began)
    assert median(waits) < NOTIFIED_SECONDS


def test_answer_to_a_dial_that_meets_another_writer(
    simulator, query, call_kw, record_id
):
    """As the listener, which takes in the call's first event at that moment."""
    partner_id = record_id("partner_li_wei")
    simulator.faults({"kind": "latency", "seconds": 2, "method": "dial"})
    with ThreadPoolExecutor(1) as pool:
        dialling = pool.submit(call_kw, "res.partner", "action_noojee_call", partner_id)
        simulator.wait_for_request("dial")
        simulator.clear_faults()
        other = psycopg2.connect(
            dbname=os.environ["NOOJEE_DATABASE"],
            host=os.environ["NOOJEE_DATABASE_HOST"],
            user="odoo",
        )
        with other, other.cursor() as cursor:
            cursor.execute(
                "UPDATE noojee_call SET version = version + 1 WHERE id ="
                " (SELECT max(id) FROM noojee_call) RETURNING id"
            )
            [call_id] = cursor.fetchone()
            time.sleep(4)
        other.close()
        assert dialling.result()["params"]["call"]["id"] == call_id
    [[session_id, failure]] = query(
        "SELECT session_id, failure_reason FROM noojee_call WHERE id = %s", call_id
    )
    assert session_id
    assert not failure
    is_connected = "SELECT id FROM noojee_call WHERE id = %s AND state = 'connected'"
    wait_for(lambda: query(is_connected, call_id))


def test_no_transaction_waits_for_the_pbx(simulator, query, call_kw, record_id, holder):
    partner_id = record_id("partner_li_wei")
    shown = call_kw("res.partner", "action_noojee_call", partner_id)["params"]["call"]
    is_connected = "SELECT id FROM noojee_call WHERE id = %s AND state = 'connected'"
    wait_for(lambda: query(is_connected, shown["id"]))
    simulator.faults({"kind": "latency", "seconds": 1.5, "method": "start"})
    values = {"partner_id": partner_id}
    order_id = call_kw("sale.order", "create", values)
    call_kw("sale.order", "action_confirm", [order_id])
    simulator.wait_for_request("start")
    time.sleep(0.5)
    # the listener's connections have no transaction open, but for a moment
    open_since = query(
        "SELECT now() - xact_start, query FROM pg_stat_activity"
        " WHERE application_name LIKE %s AND now() - xact_start > '0.4 s'",
        f"%{holder.pid}",
    )
    assert not open_since
    simulator.clear_faults()
    wait_for(
        lambda: query(
            "SELECT id FROM noojee_command WHERE res_model = 'sale.order'"
            " AND res_id = %s AND state = 'done'",
            order_id,
        )
    )
