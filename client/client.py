"""One method for each method of the REST API."""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Self
from zoneinfo import ZoneInfo

from . import conventions, wire
from .conventions import Conventions, RecordingBase
from .errors import ApiError, HttpError, KeyRefused, LeadRefused, NotAudio, NotJson
from .redaction import Secret
from .results import (
    ActiveRoster,
    CallEvent,
    CallRecord,
    CallState,
    CallStates,
    DialResult,
    EventBatch,
    Field,
    Health,
    LeadResult,
    NamedRow,
    RecordingAudio,
    RecordingLeg,
    Result,
    Rows,
)
from .transport import (
    CONNECT_SECONDS,
    MAX_AUDIO,
    READ_SECONDS,
    Answer,
    Transport,
    check_status,
)

_logger = logging.getLogger(__name__)

CALLS = "servicemanager/rest/CallManagementAPI"
CAMPAIGNS = "servicemanager/rest/CampaignAPI"
ROSTERS = "servicemanager/rest/rosterApi"
HEALTH = "servicemanager/rest/systemHealth"
TECHNOLOGY = "SIP"
# the PBX queues leads for so long before it refuses one (section 7)
LEAD_SECONDS = 60.0
# a name that no recording has, to find where the recording methods live
PROBE_TAG = "noojee-connection-test"
# what answers carry beside their code
PAYLOADS = {
    "Data": dict,
    "State": dict,
    "SessionID": int | str,
    "entities": dict | list,
    "seq": int | str,
}


