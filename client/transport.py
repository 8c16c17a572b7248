"""All of ``requests``: sends, reads and turns each failure into an error of ours."""

import json
import os
import socket
import ssl
import traceback
from urllib.parse import quote, urlencode, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from . import redaction
from .conventions import KEY_REFUSED_STATUSES
from .errors import (
    AnswerTooLarge,
    CannotConnect,
    CannotConnectReason,
    KeyRefused,
    NoojeeError,
    TimedOut,
)

# as Noojee's own Java bindings (section 1)
CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
# no answer is near this size; a mistaken address may send anything
MAX_BODY = 32 * 1024 * 1024
# two hours of the largest that telephones record: 8 kHz, 16 bit, both sides
MAX_AUDIO = 256 * 1024 * 1024
CHUNK = 64 * 1024
EXCERPT_CHARS = 80


class Answer:
    """:ivar int status: HTTP status
    :ivar bytes body: whole, and as it came: a PBX may tell in it which key it refuses
    """

    __slots__ = ("_key", "body", "status")

    def __init__(self, status: int, body: bytes, key: redaction.Secret):
        self.status = status
        self.body = body
        self._key = key

    def text(self) -> str:
        """The body as text, without the key."""
        try:
            text = self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            # what Java writes where nobody told it otherwise
            text = self.body.decode("latin-1")
        return redaction.redact(text, self._key)

    def excerpt(self) -> str:
        """The text's beginning in one line."""
        return " ".join(self.text()[: 4 * EXCERPT_CHARS].split())[:EXCERPT_CHARS]


class _Session(requests.Session):
    def get_redirect_target(self, resp):
        """No redirect is followed, nor its address read: it may be none."""
        return None


class Transport:
    """A session with one PBX. The key is added to each request and told to nobody."""

    # a half-made object has a repr as well: tracebacks may show it
    base_url = ""

    def __init__(
        self,
        base_url: str,
        api_key: redaction.Secret,
        *,
        connect_timeout: float,
        read_timeout: float,
        verify: bool | str,
    ):
        """:raise ValueError: where ``base_url`` is no address of a server, or
        ``verify`` no CA bundle
        """
        redaction.install(api_key)
        self.base_url = _checked(base_url)
        if isinstance(verify, str):
            _check_bundle(verify)
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
        body: object = None,
        wait: float = 0.0,
        max_body: int = MAX_BODY,
        repeat: bool = False,
    ) -> Answer:
        """Send one request.

        :param path: below the base address; its last part names the method
        :param params: of the query string, without the key
        :param body: of the lead methods, sent as JSON
        :param wait: seconds that the PBX is asked to wait before it answers
        :param repeat: send it once more when the connection broke: only for what may
            be done twice
        :raise KeyRefused: by HTTP status, whatever the body says
        :raise NoojeeError: except for other statuses, which are the caller's to read
        """
        # written before the key comes near it: what cannot be written fails alone
        query = urlencode(params, quote_via=quote, safe="")
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        request = (verb, path, query, content, wait, max_body)
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

    def _send_once(self, verb, path, query, content, wait, max_body):
        method = path.rpartition("/")[2]
        timeout = (self._connect_timeout, self._read_timeout + wait)
        failure = None
        try:
            with self._session.request(
                verb,
                f"{self.base_url}/{path}",
                params=self._with_key(query),
                data=content,
                headers=_headers(verb, content),
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                if (body := _read(response, max_body)) is not None:
                    return Answer(response.status_code, body, self._api_key)
                failure = AnswerTooLarge(method, max_body)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            failure = _meaning(error, method, timeout)
        # outside of the except clause: what requests raised holds the address, and the
        # key with it, and must not hang on our error as its context
        raise failure

    def _with_key(self, query):
        key = f"apiKey={quote(self._api_key.reveal(), safe='')}"
        return f"{query}&{key}" if query else key


def _headers(verb, content):
    # JSON where it can choose, but never refused for it: audio is none
    headers = {"Accept": "application/json, */*;q=0.8"}
    if content is not None:
        headers["Content-Type"] = "application/json"
    elif verb == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return headers


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


def _check_bundle(path: str) -> None:
    kind = "capath" if os.path.isdir(path) else "cafile"
    try:
        ssl.create_default_context(**{kind: path})
    except OSError as error:
        raise ValueError(f"not a CA bundle: {path}") from error


def _read(response, max_body):
    """:return: None for what is larger; an error raised in here would show its parts"""
    # urllib3 before 2.0 takes half a body for a whole one unless it is told to
    response.raw.enforce_content_length = True
    chunks = []
    size = 0
    for chunk in response.iter_content(CHUNK):
        size += len(chunk)
        if size > max_body:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _meaning(error, method, timeout) -> NoojeeError:
    connect_seconds, read_seconds = timeout
    causes = list(_causes(error))
    is_handshake = any(map(_is_in_handshake, causes))
    if _is_any(causes, requests.ConnectTimeout) or (
        is_handshake and _is_any(causes, TimeoutError)
    ):
        return TimedOut(method, connect_seconds, while_connecting=True)
    if _is_any(
        causes, (requests.Timeout, TimeoutError, urllib3.exceptions.ReadTimeoutError)
    ):
        return TimedOut(method, read_seconds, while_connecting=False)
    return CannotConnect(method, _reason(causes, is_handshake))


def _reason(causes, is_handshake) -> CannotConnectReason:
    if is_handshake:
        if _is_any(causes, ssl.SSLCertVerificationError):
            return CannotConnectReason.CERTIFICATE
        return CannotConnectReason.NO_TLS
    # a label that is empty or too long is not even looked for
    no_names = (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)
    if _is_any(causes, (socket.gaierror, *no_names)):
        return CannotConnectReason.NAME_NOT_FOUND
    if _is_any(causes, urllib3.exceptions.NewConnectionError):
        if _is_any(causes, ConnectionRefusedError):
            return CannotConnectReason.REFUSED
        return CannotConnectReason.UNREACHABLE
    return CannotConnectReason.BROKEN


def _is_any(causes, kinds) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _is_in_handshake(error) -> bool:
    """Whether it came up before TLS stood, when nothing was sent yet: its kind does not
    tell, as a connection that breaks later raises the same."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "do_handshake" for frame, _line in frames)


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
