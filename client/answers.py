"""Reads what the PBX answers: JSON, its code, its rows."""

import json

from . import conventions, wire
from .errors import ApiError, HttpError, KeyRefused, NotJson
from .results import Result, Rows
from .transport import Answer

# what answers carry beside their code
PAYLOADS = {
    "Data": dict,
    "State": dict,
    "SessionID": int | str,
    "entities": dict | list,
    "seq": int | str,
}


def parsed(answer: Answer):
    """The body read as JSON, or None."""
    try:
        # a call id that comes without quotes would lose digits as a float
        return json.loads(answer.text(), parse_float=str)
    except (ValueError, RecursionError):
        return None


def check_status(answer: Answer, method: str) -> None:
    """:raise HttpError: for any other than 200"""
    if answer.status != 200:
        raise HttpError(method, answer.status)


def read_json(answer: Answer, method: str):
    body = parsed(answer)
    # an answer in the API's own form tells more than its status
    if not isinstance(body, dict):
        check_status(answer, method)
    if body is None:
        raise NotJson(method, answer.excerpt())
    return body


def read_object(answer: Answer, method: str) -> dict:
    row = read_json(answer, method)
    if isinstance(row, dict) and wire.integer(row, "Code") is not None:
        check_code(row, method)
    check_status(answer, method)
    if not is_envelope(row):
        raise NotJson(method, answer.excerpt())
    return row


def check_code(row: dict, method: str) -> None:
    """:raise ApiError: for a code below 0; :raise KeyRefused: where it means the key"""
    code, message = outcome(row)
    if code >= 0:
        return
    kind = KeyRefused if conventions.is_key_refused(code, message) else ApiError
    raise kind(method, code, message)


def outcome(row: dict) -> tuple[int, str]:
    return wire.integer(row, "Code") or 0, wire.text(row, "Message")


def is_envelope(body) -> bool:
    """Whether it is an answer of the API: by its code, or else by what it carries."""
    if not isinstance(body, dict):
        return False
    if wire.value(body, "Code") is not None:
        return wire.integer(body, "Code") is not None
    return any(isinstance(wire.value(body, name), PAYLOADS[name]) for name in PAYLOADS)


def rows(row: dict) -> Rows[dict]:
    """The rows of an envelope, with its code and words."""
    entities = wire.value(row, "entities")
    if isinstance(entities, dict):
        # as some libraries of Java write a list of one
        entities = [entities]
    entities = entities if isinstance(entities, list) else []
    found = [entity for entity in entities if isinstance(entity, dict)]
    return Rows.of(found, *outcome(row))


def read_rows(rows: Rows[dict], read) -> Rows:
    return Rows.of(map(read, rows), rows.code, rows.message)


def result(row: dict) -> Result:
    return Result(*outcome(row))
