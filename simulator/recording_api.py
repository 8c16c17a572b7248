"""``RecordingAPI``: lists of legs and their audio (noojee-api.md section 5)."""

from .legs import Leg
from .method import Method, integer, moment
from .pbx import Pbx
from .replies import BAD_PARAMETER, Refusal, Reply, html

RESOURCE = "RecordingAPI"


class RecordingApi:
    """:param has_older_times: spelling of times and direction in the lists"""

    def __init__(self, pbx: Pbx, *, has_older_times: bool):
        self.recordings = pbx.recordings
        self.has_older_times = has_older_times

    def methods(self) -> dict[str, Method]:
        return {
            "retrieveMetaData": Method(self.by_tag, required=("tag",)),
            "retrieveMetaDataByUniqueId": Method(self.by_call, required=("uniqueId",)),
            "retrieveMetaDataByHour": Method(self.by_hour, required=("date", "hour")),
            "retrieve": Method(self.audio, optional=("tag", "uniqueId", "leg")),
            "retrieveByCallRecordId": Method(
                self.audio_of_record, required=("callRecordId",), optional=("leg",)
            ),
        }

    # === LISTS === #

    def by_tag(self, params: dict) -> list[dict]:
        return self._rows(self.recordings.tagged(params["tag"]))

    def by_call(self, params: dict) -> list[dict]:
        return self._rows(self.recordings.of_call(params["uniqueId"]))

    def by_hour(self, params: dict) -> list[dict]:
        """Once a minute of real time; a request that is refused does not count (the
        document is silent)."""
        day = moment(params["date"], "%Y/%m/%d", "date is not yyyy/MM/dd").date()
        hour = integer(params, "hour")
        if not 0 <= hour <= 23:
            raise Refusal(BAD_PARAMETER, "hour is not 0 to 23")
        return self._rows(self.recordings.of_hour(day, hour))

    def _rows(self, legs: list[Leg]) -> list[dict]:
        return [leg.row(is_older=self.has_older_times) for leg in legs]

    # === AUDIO === #

    def audio(self, params: dict) -> Reply:
        """A leg's audio; without ``leg`` the first (no source describes it)."""
        if params.get("tag"):
            return _audio(self.recordings.tagged(params["tag"]), params)
        if params.get("uniqueId"):
            return _audio(self.recordings.of_call(params["uniqueId"]), params)
        raise Refusal(BAD_PARAMETER, "Missing parameter tag or uniqueId")

    def audio_of_record(self, params: dict) -> Reply:
        return _audio(self.recordings.of_record(params["callRecordId"]), params)


def _audio(legs: list[Leg], params: dict) -> Reply:
    wanted = integer(params, "leg") if params.get("leg") else 1
    leg = next((leg for leg in legs if leg.number == wanted), None)
    if not leg:
        # still being written, or never there
        return html(404, "Not Found")
    return Reply(leg.audio(), content_type="audio/wav", code=0)
