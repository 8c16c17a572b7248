"""``CallManagementAPI``: calls and their recording (noojee-api.md section 3)."""

from .calls import Channel, Desk
from .method import Method, integer, listed, timeout
from .pbx import Pbx
from .replies import BAD_PARAMETER, NOT_NOW, UNKNOWN_EXTENSION, Refusal, envelope

RESOURCE = "CallManagementAPI"
TECHNOLOGIES = ("SIP", "PJSIP")


class CallApi:
    """Every handler takes the query's parameters and returns the reply's JSON."""

    def __init__(self, pbx: Pbx):
        self.pbx = pbx

    def methods(self) -> dict[str, Method]:
        target = ("extenOrUniqueId",)
        owner = ("agentLoginName",)
        return {
            "dial": Method(
                self.dial,
                required=("number", *target),
                present=("autoAnswer",),
                optional=("callerId", "phoneCaption", "monitored", "record", "tag"),
            ),
            "checkState": Method(
                self.check_state, required=target, optional=("timeOut",)
            ),
            "hangup": Method(self.hangup, required=target),
            "answer": Method(
                self.answer, required=("uniqueId", "exten"), present=("answerString",)
            ),
            # the sources disagree on the verb; `tag` stands as `Tag` in a table
            "start": Method(
                self.start,
                verbs=("POST", "GET"),
                required=target,
                optional=("tag", "Tag", *owner),
            ),
            "stop": Method(
                self.stop, verbs=("POST", "GET"), required=target, optional=owner
            ),
            "tag": Method(self.tag, required=(*target, "tag"), optional=owner),
            "subscribe": Method(
                self.subscribe,
                required=("exten", "lastSequenceNumber"),
                optional=("timeOut", "xDebugArg"),
            ),
        }

    # === CALLS === #

    def dial(self, params: dict) -> dict:
        """A number without any digit is refused (the document is silent). An empty
        string is our choice for a handset without a profile: it rings until somebody
        lifts it."""
        desk = self._endpoint(params["extenOrUniqueId"])
        number = params["number"].strip()
        if not any(sign.isdigit() for sign in number):
            raise Refusal(BAD_PARAMETER, f"number {number} has no digit")
        session = self.pbx.dial(
            number,
            desk,
            params["autoAnswer"],
            caller_id=params.get("callerId", ""),
            is_monitored=params.get("monitored", "").lower() == "yes",
            is_recorded=params.get("record", "").lower() == "true",
            tag=params.get("tag", ""),
        )
        return envelope(message="Dialing", SessionID=session)

    def _endpoint(self, endpoint: str) -> Desk:
        """A desk by its endpoint, which must name the technology (section 2); without
        one it is refused (the document is silent)."""
        technology, _slash, number = endpoint.partition("/")
        if technology not in TECHNOLOGIES or not number:
            message = f"{endpoint} is no endpoint like SIP/100"
            raise Refusal(UNKNOWN_EXTENSION, message)
        return self.pbx.desk(number)

    def hangup(self, params: dict) -> dict:
        self.pbx.hang_up_target(params["extenOrUniqueId"])
        return envelope(message="Channel Hungup")

    def answer(self, params: dict) -> dict:
        """Code 0 says that the handset was told to; whether it obeys, its string
        decides (the document is silent on a string that does not fit). What rings
        without ``canAnswer``, as a dial at its own desk, is refused."""
        desk = self._endpoint(params["exten"])
        channel = self.pbx.ringing_channel(params["uniqueId"], desk)
        if not channel.can_answer:
            raise Refusal(NOT_NOW, f"Call {channel.unique_id} cannot be answered")
        self.pbx.answer(channel, params["answerString"])
        return envelope(message="Answered")

    def check_state(self, params: dict) -> dict:
        """Waits until something changes, or for its time-out. An unknown target has
        its own code below 0; the whole is refused only when all are unknown (the
        document shows a code for each target, and no error)."""
        targets = listed(params, "extenOrUniqueId")
        before = self._states(targets)
        if all(state["Code"] < 0 for state in before.values()):
            state = before[targets[0]]
            raise Refusal(state["Code"], state["Message"])
        self.pbx.events.wait_until(
            lambda: self._states(targets) != before, timeout(params)
        )
        return {"State": self._states(targets), "Code": 0}

    def _states(self, targets: list[str]) -> dict[str, dict]:
        return {target: self._state(target) for target in targets}

    def _state(self, target: str) -> dict:
        try:
            return self.pbx.state(target)
        except Refusal as refusal:
            return envelope(refusal.code, refusal.message)

    # === RECORDING === #

    def start(self, params: dict) -> dict:
        """Without a login the leg belongs to the desk's user (section 3)."""
        tag = params.get("tag") or params.get("Tag") or ""
        # in one step: the call may end at this moment, and its leg would stay open
        with self.pbx.lock:
            channel = self._recorded(params)
            owner = params.get("agentLoginName") or channel.desk.login
            self.pbx.start_recording(channel, owner, tag)
        return envelope(message="Recording started")

    def stop(self, params: dict) -> dict:
        """Stopping what is not recorded is an error (the document is silent)."""
        channel = self._recorded(params)
        with self.pbx.lock:
            if not self.pbx.recordings.stop(channel.call):
                raise Refusal(NOT_NOW, "This call is not being recorded")
        return envelope(message="Recording stopped")

    def tag(self, params: dict) -> dict:
        """All legs of a running call get the tag; no source describes this method."""
        channel = self._recorded(params)
        with self.pbx.lock:
            self.pbx.recordings.tag(channel.call, params["tag"])
        return envelope(message="Recording tagged")

    def _recorded(self, params: dict) -> Channel:
        """A channel by bare extension or unique id; some sources put the technology
        before the extension here."""
        target = params["extenOrUniqueId"].strip()
        technology, _slash, number = target.partition("/")
        return self.pbx.channel(number if technology in TECHNOLOGIES else target)

    # === EVENTS (section 4) === #

    def subscribe(self, params: dict) -> dict:
        """The long poll. Unknown extensions are left out; the whole is refused only
        when all are unknown (the document is silent)."""
        extensions = listed(params, "exten")
        if not any(number in self.pbx.desks for number in extensions):
            raise Refusal(UNKNOWN_EXTENSION, f"Unknown extension {params['exten']}")
        last = integer(params, "lastSequenceNumber")
        seconds = timeout(params)
        if last == 0:
            last, rows = self.pbx.running_rows(extensions)
            if rows or not seconds:
                return _news(rows, last)
        number, events = self.pbx.events.wait(set(extensions), last, seconds)
        rows = {}
        for event in events:
            rows.setdefault(event.extension, []).append(event.row)
        return _news(rows, number)


def _news(rows: dict, number: int) -> dict:
    return {"Data": rows, "seq": number, "Code": 0}
