"""Recordings and their audio: section 5 of noojee-api.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO
from zoneinfo import ZoneInfo

from . import conventions, wire
from .answers import (
    check_code,
    check_status,
    is_envelope,
    parsed,
    read_json,
    read_rows,
    rows,
)
from .audio import AudioSink
from .conventions import RecordingBase
from .errors import ApiError, HttpError, KeyRefused, NotAudio, NotJson
from .results import FrozenDict, Rows
from .section import Section, given, sent
from .transport import MAX_AUDIO, audio_seconds

# a name that no recording has, to find where the recording methods live
PROBE_TAG = "noojee-connection-test"


class Direction(wire.Word):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    # older systems send a number whose meaning is not told
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RecordingLeg:
    """One stretch of a recorded call (section 5).

    :ivar did: the number that was called, or ``internal``
    :ivar leg: its number in the recording, text, from ``1``
    :ivar start: aware, or None where it cannot be read; so ``call_end``
    :ivar duration: in seconds
    :ivar direction_word: the direction as it came
    :ivar row: the whole row as it came
    """

    source: str = ""
    destination: str = ""
    did: str = ""
    unique_id: str = ""
    call_record_id: str = ""
    leg: str = ""
    username: str = ""
    tag: str = ""
    start: datetime | None = None
    call_end: datetime | None = None
    duration: int | None = None
    direction: Direction = Direction.UNKNOWN
    direction_word: str = ""
    row: Mapping[str, object] = field(
        default_factory=FrozenDict, repr=False, compare=False
    )

    @classmethod
    def from_wire(cls, row: dict, time_zone: str) -> "RecordingLeg":
        zone = ZoneInfo(time_zone)
        word = wire.text(row, "Direction")
        return cls(
            source=wire.text(row, "Source"),
            destination=wire.text(row, "Destination"),
            did=wire.text(row, "DID"),
            unique_id=wire.text(row, "UniqueId"),
            call_record_id=wire.text(row, "CallRecordId"),
            leg=wire.text(row, "Leg"),
            username=wire.text(row, "Username"),
            tag=wire.text(row, "Tag"),
            start=wire.moment(row, zone, "Start"),
            call_end=wire.moment(row, zone, "callend"),
            duration=wire.integer(row, "Duration"),
            direction=Direction.from_word(word),
            direction_word=word,
            row=FrozenDict(row),
        )


@dataclass(frozen=True, slots=True)
class RecordingAudio:
    """A leg's audio (section 5).

    :ivar content: empty where it went into a file
    :ivar media_type: by its first bytes, ``audio/wav`` or ``audio/mpeg``
    :ivar size: in bytes
    :ivar sha256: in hexadecimal digits
    """

    content: bytes = field(repr=False)
    media_type: str
    size: int
    sha256: str


class Recordings(Section):
    """``RecordingAPI``, or where an older PBX keeps its methods."""

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
        into: BinaryIO | None = None,
    ) -> RecordingAudio:
        """A leg's audio, by tag or by unique call id.

        :param into: a file, open for writing, that takes it piece by piece; where an
            error is raised it is left as it was
        :raise HttpError: 404 while the leg is still being written
        :raise NotAudio: where something else came
        :raise AudioCut: where less came than the audio's own head tells
        :raise AnswerTooLarge: beyond ``max_bytes``, before it is read where that was
            announced
        :raise CannotKeep: where ``into`` does not take it
        """
        if bool(tag) == bool(unique_id):
            raise ValueError("either tag or unique_id")
        names = self._conventions
        params = given(
            (names.retrieve_tag, tag or None),
            (names.retrieve_unique_id, unique_id or None),
            (names.retrieve_leg, leg or None),
        )
        return self._audio(conventions.RETRIEVE, params, max_bytes, into)

    def retrieve_by_call_record_id(
        self,
        call_record_id: str,
        *,
        leg: str | None = None,
        max_bytes: int = MAX_AUDIO,
        into: BinaryIO | None = None,
    ) -> RecordingAudio:
        """A leg's audio by its call record; ``into`` and errors as :meth:`retrieve`."""
        names = self._conventions
        params = given(
            (names.retrieve_call_record_id, call_record_id),
            (names.retrieve_leg, leg or None),
        )
        method = conventions.RETRIEVE_BY_CALL_RECORD_ID
        return self._audio(method, params, max_bytes, into)

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

    def _recording_path(self, method, base=None) -> str:
        return f"{(base or self._conventions.recording_base).path}/{method}"

    def _legs(self, method, params, *, base=None, repeat=True):
        answer = self._transport.send(
            "POST", self._recording_path(method, base), sent(params), repeat=repeat
        )
        body = read_json(answer, method)
        if isinstance(body, list):
            body = {"Code": 0, "entities": body}
        if isinstance(body, dict):
            # an error, a warning, or, tolerantly, the list in an envelope
            check_code(body, method)
        check_status(answer, method)
        if not is_envelope(body):
            raise NotJson(method, answer.excerpt())
        read = partial(RecordingLeg.from_wire, time_zone=self._time_zone)
        return read_rows(rows(body), read)

    def _audio(self, method, params, max_bytes, into) -> RecordingAudio:
        file = BytesIO() if into is None else into
        sink = AudioSink(method, file)
        try:
            self._pour_audio(method, params, max_bytes, sink)
        except BaseException:
            sink.discard()
            raise
        content = file.getvalue() if into is None else b""
        return RecordingAudio(content, sink.media_type, sink.size, sink.sha256)

    def _pour_audio(self, method, params, max_bytes, sink) -> None:
        answer = self._transport.send(
            "POST",
            self._recording_path(method),
            sent(params),
            spare=audio_seconds(max_bytes),
            max_body=max_bytes,
            sink=sink,
        )
        if sink.media_type:
            sink.check_whole()
            return
        if answer.status == HTTPStatus.NOT_FOUND:
            # a leg that is still being written, whatever words come with it
            raise HttpError(method, answer.status)
        if isinstance(row := parsed(answer), dict):
            check_code(row, method)
        check_status(answer, method)
        raise NotAudio(method, answer.excerpt())
