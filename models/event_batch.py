"""What is read of the database once for a batch of events."""

from dataclasses import dataclass, field
from datetime import datetime

from odoo import models


@dataclass(frozen=True, slots=True)
class Span:
    """When a call ran that is told of long after, who sat there then, and what else
    is known of the call itself."""

    start: datetime
    end: datetime
    user: models.BaseModel
    values: dict = field(default_factory=dict)


@dataclass
class Batch:
    """What a batch of events needs to know of the database, read once for all.

    :ivar lines: lines that are followed, by their number
    :ivar channels: known channels by extension and unique call id
    :ivar by_id: channels by each of their ids
    :ivar is_late: whether the events may be older than a moment
    :ivar tells_state: whether they are all that runs at their extensions
    :ivar is_polled: whether the PBX was asked for them
    :ivar is_from_beginning: whether nothing but one event can be missing before these
    :ivar known_at: until when it was known what runs, if not until a moment ago
    :ivar skew: how far our clock is ahead of the PBX's, in seconds
    :ivar dialled: calls that were dialled from Odoo and wait for their channel
    :ivar test_rings: of desks that begin a call in this batch
    :ivar queue_channels: that ring now, or were answered a moment ago
    :ivar gone: ids of calls that became one with another
    :ivar spans: of channels that ran when nobody listened, by extension and id
    """

    pbx: models.BaseModel
    events: list
    lines: dict
    channels: dict
    by_id: dict
    is_late: bool
    skew: float
    dialled: models.BaseModel | None = None
    test_rings: models.BaseModel | None = None
    queue_channels: models.BaseModel | None = None
    gone: set = field(default_factory=set)
    spans: dict = field(default_factory=dict)
    tells_state: bool = False
    is_polled: bool = False
    is_from_beginning: bool = False
    known_at: datetime | None = None

    def user_at(self, line, unique_id):
        """Who sits, or sat, at a channel's desk."""
        span = self.spans.get((line.number, unique_id))
        return span.user if span else line.user_id

    def add(self, channel):
        """Know a channel by its ids."""
        self.channels[channel.extension_number, channel.unique_call_id] = channel
        for unique_id in (channel.unique_call_id, channel.secondary_unique_call_id):
            if unique_id:
                known = self.by_id.get(unique_id, channel)
                self.by_id[unique_id] = known | channel
