"""One leg of a recording and how it is written down (noojee-api.md section 5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import audio
from .calls import Call

# the older spelling's direction is told by no source: ``2`` is its only example
OLDER_DIRECTION = "2"
# (source, desk, owner, tag, seconds of each leg)
YESTERDAY = (
    ("0370101234", "101", "anna", "S00001", (4, 21, 9)),
    ("0491570156", "102", "ben", "", (6, 12, 30, 5)),
    ("0270105700", "101", "anna", "S00004", (3, 45, 11)),
)


@dataclass(slots=True)
class Leg:
    """One stretch of a recorded call; ``end`` is None while it is being written.

    :param call: None for a call of before the start
    """

    number: int
    unique_id: str
    call_record_id: str
    source: str
    destination: str
    did: str
    username: str
    tag: str
    direction: str
    start: datetime
    end: datetime | None = None
    call: Call | None = None

    @property
    def seconds(self) -> float:
        # by timestamps: wall times differ by an hour more when summer time ends
        return self.end.timestamp() - self.start.timestamp()

    @property
    def unique_ids(self) -> set[str]:
        """Every id by which its call can be asked for."""
        return {self.unique_id} | (self.call.unique_ids if self.call else set())

    def row(self, *, is_older: bool) -> dict:
        """All values text; times and direction in the older or newer spelling."""
        row = {
            "Source": self.source,
            "Destination": self.destination,
            "DID": self.did,
            "UniqueId": self.unique_id,
            "CallRecordId": self.call_record_id,
            "Leg": str(self.number),
            "Username": self.username,
            "Tag": self.tag,
            "Start": _written(self.start, is_older=is_older),
            "Duration": str(round(self.seconds)),
            "Direction": OLDER_DIRECTION if is_older else self.direction,
        }
        if not is_older:
            row["callend"] = _written(self.end, is_older=False)
        return row

    def audio(self) -> bytes:
        """WAV of the leg's exact length."""
        return audio.wav(self.seconds)


def yesterdays_legs(
    now: datetime, record_ids: Iterator[int], own_number: str
) -> list[Leg]:
    """Some calls of the day before, finished."""
    start = now.replace(minute=5, second=0, microsecond=0) - timedelta(days=1)
    legs = []
    for index, (source, desk, owner, tag, lengths) in enumerate(YESTERDAY):
        moment = start + timedelta(minutes=11 * index)
        unique_id = f"{int(moment.timestamp())}.{40 + index}"
        record_id = str(next(record_ids))
        for number, length in enumerate(lengths, 1):
            end = moment + timedelta(seconds=length)
            legs.append(
                Leg(
                    number, unique_id, record_id, source, desk, own_number, owner,
                    tag, "Inbound", moment, end,
                )
            )  # fmt: skip
            moment = end
    return legs


def _written(moment: datetime, *, is_older: bool) -> str:
    if is_older:
        return f"{moment:%Y-%m-%d %H:%M:%S}.0"
    return f"{moment:%a %b %d %H:%M:%S %Z %Y}"
