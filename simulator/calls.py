"""Desks, calls and their channels."""

from dataclasses import dataclass, field
from datetime import datetime

RINGING = "Ringing"
DIALING_OUT = "Dialing Out"
CONNECTED = "Connected"
HUNGUP = "Hungup"

# words of ``checkState`` (section 3); "On Hold" needs a setting of the PBX: never sent
CHECK_STATE_WORDS = {
    RINGING: "Ringing Agent",
    DIALING_OUT: "Ringing Client",
    CONNECTED: "On Call",
    HUNGUP: "Hung Up",
}


@dataclass(slots=True)
class Desk:
    """:param login: the Noojee user attached to the extension"""

    number: str
    make: str
    ip: str
    login: str = ""


@dataclass(slots=True)
class Channel:
    """What a call is at one desk: the source of its events (section 4).

    :param wire_id: the events' ``CallID``, and the ``SessionID`` of a dial
    :param party: the other side's number, as this desk sees it
    :param told: the states that were reported
    """

    call: "Call"
    desk: Desk
    unique_id: str
    wire_id: int
    caller_id: str
    party: str
    inbound: bool
    status: str = RINGING
    is_click: bool = False
    is_queue: bool = False
    secondary_id: str = ""
    outbound_destination: str = ""
    connected_at: datetime | None = None
    told: list[str] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.status != HUNGUP

    @property
    def can_answer(self) -> bool:
        return self.status == RINGING and self.inbound

    def row(self) -> dict:
        """Its event as it goes over the wire. ``callStartTime`` is empty until it is
        connected (the document shows it empty while ringing)."""
        started = self.connected_at
        data = {
            "canAnswer": self.can_answer,
            "callerId": self.caller_id,
            "uniqueCallId": self.unique_id,
            "secondaryUniqueCallId": self.secondary_id,
            "callStartTime": f"{started:%Y-%m-%d %H:%M:%S}" if started else "",
            "isQueueCall": self.is_queue,
            "isClickToDialCall": self.is_click,
            "inbound": self.inbound,
            "otherPartyCallerId": self.party,
            "connectedCallerIdNum": self.party if started else "",
            "outboundDestination": self.outbound_destination,
            "status": self.status,
        }
        return {"CallData": data, "CallID": self.wire_id, "Code": 0}

    def check_state(self) -> dict:
        """Its part of a reply to ``checkState`` (section 3)."""
        message = CHECK_STATE_WORDS[self.status]
        return {"uniqueCallId": self.unique_id, "Message": message, "Code": 0}


@dataclass(slots=True)
class Call:
    """One conversation.

    :param number: the other side's, as dialled or as it called
    :param far_id: unique id of the outside channel, once there is one
    :param is_reported: whether ``subscribe`` tells of it
    """

    number: str
    direction: str
    is_reported: bool = True
    far_id: str = ""
    channels: list[Channel] = field(default_factory=list)

    @property
    def running(self) -> list[Channel]:
        return [channel for channel in self.channels if channel.is_running]

    @property
    def unique_ids(self) -> set[str]:
        """Primary and secondary ids of all its channels."""
        ids = {self.far_id}
        for channel in self.channels:
            ids |= {channel.unique_id, channel.secondary_id}
        return ids - {""}
