"""Every method of noojee-api.md by its path, and the answer to one request."""

from .call_api import RESOURCE as CALLS
from .call_api import CallApi
from .campaign_api import RESOURCE as CAMPAIGNS
from .campaign_api import CampaignApi
from .campaigns import Campaigns
from .method import ADMIN, JSON, SERVICE, Method
from .other_api import HEALTH, ROSTERS, OtherApi
from .pbx import Pbx
from .recording_api import RESOURCE as RECORDINGS
from .recording_api import RecordingApi
from .replies import KEY_REFUSED, Refusal, Reply, entities, envelope

# the resources that write their envelope in lower case, and its type in an error
LOWER_CASE = {CAMPAIGNS: "campaign", ROSTERS: "roster", HEALTH: HEALTH}


class Api:
    """Answers one request: parameters in, :class:`Reply` out.

    :param has_older_times: spelling of recordings' times and direction
    """

    def __init__(
        self,
        pbx: Pbx,
        campaigns: Campaigns,
        api_key: str,
        *,
        has_older_times: bool = False,
    ):
        self.pbx = pbx
        self.campaigns = campaigns
        self.api_key = api_key
        self.has_older_times = has_older_times
        self._methods = self._by_path()

    def _by_path(self) -> dict[tuple[str, str, str], Method]:
        recording = RecordingApi(self.pbx, has_older_times=self.has_older_times)
        # older systems have the recording methods beside the calls (section 1)
        recording_base = (SERVICE, CALLS) if self.pbx.is_older else (ADMIN, RECORDINGS)
        other = OtherApi(self.pbx)
        campaigns = CampaignApi(self.campaigns, is_older=self.pbx.is_older)
        return {
            **_under((SERVICE, CALLS), CallApi(self.pbx).methods()),
            **_under(recording_base, recording.methods()),
            **_under((SERVICE, CAMPAIGNS), campaigns.methods()),
            **_under((SERVICE, ROSTERS), other.roster_methods()),
            **_under((SERVICE, HEALTH), other.health_methods()),
        }

    def method(self, path: str) -> Method | None:
        """The method at ``/<base>/rest/<Resource>/<method>``, case-sensitive."""
        match path.split("/"):
            case ["", base, "rest", resource, name]:
                return self._methods.get((base, resource, name))
        return None

    @property
    def method_names(self) -> set[str]:
        return {name for _base, _resource, name in self._methods}

    def answer(self, method: Method, resource: str, params: dict, body: bytes) -> Reply:
        """Check the key, then the parameters, then act.

        :raise Gone: when the PBX restarts while it waits
        """
        try:
            if params.get("apiKey") != self.api_key:
                raise Refusal(KEY_REFUSED, "Invalid API key")
            method.check(params)
            has_body = method.content_type == JSON
            answer = method.handler(params, *([body] if has_body else []))
        except Refusal as refusal:
            return refused(resource, refusal)
        if isinstance(answer, Reply):
            return answer
        return Reply(answer, code=0)


def refused(resource: str, refusal: Refusal) -> Reply:
    """A refusal in the shape of a resource."""
    if resource in LOWER_CASE:
        body = entities(LOWER_CASE[resource], [], refusal.code, refusal.message)
    else:
        body = envelope(refusal.code, refusal.message)
    return Reply(body, refusal.status, code=refusal.code)


def _under(base: tuple[str, str], methods: dict[str, Method]) -> dict:
    return {(*base, name): method for name, method in methods.items()}
