"""What a REST method takes, and how its parameters are read."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .replies import BAD_PARAMETER, Refusal

SERVICE = "servicemanager"
ADMIN = "njadmin"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
DEFAULT_TIMEOUT = 10
# longer than any client asks; keeps a stray request from hanging for ever
MAX_TIMEOUT = 120


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


def listed(text: str) -> list[str]:
    """A comma-separated list; a name twice counts once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def integer(params: dict, name: str) -> int:
    """:raise Refusal: for what is no number"""
    try:
        return int(params[name])
    except ValueError:
        raise Refusal(BAD_PARAMETER, f"{name} is not a number") from None


def timeout(params: dict) -> float:
    """Seconds of a long poll, 10 where nothing is said.

    :raise Refusal: for what is no number
    """
    try:
        seconds = float(params.get("timeOut") or DEFAULT_TIMEOUT)
    except ValueError:
        seconds = math.nan
    if math.isnan(seconds):
        raise Refusal(BAD_PARAMETER, "timeOut is not a number")
    return min(max(seconds, 0), MAX_TIMEOUT)
