"""A person's browser on a running Odoo, with the simulator at the other end."""

import contextlib
import os
import time

import psycopg2
import pytest
from playwright.sync_api import expect, sync_playwright

from simulator.remote import Remote

BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
]
# a first page builds its assets on a slow machine
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def simulator():
    simulator = Remote(os.environ["NOOJEE_SIMULATOR_URL"])
    yield simulator
    # calls end as the next test's user would see them end
    for desk in simulator.state["desks"]:
        for call in desk["calls"]:
            # the other end of an internal call is gone with the first
            with contextlib.suppress(AssertionError):
                simulator.control("hangup", call=call["uniqueCallId"])
    time.sleep(0.5)
    simulator.control("reset")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["NOOJEE_BROWSER"], args=BROWSER_FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture
def odoo_url():
    return os.environ["NOOJEE_URL"]


@pytest.fixture
def log_in(browser, odoo_url):
    """Open a browser of its own for a user of the demo data."""
    contexts = []

    def open_browser(login):
        context = browser.new_context(viewport={"width": 1400, "height": 900})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{odoo_url}/web/login")
        page.get_by_label("Email").fill(login)
        page.get_by_label("Password").fill(login)
        page.get_by_role("button", name="Log in", exact=True).click()
        expect(page.locator(".o_noojee_phone_menu")).to_be_visible()
        return page

    yield open_browser
    for context in contexts:
        context.close()


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
