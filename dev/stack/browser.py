"""A person's browser, driven by Playwright."""

import contextlib
import re

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from .cache import environment

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    # a test has not always clicked before something sounds
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE = 30_000
# builds its assets on a slow machine
FIRST_PAGE = 90_000
expect.set_options(timeout=PATIENCE)


@contextlib.contextmanager
def launched(path: str):
    """:param path: of the browser's program"""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=FLAGS,
            # a crash of it would leave its report in the user's own home
            env=environment(),
        )
        try:
            yield browser
        finally:
            browser.close()


def log_in(browser: Browser, url: str, login: str, **context) -> Page:
    """Open a browser window of its own for a user of the demo data.

    :param context: what the window is like, in Playwright's words
    """
    context.setdefault("viewport", {"width": 1400, "height": 900})
    window = browser.new_context(**context)
    window.set_default_timeout(PATIENCE)
    submit_login(window, f"{url}/web/login", login)
    page = window.new_page()
    page.goto(f"{url}/odoo", timeout=FIRST_PAGE)
    expect(page.locator(".o_noojee_phone_menu")).to_be_visible()
    return page


def submit_login(window: BrowserContext, url: str, login: str) -> None:
    """Send the login form without drawing it: its page has assets of its own."""
    form = window.request.get(url).text()
    token = re.search(r'name="csrf_token" value="(\w+)"', form)[1]
    values = {"login": login, "password": login, "csrf_token": token}
    answer = window.request.post(url, form=values, max_redirects=0)
    assert answer.status == 303, f"{login} cannot log in: {answer.status}"
