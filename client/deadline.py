"""No answer takes longer than it may, however slowly it drips, nor does connecting.

The time-outs of ``requests`` bound each single wait: a server that sends a byte now and
then would hold a request for ever, be it in the head of its answer or in the body; and
a name with several addresses would be waited for at each of them.
"""

import http.client
import io
import math
import socket
import time
from collections.abc import Callable
from contextvars import ContextVar

import urllib3
from requests.adapters import HTTPAdapter

_present: ContextVar["Deadline"] = ContextVar("noojee_deadline")


class Deadline:
    """Bounds the answer to the request that is sent within it, with :class:`Adapter`.

    :ivar seconds: from when the request was sent: looking up the server's name may take
        long, and is not the server's fault
    :param on_start: called when that is
    """

    def __init__(self, seconds: float, on_start: Callable[[], None] | None = None):
        self.seconds = seconds
        self._started_at = math.inf
        self._on_start = on_start

    def start(self) -> None:
        self._started_at = time.monotonic()
        if self._on_start:
            self._on_start()

    def __enter__(self) -> "Deadline":
        self._token = _present.set(self)
        return self

    def __exit__(self, *_exception) -> None:
        _present.reset(self._token)

    @property
    def left(self) -> float:
        return self._started_at + self.seconds - time.monotonic()

    @property
    def is_over(self) -> bool:
        return self.left <= 0


class _Bounded(io.RawIOBase):
    """What a socket reads, within the deadline and its own time-out."""

    def __init__(self, raw, sock, deadline: Deadline):
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._silence = sock.gettimeout()
        self._deadline = deadline
        deadline.start()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("the answer was not whole in time")
        self._sock.settimeout(min(left, self._silence))
        count = self._raw.readinto(buffer)
        # the connection may carry another request
        self._sock.settimeout(self._silence)
        return count

    def close(self) -> None:
        self._raw.close()
        return super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(sock, *args, **kwargs)
        bounded = _Bounded(self.fp.detach(), sock, _present.get())
        self.fp = io.BufferedReader(bounded)


class _Connection:
    """All addresses of a server's name share the time to connect: one that is dead
    leaves some to the next."""

    response_class = _Response

    def _new_conn(self):
        name, seconds = self._dns_host, self.timeout
        addresses = _addresses(name, self.port)
        end = time.monotonic() + seconds
        failure = None
        try:
            for tried, address in enumerate(addresses):
                left = max(0.001, end - time.monotonic())
                self._dns_host = address
                self.timeout = left / (len(addresses) - tried)
                try:
                    return super()._new_conn()
                except urllib3.exceptions.HTTPError as error:
                    failure = error
        finally:
            # the certificate is compared with the name
            self._dns_host, self.timeout = name, seconds
        raise failure


def _addresses(name: str, port: int) -> list[str]:
    """:raise OSError: where no server has this name"""
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise urllib3.exceptions.LocationParseError(name) from error
    return [address[0] for *_kind, address in found]


class _HttpConnection(_Connection, urllib3.connection.HTTPConnection):
    pass


class _HttpsConnection(_Connection, urllib3.connection.HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


class Adapter(HTTPAdapter):
    """For requests that are sent within a :class:`Deadline`."""

    def init_poolmanager(self, *args, **kwargs):
        made = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _HttpPool,
            "https": _HttpsPool,
        }
        return made
