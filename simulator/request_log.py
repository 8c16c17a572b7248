"""The request log: every REST request, the key masked."""

import json
import logging
import math
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field

from .replies import Reply

_logger = logging.getLogger("simulator")

KEPT = 2000
POLL_SECONDS = 0.1
MASK = "***"


@dataclass(slots=True)
class Entry:
    """One request; ``status`` is None while it hangs, or when it was dropped.

    :param body: what a lead method was sent
    :param ignored: parameters that no source knows
    :param address_chars: the length of its whole address, as it was sent
    :param too_often: a poll within 100 ms of another, whatever extensions they name
    """

    time: str
    verb: str
    resource: str
    method: str
    params: dict
    address_chars: int = 0
    body: object = None
    ignored: list = field(default_factory=list)
    status: int | None = None
    code: int | None = None
    too_often: bool = False


class RequestLog:
    """The last requests, oldest first; each finished one is a line on stderr."""

    def __init__(self, api_key: str, clock):
        self._api_key = api_key
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._polled_at = -math.inf
        self._lock = threading.Lock()

    def enter(self, request, body: bytes, *, is_known: bool) -> Entry:
        """Write a request down before it is answered.

        :param is_known: whether its path is a method's, whose name stays as it is
        """
        path = request.path if is_known else self._masked(request.path)
        parts = path.split("/")
        entry = Entry(
            time=self._clock.now().isoformat(timespec="milliseconds"),
            verb=request.method,
            resource=parts[3] if len(parts) > 3 else path,
            method=parts[4] if len(parts) > 4 else "",
            params=self._masked_params(request.args.to_dict()),
            address_chars=len(
                request.host_url.rstrip("/") + request.environ["RAW_URI"]
            ),
            body=self._masked(_json_or_none(body)),
        )
        if entry.method == "subscribe":
            entry.too_often = self._is_too_often()
        with self._lock:
            self._entries.append(entry)
        return entry

    def _masked_params(self, params: dict) -> dict:
        # a wrong key may be another PBX's
        return self._masked(
            {n: MASK if n.lower() == "apikey" else v for n, v in params.items()}
        )

    def _masked(self, value: object) -> object:
        """Without the key, which a client may have put anywhere."""
        if isinstance(value, str):
            return value.replace(self._api_key, MASK)
        if isinstance(value, dict):
            return {self._masked(n): self._masked(inner) for n, inner in value.items()}
        if isinstance(value, list):
            return [self._masked(inner) for inner in value]
        return value

    def _is_too_often(self) -> bool:
        """Whether polls follow within 100 ms (section 4). The document does not say
        what a PBX does then: it is answered, and logged."""
        now = time.monotonic()
        with self._lock:
            before, self._polled_at = self._polled_at, now
        return now - before < POLL_SECONDS

    def finish(self, entry: Entry, reply: Reply | None) -> None:
        """:param reply: None where the connection was dropped"""
        if reply:
            entry.status, entry.code = reply.status, reply.code
            entry.ignored += reply.ignored
        entry.ignored = self._masked(entry.ignored)
        notes = [f"ignored {name}" for name in entry.ignored]
        if entry.too_often:
            notes.append("POLLED TOO OFTEN")
        _logger.info(
            "%s %s %s/%s %s → %s, code %s%s",
            entry.time[11:23],
            entry.verb,
            entry.resource,
            entry.method,
            json.dumps(entry.params, ensure_ascii=False),
            entry.status or "dropped",
            entry.code,
            "".join(f"; {note}" for note in notes),
        )

    def rows(self, method: str | None = None) -> list[dict]:
        """The entries as JSON, of one method or of all."""
        with self._lock:
            entries = list(self._entries)
        return [asdict(entry) for entry in entries if method in (None, entry.method)]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._polled_at = -math.inf


def _json_or_none(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
