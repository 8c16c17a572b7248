"""A person's browser, driven by Playwright."""

import contextlib

from playwright.sync_api import Browser, Page, expect, sync_playwright

from .cache import environment

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    # a test has not always clicked before something sounds
    "--autoplay-policy=no-user-gesture-required",
]
# a first page builds its assets on a slow machine
PATIENCE = 30_000
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
    page = window.new_page()
    page.goto(f"{url}/web/login")
    page.get_by_label("Email").fill(login)
    page.get_by_label("Password").fill(login)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator(".o_noojee_phone_menu")).to_be_visible()
    return page
