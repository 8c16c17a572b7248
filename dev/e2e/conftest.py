"""A person's browser on a running Odoo, with the simulator at the other end."""

import contextlib
import os
import time

import psycopg2
import pytest

from dev.stack import browser as browsers
from simulator.remote import Remote

from .listeners import Holder, start_another, wait_for
from .rpc import Rpc


@pytest.fixture
def simulator(database):
    simulator = Remote(os.environ["NOOJEE_SIMULATOR_URL"])
    forget_agents_calls(simulator)
    yield simulator
    # calls end as the next test's user would see them end
    for desk in simulator.state["desks"]:
        for call in desk["calls"]:
            # the other end of an internal call is gone with the first
            with contextlib.suppress(AssertionError):
                simulator.control("hangup", call=call["uniqueCallId"])
    time.sleep(0.5)
    simulator.control("reset")
    forget_agents_calls(simulator)
    with database.cursor() as cursor:
        # nobody has to call back whom this test rang
        wait_until_over(cursor)
        cursor.execute("UPDATE noojee_missed_call SET state = 'done'")
        cursor.execute("DELETE FROM mail_activity WHERE summary LIKE 'Call back:%'")
        # nor does the next test's browser count its missed calls or ask for its results
        cursor.execute("UPDATE noojee_call_channel SET is_missed_unseen = false")
        cursor.execute("UPDATE noojee_call SET is_wrap_up_skipped = true")


def forget_agents_calls(simulator):
    """A job that runs in the midst of a test would bring them home, and have their
    customers called back."""
    simulator.control("call-records", rows=[])


def wait_until_over(cursor, seconds=5):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # a dial may wait for its channel
        cursor.execute("SELECT 1 FROM noojee_call WHERE state != 'ended'")
        if not cursor.fetchone():
            return
        time.sleep(0.1)


@pytest.fixture(scope="session")
def browser():
    with browsers.launched(os.environ["NOOJEE_BROWSER"]) as browser:
        yield browser


@pytest.fixture
def odoo_url():
    return os.environ["NOOJEE_URL"]


@pytest.fixture
def log_in(browser, odoo_url):
    """Open a browser of its own for a user of the demo data."""
    pages = []

    def open_browser(login, url=odoo_url, **context):
        pages.append(browsers.log_in(browser, url, login, **context))
        return pages[-1]

    yield open_browser
    for page in pages:
        page.context.close()


@pytest.fixture
def anna(log_in):
    """Anna's browser; she sits at desk 101."""
    return log_in("anna")


@pytest.fixture
def database():
    connection = psycopg2.connect(
        dbname=os.environ["NOOJEE_DATABASE"],
        host=os.environ["NOOJEE_DATABASE_HOST"],
        user="odoo",
    )
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture
def call_kw(odoo_url, database):
    """Call a method of Odoo as the administrator."""
    admin = Rpc(odoo_url, database.info.dbname, "admin")

    def call(model, method, *args, **kwargs):
        result, error = admin.call(model, method, *args, **kwargs)
        assert not error, error["data"]["message"]
        return result

    return call


@pytest.fixture
def record_id(database):
    """Find a demo record by its name in the addon's data."""

    def find(name):
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT res_id FROM ir_model_data"
                " WHERE module = 'noojee' AND name = %s",
                [name],
            )
            return cursor.fetchone()[0]

    return find


@pytest.fixture
def query(database):
    def run(statement, *values):
        with database.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture
def pbx_id(record_id):
    return record_id("pbx_melbourne")


@pytest.fixture
def holder(query, pbx_id):
    return Holder(query, pbx_id)


@pytest.fixture
def second_listener(holder):
    """A further listener process, which has become the holder."""
    process = start_another()

    def is_holder():
        if holder.pid not in (None, process.pid):
            holder.disturb()
        return holder.pid == process.pid

    wait_for(is_holder, 60)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    wait_for(lambda: holder.pid)
