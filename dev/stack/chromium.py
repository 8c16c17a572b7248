"""The browser of the tests."""

import shutil

from . import apt

NAMES = ("chromium", "chromium-browser", "google-chrome")


def provide() -> str:
    """:return: path of the browser
    :raise SetupError: with what to do
    """
    if not _installed():
        apt.install("Chromium", "chromium")
    return _installed()


def _installed() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)
