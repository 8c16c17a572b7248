"""Sends requests and reads what comes back, with errors of ours alone."""

import itertools
import json
import os
import random
import ssl
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode, urlsplit

import requests
import urllib3

from . import failures, redaction
from .audio import AudioSink
from .conventions import (
    KEY_REFUSED_CODE,
    KEY_REFUSED_STATUSES,
    LITERAL,
    MAINTENANCE_STATUSES,
    tells_type,
)
from .deadline import Adapter, Deadline
from .errors import (
    AnswerTooLarge,
    CannotConnect,
    CannotConnectReason,
    HttpError,
    KeyRefused,
)

# as Noojee's own Java bindings (section 1)
CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
# audio at 4 Mbit/s; never less than ten minutes
AUDIO_SECONDS = 600.0
AUDIO_BYTES_A_SECOND = 500_000
# a PBX that broke off may be busy; clients that it lost together do not come together
PAUSE_SECONDS = (0.1, 0.4)
# no answer is near this size; a mistaken address may send anything
MAX_BODY = 32 * 1024 * 1024
# two hours of the largest that telephones record: 8 kHz, 16 bit, both sides
MAX_AUDIO = 256 * 1024 * 1024
CHUNK = 64 * 1024
EXCERPT_CHARS = 80


def audio_seconds(max_bytes: int) -> float:
    """How long audio of a size may take to come."""
    return max(AUDIO_SECONDS, max_bytes / AUDIO_BYTES_A_SECOND)


class Answer:
    """:ivar int status: HTTP status
    :ivar bytes body: whole, and as it came: a PBX may tell in it which key it refuses;
        without the audio that went into a sink
    """

    __slots__ = ("_key", "body", "status")

    def __init__(self, status: int, body: bytes, key: redaction.Secret):
        self.status = status
        self.body = body
        self._key = key

    def text(self) -> str:
        """The body as text, without the key and the NULs that no database keeps."""
        try:
            text = self.body.decode(json.detect_encoding(self.body))
        except UnicodeDecodeError:
            # what Java writes where nobody told it otherwise
            text = self.body.decode("latin-1")
        return redaction.redact(text.replace("\0", ""), self._key)

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
        adapter = Adapter(max_retries=urllib3.Retry(0, read=False))
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
        spare: float = 0.0,
        max_body: int = MAX_BODY,
        repeat: bool = False,
        sink: AudioSink | None = None,
        on_sent: Callable[[], None] | None = None,
    ) -> Answer:
        """Send one request.

        :param path: below the base address; its last part names the method
        :param params: of the query string, without the key
        :param body: of the lead methods, sent as JSON
        :param wait: seconds that the PBX is asked to wait before it answers
        :param spare: seconds that a large answer may take beyond the usual
        :param repeat: send it once more, after a short pause, where the connection
            broke: only for what may be done twice
        :param sink: that takes in audio; whatever else comes is the answer's body
        :param on_sent: called when the request has gone out: connecting may take long
        :raise KeyRefused: by HTTP status, whatever the body says
        :raise HttpError: while the PBX is maintained, whatever the body says; other
            statuses are the caller's to read
        :raise NoojeeError: what else went wrong
        """
        # written before the key comes near it: what cannot be written fails alone
        query = urlencode(params, quote_via=quote, safe=LITERAL)
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        request = (verb, path, query, content, wait, spare, max_body, sink, on_sent)
        answer = self._try(*request) if repeat else None
        answer = answer or self._send_once(*request)
        method = path.rpartition("/")[2]
        if answer.status in MAINTENANCE_STATUSES:
            raise HttpError(method, answer.status)
        if answer.status in KEY_REFUSED_STATUSES:
            words = f"HTTP status {answer.status}"
            raise KeyRefused(method, KEY_REFUSED_CODE, words)
        return answer

    def _try(self, *request) -> Answer | None:
        """:return: None where the connection broke off"""
        try:
            return self._send_once(*request)
        except CannotConnect as error:
            if error.reason is not CannotConnectReason.BROKEN:
                raise
        time.sleep(random.uniform(*PAUSE_SECONDS))
        return None

    def _send_once(
        self, verb, path, query, content, wait, spare, max_body, sink, on_sent
    ):
        method = path.rpartition("/")[2]
        connect, read = self._connect_timeout, self._read_timeout + wait
        deadline = Deadline(connect + read + spare, on_sent)
        failure = None
        try:
            with (
                deadline,
                self._session.request(
                    verb,
                    f"{self.base_url}/{path}",
                    params=self._with_key(query),
                    data=content,
                    headers=_headers(verb, content),
                    timeout=(connect, read),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                if (body := _read(response, max_body, sink)) is not None:
                    return Answer(response.status_code, body, self._api_key)
                failure = AnswerTooLarge(method, max_body)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            waited = deadline.seconds if deadline.is_over else read
            failure = failures.meaning(error, method, connect, waited)
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


def _read(response, max_body, sink):
    """:return: None for what is larger; an error raised in here would show its parts"""
    # urllib3 before 2.0 takes half a body for a whole one unless it is told to
    response.raw.enforce_content_length = True
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > max_body:
        return None
    chunks = response.iter_content(CHUNK)
    head = _head(chunks)
    if sink and response.status_code == 200 and sink.begin(head):
        return _pour(head, chunks, max_body, sink)
    body = []
    size = 0
    for chunk in itertools.chain([head], chunks):
        size += len(chunk)
        if size > min(max_body, MAX_BODY):
            return None
        body.append(chunk)
    return b"".join(body)


def _head(chunks) -> bytes:
    """The first pieces, until they tell what it is."""
    head = b""
    for chunk in chunks:
        head += chunk
        if tells_type(head):
            break
    return head


def _pour(head, chunks, max_body, sink):
    """:return: an empty body, or None for what is larger"""
    for chunk in itertools.chain([head], chunks):
        if sink.size + len(chunk) > max_body:
            return None
        sink.take(chunk)
    return b""
