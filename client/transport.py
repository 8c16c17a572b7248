"""All of ``requests``: sends, reads and turns each failure into an error of ours."""

import socket
import ssl
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from . import redaction
from .conventions import KEY_REFUSED_STATUSES
from .errors import (
    AudioTooLarge,
    CannotConnect,
    CannotConnectReason,
    HttpError,
    KeyRefused,
    NoojeeError,
    TimedOut,
)

# as Noojee's own Java bindings (section 1)
CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
# no answer but audio is near this size; a mistaken address may send anything
MAX_BODY = 32 * 1024 * 1024
CHUNK = 64 * 1024
EXCERPT_CHARS = 80


class Answer:
    """:ivar int status: HTTP status
    :ivar str content_type: as sent, in lower case
    :ivar bytes body: whole
    """

    __slots__ = ("body", "content_type", "status")

    def __init__(self, status: int, content_type: str, body: bytes):
        self.status = status
        self.content_type = content_type
        self.body = body

    def excerpt(self) -> str:
        """The body's beginning in one line."""
        text = self.body[: 4 * EXCERPT_CHARS].decode("utf-8", "replace")
        return redaction.redact(" ".join(text.split()))[:EXCERPT_CHARS]


class _Session(requests.Session):
    def get_redirect_target(self, resp):
        """No redirect is followed, nor its address read: it may be none."""
        return None


class Transport:
    """A session with one PBX. The key is added to each request and told to nobody."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        connect_timeout: float,
        read_timeout: float,
        verify: bool | str,
    ):
        """:raise ValueError: where ``base_url`` is no address of a server"""
        redaction.install()
        self.base_url = _checked(base_url)
        self._api_key = api_key
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._session = _Session()
        # neither a proxy nor a .netrc of this machine's surroundings has a say
        self._session.trust_env = False
        self._session.verify = verify
        # nothing is repeated behind our back: a call would be dialled twice
        adapter = HTTPAdapter(max_retries=urllib3.Retry(0, read=False))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def __repr__(self):
        return f"<{type(self).__name__} {self.base_url}>"

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        verb: str,
        path: str,
        params: dict[str, str],
        *,
        json: object = None,
        wait: float = 0.0,
        max_body: int = MAX_BODY,
        repeat: bool = False,
    ) -> Answer:
        """Send one request.

        :param path: below the base address; its last part names the method
        :param params: of the query string, without the key
        :param json: body of the lead methods
        :param wait: seconds that the PBX is asked to wait before it answers
        :param repeat: send it once more when the connection broke: only for what may
            be done twice
        :raise KeyRefused: by HTTP status, whatever the body says
        :raise NoojeeError: except for other statuses, which are the caller's to read
        """
        request = (verb, path, params, json, wait, max_body)
        answer = self._try(*request) if repeat else None
        answer = answer or self._send_once(*request)
        if answer.status in KEY_REFUSED_STATUSES:
            method = path.rpartition("/")[2]
            raise KeyRefused(method, f"HTTP status {answer.status}")
        return answer

    def _try(self, *request) -> Answer | None:
        """:return: None where the connection broke off"""
        try:
            return self._send_once(*request)
        except CannotConnect as error:
            if error.reason is not CannotConnectReason.BROKEN:
                raise
        return None

    def _send_once(self, verb, path, params, json, wait, max_body):
        method = path.rpartition("/")[2]
        headers = {"Accept": "application/json"}
        if verb == "POST" and json is None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        timeout = (self._connect_timeout, self._read_timeout + wait)
        failure = None
        try:
            with self._session.request(
                verb,
                f"{self.base_url}/{path}",
                params={**params, "apiKey": self._api_key},
                json=json,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, method, max_body)
                # a PBX may tell which key it refuses
                body = redaction.without_key(body, self._api_key)
                content_type = response.headers.get("Content-Type", "").lower()
                return Answer(response.status_code, content_type, body)
        except requests.RequestException as error:
            failure = _meaning(error, method, timeout)
        except (urllib3.exceptions.HTTPError, OSError):
            failure = CannotConnect(method, CannotConnectReason.BROKEN)
        # outside of the except clause: what requests raised holds the address, and the
        # key with it, and must not hang on our error as its context
        raise failure


def _checked(base_url: str) -> str:
    parts = urlsplit(base_url.strip())
    host = parts.hostname or ""
    # an unreadable port raises ValueError by itself
    _port = parts.port
    if parts.scheme not in ("http", "https") or not host or set(host) & set(" \t<>\"'"):
        raise ValueError("not an address of a server")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("more than the address of a server")
    return base_url.strip().rstrip("/")


def _read(response, method, max_body):
    chunks = []
    size = 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > max_body:
            raise AudioTooLarge(method, max_body)
        chunks.append(chunk)
    return b"".join(chunks)


def _meaning(error, method, timeout) -> NoojeeError:
    connect_seconds, read_seconds = timeout
    if isinstance(error, requests.ConnectTimeout):
        return TimedOut(method, connect_seconds, while_connecting=True)
    causes = list(_causes(error))
    if isinstance(error, requests.Timeout) or any(
        isinstance(cause, (TimeoutError, urllib3.exceptions.ReadTimeoutError))
        for cause in causes
    ):
        return TimedOut(method, read_seconds, while_connecting=False)
    if isinstance(error, requests.exceptions.SSLError) or any(
        isinstance(cause, ssl.SSLError) for cause in causes
    ):
        return CannotConnect(method, CannotConnectReason.CERTIFICATE)
    if any(
        isinstance(cause, (socket.gaierror, urllib3.exceptions.NameResolutionError))
        for cause in causes
    ):
        return CannotConnect(method, CannotConnectReason.NAME_NOT_FOUND)
    if any(
        isinstance(cause, (OSError, urllib3.exceptions.NewConnectionError))
        and not isinstance(cause, (ConnectionResetError, BrokenPipeError))
        for cause in causes
        if not isinstance(cause, requests.RequestException)
    ) and not any(
        isinstance(cause, urllib3.exceptions.ProtocolError) for cause in causes
    ):
        return CannotConnect(method, CannotConnectReason.REFUSED)
    return CannotConnect(method, CannotConnectReason.BROKEN)


def _causes(error):
    """An exception and all that stand behind it."""
    seen = set()
    todo = [error]
    while todo:
        current = todo.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [current.__cause__, current.__context__]
        todo += [getattr(current, "reason", None), *current.args]


def check_status(answer: Answer, method: str) -> None:
    """:raise HttpError: for any other than 200"""
    if answer.status != 200:
        raise HttpError(method, answer.status)
