"""Calls and their recording: section 3 of noojee-api.md."""

from collections.abc import Iterable
from dataclasses import dataclass

from . import conventions, wire
from .answers import outcome, result
from .results import FrozenDict, Result, Told
from .section import Section, given, joined

TECHNOLOGY = "SIP"


@dataclass(frozen=True, slots=True)
class DialResult(Result):
    """Answer to ``dial`` (section 3).

    :ivar session_id: text, by the document an integer
    """

    session_id: str = ""


class LineState(wire.Word):
    """What ``checkState`` says of a line (section 3)."""

    IDLE = ""
    RINGING_AGENT = "Ringing Agent"
    RINGING_CLIENT = "Ringing Client"
    ON_CALL = "On Call"
    ON_HOLD = "On Hold"
    HUNG_UP = "Hung Up"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class CallState:
    """What ``checkState`` tells of one extension or call (section 3).

    :ivar message: as it came; :attr:`line_state` reads it
    """

    code: int = 0
    message: str = ""
    unique_call_id: str = ""

    @classmethod
    def from_wire(cls, row: dict) -> "CallState":
        return cls(
            wire.integer(row, "Code") or 0,
            wire.text(row, "Message"),
            wire.text(row, "uniqueCallId"),
        )

    @property
    def line_state(self) -> LineState:
        return LineState.from_word(self.message)


class CallStates(Told, FrozenDict):
    """Answer to ``checkState``: a :class:`CallState` by extension or unique call id,
    with the answer's ``code`` and ``message``."""


class Calls(Section):
    """``CallManagementAPI``, but for the events."""

    def dial(
        self,
        number: str,
        extension: str,
        auto_answer: str,
        *,
        technology: str = TECHNOLOGY,
        caller_id: str | None = None,
        phone_caption: str | None = None,
        record: bool = False,
        tag: str | None = None,
    ) -> DialResult:
        """Ring a desk and then a number. The call's events are always asked for.

        :param number: digits as the PBX's dial plan wants them
        :param extension: bare, the technology is put before it
        :param auto_answer: the handset's string; empty: it rings until it is lifted
        :param caller_id: left out: the PBX's usual rules
        :param phone_caption: shown on the desk phone
        :param record: record from the start (PBX 6.0.1 and later); so ``tag``
        :return: its ``session_id`` is the ``call_id`` of the call's events
        """
        params = {
            "number": number,
            "extenOrUniqueId": f"{technology}/{extension}",
            "autoAnswer": auto_answer,
            "callerId": caller_id or None,
            "phoneCaption": phone_caption or None,
            "monitored": "yes",
            "record": "true" if record else None,
            "tag": (tag or None) if record else None,
        }
        row = self._command("dial", params)
        return DialResult(*outcome(row), wire.text(row, "SessionID"))

    def check_state(self, targets: Iterable[str], timeout: int = 10) -> CallStates:
        """The state of extensions or calls; :meth:`subscribe` replaces it.

        :param targets: bare extensions or unique call ids
        :param timeout: seconds that the PBX waits for a change
        :return: by extension or unique call id
        """
        params = {"extenOrUniqueId": joined(targets), "timeOut": f"{timeout:g}"}
        row = self._command("checkState", params, wait=timeout, repeat=True)
        states = wire.value(row, "State")
        states = states if isinstance(states, dict) else {}
        read = {
            str(name): CallState.from_wire(state)
            for name, state in states.items()
            if isinstance(state, dict)
        }
        return CallStates.of(read, *outcome(row))

    def hangup(self, target: str) -> Result:
        """Hang up.

        :param target: unique call id, or a bare extension, which ends the wrong call
            if there are two
        """
        return result(self._command("hangup", {"extenOrUniqueId": target}))

    def answer(
        self,
        unique_id: str,
        extension: str,
        answer_string: str,
        *,
        technology: str = TECHNOLOGY,
    ) -> Result:
        """Answer a ringing call at a desk.

        :param extension: bare, the technology is put before it
        :param answer_string: the handset's auto-answer string
        """
        params = {
            "uniqueId": unique_id,
            "exten": f"{technology}/{extension}",
            "answerString": answer_string,
        }
        return result(self._command("answer", params))

    def start_recording(
        self, target: str, *, tag: str | None = None, agent_login: str | None = None
    ) -> Result:
        """Start recording a call.

        :param target: bare extension or unique call id
        :param agent_login: Noojee login that owns the leg; without it the PBX takes
            the user attached to the extension
        """
        params = {
            "extenOrUniqueId": target,
            "tag": tag or None,
            "agentLoginName": agent_login or None,
        }
        return result(self._command("start", params))

    def stop_recording(self, target: str, *, agent_login: str | None = None) -> Result:
        """Stop recording a call; parameters as :meth:`start_recording`."""
        params = {"extenOrUniqueId": target, "agentLoginName": agent_login or None}
        return result(self._command("stop", params))

    def tag_recording(
        self, target: str, tag: str, *, agent_login: str | None = None
    ) -> Result:
        """Tag the running recording; parameters as :meth:`start_recording`."""
        names = self._conventions
        params = given(
            (names.tag_target, target),
            (names.tag_tag, tag),
            (names.tag_agent, agent_login or None),
        )
        return result(self._command(conventions.TAG, params))
