"""Listener processes beside each other, and what meets at the same moment."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

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
    """The best of some: what counts is how often the listener looks, not how busy the
    machine is."""
    desk_ids, waits = [], []
    for desk in ("135", "136", "137"):
        values = {"pbx_id": record_id("pbx_melbourne"), "number": desk}
        desk_ids.append(call_kw("noojee.extension", "create", values))
        began = time.monotonic()
        wait_for(lambda desk=desk: is_asked_for(simulator, desk))
        waits.append(time.monotonic() - began)
    call_kw("noojee.extension", "write", desk_ids[:1], {"number": "138"})
    wait_for(lambda: is_asked_for(simulator, "138"))
    call_kw("noojee.extension", "unlink", desk_ids)
    wait_for(lambda: not is_asked_for(simulator, "137"))
    assert min(waits) < CHANGE_SECONDS


def is_asked_for(simulator, desk):
    newest = simulator.requests("subscribe")[-1:]
    return any(desk in poll["params"]["exten"].split(",") for poll in newest)


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
    simulator.faults({"kind": "latency", "seconds": 3, "method": "start"})
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
