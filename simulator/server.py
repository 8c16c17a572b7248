"""HTTP around the PBX: routes, verbs, faults."""

import json
import time
from dataclasses import replace

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from .api import Api, refused
from .control import Control
from .events import Gone
from .faults import Faults, Struck
from .method import Method
from .replies import NOT_NOW, Refusal, Reply, html
from .request_log import Entry, RequestLog
from .web import drop

MAX_BODY = 1024 * 1024


class Server:
    """The WSGI application and all that it serves."""

    def __init__(self, api: Api):
        self.api = api
        self.faults = Faults()
        self.log = RequestLog(api.api_key, api.pbx.clock)
        self.control = Control(self)
        self._down_until = 0.0
        self._life = 0

    def __call__(self, environ, start_response):
        request = Request(environ)
        request.max_content_length = MAX_BODY
        response = self._respond(request)
        if response is None:
            drop(environ)
        return response(environ, start_response)

    def restart(self, seconds: float) -> None:
        """Drop every connection for a while; calls and the event counter are gone."""
        self._life += 1
        self._down_until = time.monotonic() + seconds
        self.api.pbx.restart()

    def reset(self) -> None:
        """Back to the beginning, for the next test; the event counter goes on."""
        # a request that is held up must not act in the next test
        self._life += 1
        self.faults.clear()
        self.api.pbx.reset()
        self.api.campaigns.forget()
        self.log.clear()
        self._down_until = 0.0

    def _respond(self, request: Request) -> Response | None:
        """:return: None where the connection is to be dropped"""
        try:
            # always read: what stays would be taken for the connection's next request
            body = request.get_data()
        except RequestEntityTooLarge:
            return None
        if request.path == "/" or request.path.startswith("/control"):
            return self.control.respond(request)
        if time.monotonic() < self._down_until:
            return None
        method = self.api.method(request.path)
        entry = self.log.enter(request, body, is_known=method is not None)
        reply = self._reply(request, method, entry, body)
        self.log.finish(entry, reply)
        if reply is None:
            return None
        if reply.announced:
            return _cut(reply, request)
        return Response(
            _encoded(reply.body), reply.status, content_type=reply.content_type
        )

    def _reply(
        self, request: Request, method: Method | None, entry: Entry, body: bytes
    ) -> Reply | None:
        if method is None:
            return html(404, "Not Found")
        if request.method not in method.verbs:
            return html(405, "Method Not Allowed")
        if not method.takes_type(request.method, request.mimetype):
            return html(415, "Unsupported Media Type")
        params = request.args.to_dict()
        entry.ignored = method.ignored(params)
        struck = self.faults.strike(entry.method, params)
        try:
            return self._struck_reply(
                struck,
                lambda: self.api.answer(method, entry.resource, params, body),
                refused(entry.resource, Refusal(NOT_NOW, "Not now")),
            )
        except Gone:
            return None

    def _struck_reply(self, struck: Struck, act, refusal: Reply) -> Reply | None:
        """The answer with its faults around it.

        :param refusal: what comes in its place where it is refused
        :raise Gone: when the PBX restarts while the request is held up
        """
        life = self._life
        self._hold_up(struck.seconds("before"), life)
        if struck.is_dropped("before"):
            return None
        if struck.is_refused("before"):
            return refusal
        if page := struck.page("before"):
            return page
        reply = act()
        if (seconds := struck.gather_seconds()) and _has_events(reply):
            self._hold_up(seconds, life)
            # asked again from the same number: a poll may be repeated
            reply = act()
        self._hold_up(struck.seconds("after"), life)
        if struck.is_dropped("after"):
            return None
        if struck.is_refused("after"):
            return refusal
        if page := struck.page("after"):
            return replace(page, code=page.code or reply.code)
        return struck.bend(reply, _encoded)

    def _hold_up(self, seconds: float, life: int) -> None:
        """:raise Gone: when the PBX restarts meanwhile"""
        if seconds:
            time.sleep(seconds)
            if life != self._life:
                raise Gone


def _cut(reply: Reply, request: Request) -> Response:
    """An answer that breaks off before its end."""

    def pieces():
        yield _encoded(reply.body)
        drop(request.environ)

    return Response(
        pieces(),
        reply.status,
        headers={"Content-Length": str(reply.announced)},
        content_type=reply.content_type,
    )


def _has_events(reply: Reply) -> bool:
    return isinstance(reply.body, dict) and bool(reply.body.get("Data"))


def _encoded(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()