class NoojeeClient:
    """A session with one PBX; close it, or use it as a context manager.

    Sections are those of noojee-api.md. Each method raises :class:`NoojeeError` in one
    of its kinds; ``ApiError`` (a code below 0) only where the PBX itself said no.

    :param base_url: ``https://host`` or ``https://host:port``
    :param api_key: given out by Noojee's support
    :param connect_timeout: seconds to connect
    :param read_timeout: seconds of silence until an answer is given up
    :param verify: whether certificates are verified, or path of a CA bundle
    :param time_zone: of the PBX, whose times carry none
    :param conventions: what no source tells
    :raise ValueError: where ``base_url`` is no address of a server, ``verify`` no CA
        bundle, or ``time_zone`` none that is known
    """

    # a half-made object has a repr as well: tracebacks may show it
    _base_url = ""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        connect_timeout: float = CONNECT_SECONDS,
        read_timeout: float = READ_SECONDS,
        verify: bool | str = True,
        time_zone: str = "UTC",
        conventions: Conventions | None = None,
    ):
        # at once: a traceback may show what the names in here stand for
        api_key = Secret(api_key)
        self._transport = Transport(
            base_url,
            api_key,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            verify=verify,
        )
        self._base_url = self._transport.base_url
        try:
            ZoneInfo(time_zone)
        except (KeyError, OSError) as error:
            raise ValueError(f"not a time zone: {time_zone}") from error
        self._time_zone = time_zone
        self._conventions = conventions or Conventions()
        self._told: set[tuple[str, int, str]] = set()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._base_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    # === CALL CONTROL (section 3) === #

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
        return DialResult(*_outcome(row), wire.text(row, "SessionID"))

    def check_state(self, targets: Iterable[str], timeout: int = 10) -> CallStates:
        """The state of extensions or calls; :meth:`subscribe` replaces it.

        :param targets: bare extensions or unique call ids
        :param timeout: seconds that the PBX waits for a change
        :return: by extension or unique call id
        """
        params = {"extenOrUniqueId": _joined(targets), "timeOut": f"{timeout:g}"}
        row = self._command("checkState", params, wait=timeout, repeat=True)
        states = wire.value(row, "State")
        states = states if isinstance(states, dict) else {}
        read = {
            str(name): CallState.from_wire(state)
            for name, state in states.items()
            if isinstance(state, dict)
        }
        return CallStates.of(read, *_outcome(row))

    def hangup(self, target: str) -> Result:
        """Hang up.

        :param target: unique call id, or a bare extension, which ends the wrong call
            if there are two
        """
        return _result(self._command("hangup", {"extenOrUniqueId": target}))

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
        return _result(self._command("answer", params))

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
        return _result(self._command("start", params))

    def stop_recording(self, target: str, *, agent_login: str | None = None) -> Result:
        """Stop recording a call; parameters as :meth:`start_recording`."""
        params = {"extenOrUniqueId": target, "agentLoginName": agent_login or None}
        return _result(self._command("stop", params))

    def tag_recording(
        self, target: str, tag: str, *, agent_login: str | None = None
    ) -> Result:
        """Tag the running recording; parameters as :meth:`start_recording`."""
        names = self._conventions
        params = _given(
            (names.tag_target, target),
            (names.tag_tag, tag),
            (names.tag_agent, agent_login or None),
        )
        return _result(self._command("tag", params))

    # === EVENTS (section 4) === #

    def subscribe(
        self,
        extensions: Iterable[str],
        last_sequence_number: int = 0,
        timeout: int = 10,
        *,
        debug: str | None = None,
    ) -> EventBatch:
        """Wait for events: a long poll that returns at the first.

        Not more often than every 100 ms from request to request.

        :param extensions: bare
        :param last_sequence_number: that of the last batch of these very extensions;
            0 first
        :param timeout: seconds to wait; 0 with number 0 reads the present state
        :param debug: free text for the PBX's log
        """
        params = {
            "exten": _joined(extensions),
            "lastSequenceNumber": last_sequence_number,
            "timeOut": f"{timeout:g}",
            "xDebugArg": debug or None,
        }
        row = self._command("subscribe", params, wait=timeout)
        sequence_number = wire.integer(row, "seq")
        if sequence_number is None:
            sequence_number = last_sequence_number
        data = wire.value(row, "Data")
        return EventBatch(*_outcome(row), self._events(data), sequence_number)

    def _events(self, data) -> tuple[CallEvent, ...]:
        lists = data.items() if isinstance(data, dict) else ()
        found = [
            (str(extension), row)
            for extension, rows in lists
            for row in (rows if isinstance(rows, list) else [rows])
            if isinstance(row, dict)
        ]
        for extension, row in found:
            if not _is_readable(row):
                self._tell_unreadable(extension, row)
        return tuple(
            CallEvent.from_wire(extension, row, self._time_zone)
            for extension, row in found
            if _is_readable(row)
        )

    def _tell_unreadable(self, extension, row) -> None:
        """Log an extension that is refused, or what else is no event; each once."""
        code, message = _outcome(row)
        told = (extension, code, message)
        if told not in self._told:
            self._told.add(told)
            _logger.warning(
                "Extension %s: no event but %s (code %s)",
                extension,
                message or "nothing",
                code,
            )

    # === RECORDINGS (section 5) === #

    def retrieve_metadata(self, tag: str) -> Rows[RecordingLeg]:
        """The legs of a tag; none: no rows."""
        return self._legs("retrieveMetaData", {"tag": tag})

    def retrieve_metadata_by_unique_id(self, unique_id: str) -> Rows[RecordingLeg]:
        """The legs of a call."""
        return self._legs("retrieveMetaDataByUniqueId", {"uniqueId": unique_id})

    def retrieve_metadata_by_hour(self, day: date, hour: int) -> Rows[RecordingLeg]:
        """The legs that ended in an hour of the PBX's own time.

        Ask some minutes after the hour, and at most once a minute.

        :param hour: 0 to 23
        """
        params = {"date": f"{day:%Y/%m/%d}", "hour": hour}
        # a repeated request would come within the minute
        return self._legs("retrieveMetaDataByHour", params, repeat=False)

    def retrieve(
        self,
        *,
        tag: str | None = None,
        unique_id: str | None = None,
        leg: str | None = None,
        max_bytes: int = MAX_AUDIO,
    ) -> RecordingAudio:
        """A leg's audio, by tag or by unique call id.

        :raise HttpError: 404 while the leg is still being written
        :raise NotAudio: where something else came
        :raise AnswerTooLarge: beyond ``max_bytes``
        """
        if bool(tag) == bool(unique_id):
            raise ValueError("either tag or unique_id")
        names = self._conventions
        params = _given(
            (names.retrieve_tag, tag or None),
            (names.retrieve_unique_id, unique_id or None),
            (names.retrieve_leg, leg or None),
        )
        return self._audio("retrieve", params, max_bytes)

    def retrieve_by_call_record_id(
        self, call_record_id: str, *, leg: str | None = None, max_bytes: int = MAX_AUDIO
    ) -> RecordingAudio:
        """A leg's audio by its call record; errors as :meth:`retrieve`."""
        names = self._conventions
        params = _given(
            (names.retrieve_call_record_id, call_record_id),
            (names.retrieve_leg, leg or None),
        )
        return self._audio("retrieveByCallRecordId", params, max_bytes)

    def find_recording_base(self) -> RecordingBase:
        """Where this PBX keeps its recording methods: asks both, the present one first.

        :raise NoojeeError: where neither answers: that the key is refused, else what
            the present one said
        """
        present = self._conventions.recording_base
        others = [base for base in RecordingBase if base is not present]
        failures = []
        for base in (present, *others):
            try:
                self._legs("retrieveMetaData", {"tag": PROBE_TAG}, base=base)
            except (HttpError, KeyRefused, NotJson) as error:
                # a path that is not there may be forbidden as well
                failures.append(error)
            except ApiError:
                # it refuses the question, so it knows the method
                return base
            else:
                return base
        refusals = [error for error in failures if isinstance(error, KeyRefused)]
        raise (refusals or failures)[0]

    # === CAMPAIGNS (section 6) === #

    def get_campaign_templates(self) -> Rows[NamedRow]:
        return self._named(CAMPAIGNS, "getCampaignTemplateList", {})

    def get_campaigns(self, template_id: str) -> Rows[NamedRow]:
        params = {"fTemplateId": template_id}
        return self._named(CAMPAIGNS, "getCampaignList", params)

    def get_allocations(self, campaign_id: str) -> Rows[NamedRow]:
        params = {"fCampaignId": campaign_id}
        return self._named(CAMPAIGNS, "getAllocationList", params)

    def get_dispositions(self, template_id: str) -> Rows[NamedRow]:
        params = {"fTemplateId": template_id}
        return self._named(CAMPAIGNS, conventions.DISPOSITION_LIST, params)

    def get_fields(self, template_id: str) -> Rows[Field]:
        """The fields of a template's leads."""
        params = {"fTemplateId": template_id}
        rows = self._entities(CAMPAIGNS, conventions.FIELD_LIST, params)
        return _read_rows(rows, Field.from_wire)

    def get_call_records(
        self, template_id: str, campaign_id: str, allocation_id: str
    ) -> Rows[CallRecord]:
        """Calls that were dispositioned of late."""
        params = {
            "fTemplateId": template_id,
            "campaignId": campaign_id,
            "allocationId": allocation_id,
        }
        rows = self._entities(CAMPAIGNS, "getCallRecordList", params)
        return _read_rows(
            rows, partial(CallRecord.from_wire, time_zone=self._time_zone)
        )

    # === LEADS (section 7) === #

    def insert_lead(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """Insert a lead.

        :param lead: field name → text, system fields among them
        :param allow_duplicates: do not look for equal phone numbers
        :raise LeadRefused: any code but 0, with its reason
        """
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        return self._lead("insertLeadFast", params, dict(lead))

    def update_lead(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """Update a lead; its ``njExternalLeadId`` and ``njDisposition`` are required.

        :raise LeadRefused: any code but 0, with its reason
        """
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        return self._lead("updateLeadFast", params, dict(lead))

    def insert_lead_old(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """:meth:`insert_lead` for old systems: one at a time, and refused while
        somebody imports by hand."""
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        return self._lead("insertLead", params, [dict(lead)])

    def update_lead_old(
        self,
        template_id: str,
        campaign_id: str,
        allocation_id: str,
        lead: Mapping[str, str],
        *,
        allow_duplicates: bool = False,
    ) -> LeadResult:
        """:meth:`update_lead` for old systems, which want the lead's key in the
        address."""
        fields = dict(lead)
        params = _lead_params(template_id, campaign_id, allocation_id, allow_duplicates)
        params["njExternalLeadId"] = fields.pop("njExternalLeadId", None)
        return self._lead("updateLead", params, [fields])

    # === OTHERS (section 8) === #

    def system_health(self) -> Health | None:
        """How the PBX is; None where it tells nothing at all (older systems)."""
        rows = self._entities(HEALTH, "test", {})
        if not rows and not rows.is_warning:
            return None
        row = rows[0] if rows else {}
        return Health.from_wire(row, self._time_zone, rows.code, rows.message)

    def get_active_rosters(self, team_name: str) -> Rows[ActiveRoster]:
        """Who of a team is on shift."""
        rows = self._entities(ROSTERS, "getActiveRosters", {"teamName": team_name})
        return _read_rows(rows, ActiveRoster.from_wire)

    # === ON THE WIRE === #

    def _command(self, method, params, *, wait=0, repeat=False) -> dict:
        answer = self._transport.send(
            "POST", f"{CALLS}/{method}", _sent(params), wait=wait, repeat=repeat
        )
        return _read_object(answer, method)

    def _entities(self, resource, method, params) -> Rows[dict]:
        answer = self._transport.send(
            "GET", f"{resource}/{method}", _sent(params), repeat=True
        )
        return _rows(_read_object(answer, method))

    def _named(self, resource, method, params) -> Rows[NamedRow]:
        rows = self._entities(resource, method, params)
        return _read_rows(rows, NamedRow.from_wire)

    def _recording_path(self, method, base=None) -> str:
        return f"{(base or self._conventions.recording_base).path}/{method}"

    def _legs(self, method, params, *, base=None, repeat=True):
        answer = self._transport.send(
            "POST", self._recording_path(method, base), _sent(params), repeat=repeat
        )
        body = _read_json(answer, method)
        if isinstance(body, list):
            body = {"Code": 0, "entities": body}
        if isinstance(body, dict):
            # an error, a warning, or, tolerantly, the list in an envelope
            _check_code(body, method)
        check_status(answer, method)
        if not _is_envelope(body):
            raise NotJson(method, answer.excerpt())
        read = partial(RecordingLeg.from_wire, time_zone=self._time_zone)
        return _read_rows(_rows(body), read)

    def _audio(self, method, params, max_bytes) -> RecordingAudio:
        answer = self._transport.send(
            "POST", self._recording_path(method), _sent(params), max_body=max_bytes
        )
        media_type = conventions.audio_type(answer.body)
        if answer.status == 200 and media_type:
            return RecordingAudio(answer.body, media_type)
        if isinstance(row := _parsed(answer), dict):
            _check_code(row, method)
        check_status(answer, method)
        raise NotAudio(method, answer.excerpt())

    def _lead(self, method, params, body) -> LeadResult:
        answer = self._transport.send(
            "POST", f"{CAMPAIGNS}/{method}", _sent(params), body=body, wait=LEAD_SECONDS
        )
        row = _parsed(answer)
        if not isinstance(row, dict) or wire.integer(row, "Code") is None:
            check_status(answer, method)
            raise NotJson(method, answer.excerpt())
        _check_code(row, method)
        code, message = _outcome(row)
        if code:
            raise LeadRefused(method, code, message)
        check_status(answer, method)
        return LeadResult(code, message)


def _sent(params: Mapping[str, object]) -> dict[str, str]:
    """Parameters as text, without those that are not to be sent."""
    return {name: str(given) for name, given in params.items() if given is not None}


def _given(*pairs: tuple[str, str | None]) -> dict[str, str]:
    """Parameters whose names are settable: of equal names, that which was given."""
    return {name: given for name, given in pairs if given is not None}


def _joined(names: Iterable[str]) -> str:
    """A list as the PBX takes it; a text is one name, not a list of its letters."""
    return names if isinstance(names, str) else ",".join(names)


def _lead_params(template_id, campaign_id, allocation_id, allow_duplicates) -> dict:
    return {
        "fTemplateId": template_id,
        "fCampaignId": campaign_id,
        "fAllocationId": allocation_id,
        "allowDuplicates": "true" if allow_duplicates else None,
    }


def _parsed(answer: Answer):
    """The body read as JSON, or None."""
    try:
        # a call id that comes without quotes would lose digits as a float
        return json.loads(answer.text(), parse_float=str)
    except (ValueError, RecursionError):
        return None


def _read_json(answer: Answer, method: str):
    body = _parsed(answer)
    # an answer in the API's own form tells more than its status
    if not isinstance(body, dict) or answer.status >= 500:
        check_status(answer, method)
    if body is None:
        raise NotJson(method, answer.excerpt())
    return body


def _read_object(answer: Answer, method: str) -> dict:
    row = _read_json(answer, method)
    if isinstance(row, dict) and wire.integer(row, "Code") is not None:
        _check_code(row, method)
    check_status(answer, method)
    if not _is_envelope(row):
        raise NotJson(method, answer.excerpt())
    return row


def _check_code(row: dict, method: str) -> None:
    """:raise ApiError: for a code below 0; :raise KeyRefused: where it means the key"""
    code, message = _outcome(row)
    if code >= 0:
        return
    if code == conventions.KEY_REFUSED_CODE:
        raise KeyRefused(method, message)
    raise ApiError(method, code, message)


def _outcome(row: dict) -> tuple[int, str]:
    return wire.integer(row, "Code") or 0, wire.text(row, "Message")


def _is_envelope(body) -> bool:
    """Whether it is an answer of the API: by its code, or else by what it carries."""
    if not isinstance(body, dict):
        return False
    if wire.value(body, "Code") is not None:
        return wire.integer(body, "Code") is not None
    return any(isinstance(wire.value(body, name), PAYLOADS[name]) for name in PAYLOADS)


def _rows(row: dict) -> Rows[dict]:
    """The rows of an envelope, with its code and words."""
    entities = wire.value(row, "entities")
    if isinstance(entities, dict):
        # as some libraries of Java write a list of one
        entities = [entities]
    entities = entities if isinstance(entities, list) else []
    found = [entity for entity in entities if isinstance(entity, dict)]
    return Rows.of(found, *_outcome(row))


def _read_rows(rows: Rows[dict], read) -> Rows:
    return Rows.of(map(read, rows), rows.code, rows.message)


def _result(row: dict) -> Result:
    return Result(*_outcome(row))


def _is_readable(row: dict) -> bool:
    return isinstance(wire.value(row, "CallData"), dict)
