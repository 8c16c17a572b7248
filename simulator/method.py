"""What a REST method takes, and how its parameters are read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .replies import BAD_PARAMETER, Refusal

SERVICE = "servicemanager"
ADMIN = "njadmin"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
DEFAULT_TIMEOUT = 10
# longer than any client asks; keeps a stray request from hanging for ever
MAX_TIMEOUT = 120
# Python's own reading is kinder: signs, blanks, nan, digits of other scripts
WHOLE = re.compile(r"[0-9]{1,18}")
SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Method:
    """One REST method.

    :param required: names that must come with a value
    :param present: names that must come, but may be empty
    :param optional: names that are known besides; others are ignored and logged
    """

    handler: Callable
    verbs: tuple[str, ...] = ("POST",)
    required: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    content_type: str = FORM

    def ignored(self, params: dict) -> list[str]:
        """Parameters that no source knows."""
        known = {*self.required, *self.present, *self.optional, "apiKey"}
        return sorted(set(params) - known)

    def check(self, params: dict) -> None:
        """:raise Refusal: for a required parameter that is missing"""
        missing = [name for name in self.required if not params.get(name, "").strip()]
        missing += [name for name in self.present if name not in params]
        if missing:
            raise Refusal(BAD_PARAMETER, f"Missing parameter {', '.join(missing)}")

    def takes_type(self, verb: str, mimetype: str) -> bool:
        """Whether a POST says what it is; without a body it may say nothing."""
        if verb != "POST":
            return True
        return mimetype == self.content_type or (
            self.content_type == FORM and not mimetype
        )


def listed(params: dict, name: str) -> list[str]:
    """A comma-separated list; a name twice counts once.

    :raise Refusal: for one without any name
    """
    parts = map(str.strip, params[name].split(","))
    if not (found := list(dict.fromkeys(filter(None, parts)))):
        raise Refusal(BAD_PARAMETER, f"Missing parameter {name}")
    return found


def integer(params: dict, name: str) -> int:
    """:raise Refusal: for what is no number, or below 0"""
    if not WHOLE.fullmatch(params[name]):
        raise Refusal(BAD_PARAMETER, f"{name} is not a number")
    return int(params[name])


def timeout(params: dict) -> float:
    """Seconds of a long poll, 10 where nothing is said.

    :raise Refusal: for what is no number, or below 0
    """
    written = params.get("timeOut") or str(DEFAULT_TIMEOUT)
    if not SECONDS.fullmatch(written):
        raise Refusal(BAD_PARAMETER, "timeOut is not a number")
    return min(float(written), MAX_TIMEOUT)


def moment(written: str, form: str, refusal: str) -> datetime:
    """A time in exactly a form: Python reads ``2026/1/2`` for ``yyyy/MM/dd``.

    :raise Refusal: in the words given
    """
    try:
        read = datetime.strptime(written, form)
    except ValueError:
        read = None
    if read is None or read.strftime(form) != written:
        raise Refusal(BAD_PARAMETER, refusal)
    return read
