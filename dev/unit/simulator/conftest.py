"""The simulator as a process, and the PBX model on a clock that tests move."""

import heapq
import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests

from simulator.pbx import Pbx
from simulator.remote import Process

API_KEY = "k3y of/the tests"
YEALINK = r"Call-Info:\; answer-after=0"


class Simulator(Process):
    """A running simulator, its REST API and its control API."""

    def ask(self, verb, path, key=API_KEY, json=None, timeout=10, **params):
        """A REST request below the address.

        :param key: None: without a key
        """
        if key is not None:
            params["apiKey"] = key
        headers = {}
        if verb == "POST" and json is None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return requests.request(
            verb,
            f"{self.url}/{path}",
            params=params,
            headers=headers,
            json=json,
            timeout=timeout,
        )

    def call(self, method, **params):
        path = f"servicemanager/rest/CallManagementAPI/{method}"
        return self.ask("POST", path, **params).json()

    def recording(self, method, **params):
        return self.ask("POST", f"njadmin/rest/RecordingAPI/{method}", **params)

    def campaign(self, method, **params):
        path = f"servicemanager/rest/CampaignAPI/{method}"
        return self.ask("GET", path, **params).json()

    def lead(self, method, body, **params):
        place = {"fTemplateId": "1", "fCampaignId": "11", "fAllocationId": "111"}
        path = f"servicemanager/rest/CampaignAPI/{method}"
        return self.ask("POST", path, json=body, **{**place, **params})

    def dial(self, number="0412345678", **params):
        words = {"extenOrUniqueId": "SIP/101", "autoAnswer": YEALINK, **params}
        return self.call("dial", number=number, monitored="yes", **words)

    def poll(self, exten="101", last=0, seconds=5):
        return self.call(
            "subscribe", exten=exten, lastSequenceNumber=last, timeOut=seconds
        )

    def follow(self, exten, last, until):
        """Events of an extension until one has a status, and the last number."""
        found = []
        while until not in [event["CallData"]["status"] for event in found]:
            reply = self.poll(exten, last)
            assert reply["Data"], f"no {until} came"
            found += reply["Data"][exten]
            last = reply["seq"]
        return found, last

    @property
    def seq(self):
        return self.state["seq"]


class StillClock:
    """Time passes when a test says so."""

    def __init__(self):
        self.moment = datetime(
            2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Australia/Melbourne")
        )
        self._due = []
        self._counter = itertools.count()

    def now(self):
        return self.moment

    def later(self, seconds, action):
        due = self.moment + timedelta(seconds=seconds)
        heapq.heappush(self._due, (due, next(self._counter), action))

    def advance(self, seconds):
        end = self.moment + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= end:
            self.moment, _count, action = heapq.heappop(self._due)
            action()
        self.moment = end


@pytest.fixture(scope="session")
def process():
    made = Simulator(API_KEY)
    yield made
    made.stop()


@pytest.fixture
def simulator(process):
    """The running simulator, as at its beginning."""
    process.control("reset")
    return process


@pytest.fixture
def start():
    """Start another simulator with some flags."""
    made = []

    def started(*flags):
        made.append(Simulator(API_KEY, *flags))
        return made[-1]

    yield started
    for process in made:
        if process.process.poll() is None:
            process.stop()


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def pbx(clock):
    return Pbx(range(100, 110), clock)
