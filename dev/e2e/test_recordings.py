"""What was recorded comes home by itself: real jobs, a real listener."""

import contextlib
import threading

import psycopg2
import pytest

from .listeners import wait_for
from .rpc import Rpc

AUDIO = "retrieveByCallRecordId"


@pytest.fixture
def recorded(simulator, odoo_url, database, query):
    """A customer calls, Anna records him, he hangs up.

    :return: function of what is to happen before he does; it returns the call's id
    """

    def record(before=lambda: None):
        simulator.control("ring", desks=["101"], caller="+61 3 7010 9876")
        simulator.control("answer", desk="101")
        running = "SELECT id FROM noojee_call WHERE state = 'connected'"
        wait_for(lambda: query(running))
        [[call_id]] = query(running)
        anna = Rpc(odoo_url, database.info.dbname, "anna")
        _result, error = anna.call("noojee.call", "action_start_recording", [call_id])
        assert not error
        before()
        simulator.control("hangup", desk="101")
        return call_id

    yield record
    query("DELETE FROM noojee_recording")


def state(query, call_id):
    [[found]] = query("SELECT state FROM noojee_recording WHERE call_id = %s", call_id)
    return found


def test_recording_comes_home_by_itself(recorded, query):
    call_id = recorded()
    wait_for(lambda: state(query, call_id) == "stored", 60)
    legs = query(
        "SELECT leg.size, attachment.file_size FROM noojee_recording_leg AS leg"
        " JOIN noojee_recording AS recording ON recording.id = leg.recording_id"
        " JOIN ir_attachment AS attachment ON attachment.res_id = leg.id"
        "  AND attachment.res_model = 'noojee.recording.leg'"
        "  AND attachment.res_field = 'audio'"
        " WHERE recording.call_id = %s",
        call_id,
    )
    assert legs and all(size == kept > 0 for size, kept in legs)


def test_no_transaction_is_open_while_the_audio_comes(recorded, simulator, query):
    slow = {"kind": "latency", "seconds": 2, "method": AUDIO, "when": "after"}
    call_id = recorded(lambda: simulator.faults(slow))
    simulator.wait_for_request(AUDIO, 60)
    # whoever had looked at one of our tables would have a lock on it
    wait_for(
        lambda: (
            not query(
                "SELECT relation::regclass FROM pg_locks"
                " JOIN pg_class ON pg_class.oid = relation"
                " WHERE relname ~ '^noojee' AND pid != pg_backend_pid()"
            )
        ),
        2,
    )
    assert simulator.requests(AUDIO)[-1]["status"] is None
    wait_for(lambda: state(query, call_id) == "stored", 60)


@pytest.fixture
def due(recorded, query):
    """A recording whose audio is here, which is due to be looked at again.

    :return: its call's id
    """
    call_id = recorded()
    wait_for(lambda: state(query, call_id) == "stored", 60)
    query("DELETE FROM ir_cron_trigger")
    query(
        "UPDATE noojee_recording SET state = 'stopped', fetch_step = 5,"
        # the job's clock counts whole seconds
        " fetch_due_at = now() at time zone 'utc' - interval '2 seconds'"
        " WHERE call_id = %s",
        call_id,
    )
    return call_id


WRITES_RECORDING = "SELECT 1 FROM noojee_recording WHERE call_id = %s FOR UPDATE"
ENDS_CALL = "UPDATE noojee_call SET write_date = now() WHERE id = %s"


@contextlib.contextmanager
def transaction(database, statement, call_id):
    """Another transaction, which has just written something and is not over."""
    parameters = database.get_dsn_parameters()
    names = ("dbname", "host", "user")
    other = psycopg2.connect(**{name: parameters[name] for name in names})
    with contextlib.closing(other), other.cursor() as cursor:
        cursor.execute(statement, [call_id])
        yield other


def run_job(call_kw, record_id):
    call_kw("ir.cron", "method_direct_trigger", [record_id("ir_cron_fetch_recordings")])


def step(query, call_id):
    statement = "SELECT fetch_step FROM noojee_recording WHERE call_id = %s"
    return query(statement, call_id)[0][0]


@pytest.mark.parametrize("statement", [WRITES_RECORDING, ENDS_CALL])
def test_what_is_written_at_that_moment_is_waited_for(
    statement, due, database, query, call_kw, record_id
):
    with transaction(database, statement, due) as other:
        timer = threading.Timer(0.2, other.commit)
        timer.start()
        run_job(call_kw, record_id)
        timer.join()
    assert (step(query, due), state(query, due)) == (6, "stored")


def test_recording_that_stays_locked_is_looked_at_again_soon(
    due, database, query, call_kw, record_id
):
    triggers = (
        "SELECT 1 FROM ir_cron_trigger WHERE cron_id = %s"
        " AND call_at < now() at time zone 'utc' + interval '2 minutes'"
    )
    with transaction(database, WRITES_RECORDING, due):
        run_job(call_kw, record_id)
        assert query(triggers, record_id("ir_cron_fetch_recordings"))
        assert step(query, due) == 5


def test_next_look_is_not_a_minute_late(due, query, record_id):
    query(
        "INSERT INTO ir_cron_trigger (cron_id, call_at)"
        " VALUES (%s, now() at time zone 'utc' + interval '3 seconds')",
        record_id("ir_cron_fetch_recordings"),
    )
    wait_for(lambda: step(query, due) == 6, 15)
