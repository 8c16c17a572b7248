"""What goes wrong on demand: each fault is put around an answer."""

import threading
from dataclasses import asdict, dataclass, field, replace

from .replies import LeadRefusal, Reply, entities, html

# pages of the web server
PAGES = {
    "http302": (302, "Found"),
    "http500": (500, "Internal Server Error"),
    "http503": (503, "Service Unavailable"),
    "http404": (404, "Not Found"),
    "http413": (413, "Request Entity Too Large"),
    "http429": (429, "Too Many Requests"),
    "html": (200, "The system is being maintained"),
}
# refusals of a lead that depend on the PBX's own state (section 7)
LEAD_CODES = {"lead103": 103, "lead109": 109}
KINDS = (
    "latency",
    "drop",
    "refused",
    *PAGES,
    *LEAD_CODES,
    "empty",
    "cut",
    "huge",
    "unlisted",
    "truncated",
    "invalid",
    "codes_as_strings",
    "no_number",
    "duplicates",
    "out_of_order",
    "flood",
)
# those that leave some answers as they are
BENDING = (
    *("codes_as_strings", "no_number", "duplicates", "out_of_order", "flood"),
    "unlisted",
)
MOMENTS = ("before", "after")
# parameters that name extensions
TARGETS = ("exten", "extenOrUniqueId")
FLOOD = 200
HUGE = 3 * 1024**3


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    :param kind: one of ``KINDS``
    :param method: REST method that it strikes; empty: every one
    :param extension: it strikes requests that name this one; empty: every one
    :param times: how many requests it strikes; None: until it is cleared
    :param when: whether a drop, a refusal, an error page or a wait comes ``before`` or
        ``after`` the method has acted
    :param seconds: of a latency; or how long ``out_of_order`` gathers events
    :param count: events of a flood; legs that a list does not show yet, from the last
    :ivar struck: how many requests it has struck, or answers it has changed
    """

    kind: str
    method: str = ""
    extension: str = ""
    times: int | None = None
    when: str = "before"
    seconds: float = 1.0
    count: int | None = None
    struck: int = field(default=0, init=False)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if self.when not in MOMENTS:
            raise ValueError(f"when is {' or '.join(MOMENTS)}")
        self.times = None if self.times is None else int(self.times)
        self.seconds = float(self.seconds)
        most = 1 if self.kind == "unlisted" else FLOOD
        self.count = most if self.count is None else int(self.count)

    def strikes(self, method: str, params: dict) -> bool:
        """Whether a request is one of those that it is for."""
        return (
            self.times != 0
            and self.method in ("", method)
            and self.extension in ("", *_extensions(params))
        )


class Faults:
    """Those that are set, in their order."""

    def __init__(self):
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, rows: list[dict]) -> None:
        """:raise ValueError: or TypeError for what is no fault; none is added then"""
        faults = [Fault(**row) for row in rows]
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def rows(self) -> list[dict]:
        """Those that are set, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def strike(self, method: str, params: dict) -> "Struck":
        """Those that strike this request."""
        with self._lock:
            struck = [fault for fault in self._faults if fault.strikes(method, params)]
            for fault in struck:
                if fault.times is not None:
                    fault.times -= 1
                fault.struck += fault.kind not in BENDING
            return Struck(struck)


class Struck:
    """The faults of one request."""

    def __init__(self, faults: list[Fault]):
        self._faults = faults

    def seconds(self, when: str) -> float:
        """How long this request is held up."""
        return sum(fault.seconds for fault in self._at("latency", when))

    def is_dropped(self, when: str) -> bool:
        return bool(self._at("drop", when))

    def is_refused(self, when: str) -> bool:
        return bool(self._at("refused", when))

    def page(self, when: str) -> Reply | None:
        """What comes in place of an answer, if anything."""
        for kind, (status, title) in PAGES.items():
            if self._at(kind, when):
                return html(status, title)
        for kind, code in LEAD_CODES.items():
            if self._at(kind, when):
                refusal = LeadRefusal(code)
                body = entities("campaign", [], code, refusal.message)
                return Reply(body, refusal.status, code=code)
        return None

    def gather_seconds(self) -> float:
        """A poll returns at the first event: only several can be out of order."""
        return max((f.seconds for f in self._at("out_of_order")), default=0.0)

    def bend(self, reply: Reply, encode) -> Reply:
        """The answer as the faults leave it.

        :param encode: turns a JSON-able body into bytes
        """
        body = reply.body
        for fault in self._faults:
            if isinstance(body, dict | list):
                bent = _bent(body, fault)
                fault.struck += fault.kind in BENDING and bent != body
                body = bent
        if self._at("truncated"):
            encoded = encode(body)
            body = encoded[: len(encoded) // 2]
        if self._at("invalid"):
            body = b"{'Code': 0, Message: OK}"
        if self._at("empty"):
            body = b""
        if self._at("huge"):
            return replace(reply, body=body, announced=HUGE)
        if self._at("cut"):
            whole = encode(body)
            half = whole[: len(whole) // 2]
            return replace(reply, body=half, announced=len(whole))
        return replace(reply, body=body)

    def _at(self, kind: str, when: str | None = None) -> list[Fault]:
        return [
            fault
            for fault in self._faults
            if fault.kind == kind and when in (None, fault.when)
        ]


def _extensions(params: dict) -> set[str]:
    """Those that a request names, whatever technology stands before them."""
    named = ",".join(params.get(name, "") for name in TARGETS).split(",")
    return {name.rpartition("/")[2].strip() for name in named}


def _bent(body: dict | list, fault: Fault) -> dict | list:
    match fault.kind:
        case "codes_as_strings":
            return _as_text(body)
        case "no_number":
            return _without_number(body)
        case "duplicates":
            return _with_rows(body, lambda rows: [row for row in rows for _ in (1, 2)])
        case "out_of_order":
            return _with_rows(body, lambda rows: rows[::-1])
        case "flood":
            return _with_rows(body, lambda rows: _repeated(rows, fault.count))
        case "unlisted":
            return body[: -fault.count] if isinstance(body, list) else body
    return body


def _repeated(rows: list, count: int) -> list:
    return (rows * (count // len(rows) + 1))[: max(count, len(rows))]


def _as_text(value: object) -> object:
    """Numbers as text; true and false stay what they are."""
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _without_number(body: dict | list) -> dict | list:
    """A reply to ``subscribe`` that has no news does not tell where the PBX counts."""
    if not isinstance(body, dict) or "Data" not in body or any(body["Data"].values()):
        return body
    return {name: value for name, value in body.items() if name != "seq"}


def _with_rows(body: dict | list, change) -> dict | list:
    """Change the event lists of a reply to ``subscribe``."""
    if not isinstance(body, dict) or not isinstance(body.get("Data"), dict):
        return body
    data = {number: change(rows) for number, rows in body["Data"].items() if rows}
    return {**body, "Data": data}
