"""Answers and refusals as the PBX shapes them (noojee-api.md section 1)."""

from dataclasses import dataclass, field

# The document names no code but 0 and, for a refused key, -1. The others are our
# choice, below -1 so that no client takes them for a refused key.
KEY_REFUSED = -1
BAD_PARAMETER = -2
UNKNOWN_EXTENSION = -3
UNKNOWN_CALL = -4
TOO_OFTEN = -5
NOT_NOW = -6


class Refusal(Exception):
    """The PBX says no, with a code below 0 and HTTP 200."""

    status = 200

    def __init__(self, code: int, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


class LeadRefusal(Refusal):
    """A lead is refused: codes, messages and HTTP statuses of section 7."""

    MESSAGE_OF = {
        101: "COULDNT_FIND_THE_LEAD",
        102: "NO_PHONE_FIELDS",
        103: "EXCEPTION",
        104: "DNC",
        105: "DUPLICATE",
        106: "INVALID_DISPOSTION",
        107: "DISPOSTION_ISNT_SET_AND_NOCHANGE_SPECIFIED",
        108: "IMPORT_BUT_NOCHANGE_SPECIFIED",
        109: "TIMEOUT_TOO_MANY_CONCURRENT_REQUESTS",
    }

    def __init__(self, code: int):
        super().__init__(code, self.MESSAGE_OF[code])
        self.status = 500 if code == 103 else 400


@dataclass(slots=True)
class Reply:
    """What is sent: ``body`` is JSON-able, or bytes as they are.

    :param ignored: fields of a request's body that were not understood
    :param announced: bytes that are told; what is sent breaks off before
    """

    body: object
    status: int = 200
    content_type: str = "application/json"
    code: int | None = None
    ignored: list = field(default_factory=list)
    announced: int | None = None


def html(status: int, title: str) -> Reply:
    """A page of the web server, not of the API."""
    head = f"<head><title>{title}</title></head>"
    page = f"<html>{head}<body><h1>{title}</h1></body></html>"
    return Reply(page.encode(), status, "text/html")


def envelope(code: int = 0, message: str = "OK", **fields) -> dict:
    """Shape of ``CallManagementAPI``."""
    return {**fields, "Message": message, "Code": code}


def entities(kind: str, rows: list, code: int = 0, message: str = "OK") -> dict:
    """Shape of campaigns, leads, rosters and health."""
    return {"type": kind, "code": code, "message": message, "entities": rows}
