"""The simulator's own door: for tests, for training, and for its web page."""

import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from werkzeug.wrappers import Request, Response

from . import handsets, traffic
from .calls import CONNECTED, RINGING, Channel, Desk
from .phone import digits
from .replies import Refusal
from .switch import Behaviour

PAGE = Path(__file__).with_name("page.html")
BEHAVIOURS = ("answer", "busy", "no-answer")


class Control:
    """``POST /control/<name>`` with a JSON object; ``GET`` for what only tells.

    A handler is named after its verb and its path, its arguments after the object's
    names; ``from``, which Python keeps for itself, is ``caller``.
    """

    def __init__(self, server):
        self.server = server
        self.pbx = server.api.pbx

    def respond(self, request: Request) -> Response:
        """Answer a request of the page or of the control API."""
        if request.path == "/":
            return Response(PAGE.read_bytes(), content_type="text/html; charset=utf-8")
        handler = self._handler(request)
        if handler is None:
            return _json({"error": f"There is no {request.method} {request.path}"}, 404)
        try:
            words = _words(request)
            _check_words(handler, words)
            return _json(handler(**words) or {})
        except (Refusal, TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)

    def _handler(self, request: Request) -> Callable | None:
        name = request.path.removeprefix("/control/").replace("-", "_")
        return getattr(self, f"{request.method.lower()}_{name}", None)

    # === CALLS === #

    def post_ring(self, desks, caller, queue=False):
        """Ring desks from an outside number; several ring as a queue."""
        found = self._desks(desks)
        is_queue = bool(queue) or len(found) > 1
        channels = self.pbx.ring(found, str(caller), is_queue=is_queue)
        return {"calls": [_told(channel) for channel in channels]}

    def post_call_out(self, desk, number):
        """A number is typed on a handset."""
        return _told(self.pbx.call_out(self.pbx.desk(str(desk)), str(number)))

    def post_internal(self, caller, to):
        """A desk calls a desk."""
        return self.post_call_out(caller, self.pbx.desk(str(to)).number)

    def post_answer(self, desk=None, call=None):
        """A person lifts the handset."""
        self.pbx.answer(self._channel(desk, call, RINGING))

    def post_hangup(self, desk=None, call=None):
        """A person hangs up; by the outside caller's id all of the call ends."""
        if desk is None:
            self.pbx.hang_up_target(str(call))
        else:
            self.pbx.hang_up(self._channel(desk, call))

    def post_transfer(self, desk, to, call=None):
        """The person at a desk hands a connected call to another desk."""
        channel = self._channel(desk, call, CONNECTED)
        return _told(self.pbx.transfer(channel, self.pbx.desk(str(to))))

    def post_queue(self, desk, desks):
        """The person at a desk puts its connected call into a queue of desks."""
        channel = self._channel(desk, None, CONNECTED)
        channels = self.pbx.enqueue(channel, self._desks(desks))
        return {"calls": [_told(channel) for channel in channels]}

    def _desks(self, desks) -> list[Desk]:
        if not isinstance(desks, list) or not desks:
            raise ValueError("desks is a list of desks")
        return [self.pbx.desk(str(number)) for number in desks]

    def _channel(self, desk, call, status=None) -> Channel:
        if desk is None:
            return self.pbx.channel(str(call))
        at_desk = [
            channel
            for channel in self.pbx.running_at(self.pbx.desk(str(desk)).number)
            if status in (None, channel.status)
            and call in (None, channel.unique_id, channel.secondary_id)
        ]
        if not at_desk:
            raise ValueError(f"There is no such call at desk {desk}")
        return at_desk[0]

    # === SETTINGS === #

    def post_number(self, number, behaviour, after=None):
        """What an outside number does when it is called."""
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour is one of {', '.join(BEHAVIOURS)}")
        kept = Behaviour.of(behaviour, None if after is None else float(after))
        self.pbx.behaviours[digits(str(number))] = kept

    def post_desk(self, desk, make=None, ip=None):
        """Put another handset on a desk."""
        found = self.pbx.desk(str(desk))
        if make is not None and make not in handsets.STRINGS:
            raise ValueError(f"make is one of {', '.join(handsets.STRINGS)}")
        found.make = make or found.make
        found.ip = found.ip if ip is None else str(ip)

    def post_importing(self, importing):
        """Whether somebody imports leads by hand."""
        self.server.api.campaigns.leads.is_importing = bool(importing)

    def post_campaigns(self, gone):
        """An administrator of the PBX takes away rows of its campaign lists."""
        if not isinstance(gone, dict):
            raise ValueError("gone is an object of list → ids")
        self.server.api.campaigns.take_away(gone)

    def post_call_leads(self, leads, agent="anna", duration=60):
        """An agent calls leads of the campaigns, one after the other, and says what
        came of each: an object of key → disposition."""
        if not isinstance(leads, dict):
            raise ValueError("leads is an object of key → disposition")
        for key, disposition in leads.items():
            started = self.pbx.clock.now() - timedelta(seconds=int(duration))
            call = {
                "agentLoginName": str(agent),
                "uniqueId": self.pbx.new_unique_id(),
                "startTime": f"{started:%Y-%m-%d %H:%M:%S}",
                "duration": str(duration),
            }
            self.server.api.campaigns.leads.call(key, str(disposition), call)

    def post_call_records(self, rows, allocation="111"):
        """Other call records of an allocation, in the place of those that it has."""
        if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
            raise ValueError("rows is a list of objects")
        self.server.api.campaigns.set_call_records(str(allocation), rows)

    def post_faults(self, faults):
        """Faults are added to those that are set."""
        if not isinstance(faults, list) or not all(isinstance(f, dict) for f in faults):
            raise ValueError("faults is a list of objects")
        names = {fault.get("method", "") for fault in faults} - {""}
        if unknown := names - self.server.api.method_names:
            raise ValueError(f"There is no method {', '.join(sorted(unknown))}")
        self.server.faults.add(faults)

    def delete_faults(self):
        self.server.faults.clear()

    def post_restart(self, down_seconds=1.0):
        self.server.restart(float(down_seconds))

    def post_reset(self):
        self.server.reset()

    # === TELLING === #

    def get_state(self):
        """Desks with their calls."""
        with self.pbx.lock:
            desks = [
                {
                    "desk": desk.number,
                    "make": desk.make,
                    "ip": desk.ip,
                    "login": desk.login,
                    "calls": [_told(c) for c in self.pbx.running_at(desk.number)],
                }
                for desk in self.pbx.desks.values()
            ]
            return {"desks": desks, "seq": self.pbx.events.number}

    def get_happened(self):
        """Every call since the last reset, with its channels and what was told of
        each, whatever became of the answers."""
        with self.pbx.lock:
            calls = [
                [
                    {**_told(channel), "told": list(channel.told)}
                    for channel in call.channels
                ]
                for call in self.pbx.history
                if call.is_reported
            ]
        return {"calls": calls}

    def get_leads(self):
        """The leads that were put in, oldest first."""
        return {"leads": self.server.api.campaigns.leads.told()}

    def get_faults(self):
        """Faults that are set, and how often each has struck."""
        return {"faults": self.server.faults.rows()}

    def get_events(self):
        """When the last events were told, by number: how late they are taken in."""
        rows = self.pbx.events.times()
        return {"events": [{"seq": n, "desk": d, "at": at} for n, d, at in rows]}

    def post_traffic(self, per_second, seconds):
        """Have outside callers ring, be answered and hang up, so many in a second."""
        traffic.start(self.pbx, float(per_second), float(seconds))

    def get_requests(self, method=None, last=None):
        """The request log, oldest first, the key masked."""
        rows = self.server.log.rows(method)
        return {"requests": rows[-int(last) :] if last else rows}


def _words(request: Request) -> dict:
    if request.method == "GET" or not request.get_data():
        return request.args.to_dict()
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ValueError("The body is not a JSON object")
    return {"caller" if name == "from" else name: body[name] for name in body}


def _check_words(handler: Callable, words: dict) -> None:
    """:raise ValueError: in the words of the control API, not of Python"""
    parameters = inspect.signature(handler).parameters
    needed = {n for n, p in parameters.items() if p.default is p.empty}
    for what, names in (
        ("Unknown", words.keys() - parameters.keys()),
        ("Missing", needed - words.keys()),
    ):
        if names:
            told = ["from" if name == "caller" else name for name in sorted(names)]
            raise ValueError(f"{what}: {', '.join(told)}")


def _told(channel: Channel) -> dict:
    return {
        "desk": channel.desk.number,
        "uniqueCallId": channel.unique_id,
        "secondaryUniqueCallId": channel.secondary_id,
        "CallID": channel.wire_id,
        "status": channel.status,
        "number": channel.party,
        "inbound": channel.inbound,
        "isQueueCall": channel.is_queue,
        "isClickToDialCall": channel.is_click,
    }


def _json(body: dict, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
