"""A simulator as seen by tests: its control API, and a process of one's own."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 10
# desks ring for two minutes all the same: a slow machine must not miss a call
SPEED = ("--speed", "20", "--patience", "80")


class Remote:
    """The control API of a running simulator.

    :param url: its address
    """

    def __init__(self, url: str):
        self.url = url

    def control(self, name: str, **body) -> dict:
        """:param caller: stands for ``from``, which Python keeps for itself
        :raise AssertionError: with the simulator's own words, when it refuses
        """
        if "caller" in body:
            body["from"] = body.pop("caller")
        return self._send("POST", name, json.dumps(body).encode())

    def faults(self, *rows: dict) -> None:
        self.control("faults", faults=list(rows))

    def clear_faults(self) -> None:
        self._send("DELETE", "faults")

    @property
    def struck(self) -> list[int]:
        """How often each of the faults that are set has struck."""
        return [fault["struck"] for fault in self._send("GET", "faults")["faults"]]

    def requests(self, method: str | None = None) -> list[dict]:
        """The REST requests that it was sent, oldest first, the key masked.

        :param method: of one REST method; None: of all
        """
        query = f"?{urlencode({'method': method})}" if method else ""
        return self._send("GET", f"requests{query}")["requests"]

    def wait_for_request(self, method: str, seconds: float = 20) -> list[dict]:
        """:raise AssertionError: when none comes"""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.requests(method):
                return found
            time.sleep(0.1)
        raise AssertionError(f"{method} was not asked for")

    @property
    def state(self) -> dict:
        """Desks with their calls, and the event counter."""
        return self._send("GET", "state")

    @property
    def leads(self) -> list[dict]:
        """The leads of its campaigns: key, campaign, allocation, disposition and
        fields."""
        return self._send("GET", "leads")["leads"]

    @property
    def happened(self) -> list[list[dict]]:
        """Every call since the last reset: its channels, and what was told of each."""
        return self._send("GET", "happened")["calls"]

    @property
    def event_times(self) -> list[dict]:
        """``seq``, ``desk`` and ``at`` of the last events."""
        return self._send("GET", "events")["events"]

    def _send(self, verb: str, path: str, body: bytes | None = None) -> dict:
        request = urllib.request.Request(
            f"{self.url}/control/{path}", data=body, method=verb
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None


class Process(Remote):
    """A simulator started for tests, on a free port and 20 times as fast.

    :param flags: more of its command line
    """

    def __init__(self, api_key: str, *flags: str):
        command = [sys.executable, "-m", "simulator", "--port", "0"]
        # a file: a pipe that nobody empties would hold it up one day
        self._log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*command, "--api-key", api_key, *SPEED, *flags],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.ready_line = self.process.stdout.readline()
        # the ready line ends with the address in use
        super().__init__(self.ready_line.split()[-1])

    def stop(self) -> str:
        """:return: what it logged"""
        self.process.terminate()
        self.process.communicate(timeout=5)
        with self._log:
            self._log.seek(0)
            return self._log.read()
