"""The simulator, an Odoo server and its listener, started and stopped together."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from .cache import CHECKOUT, SetupError, environment, undisturbed
from .odoo import Odoo, log_file

API_KEY = "noojee-demo-key"
LAST_PORT = 65535
READY_SECONDS = 90
STOP_SECONDS = 10


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def chosen_port(variable: str, default: int, besides: int | None = None) -> int:
    """The port that a variable names.

    :param besides: a port that was chosen for something else
    :raise SetupError: where it is none, or something listens there already
    """
    written = os.environ.get(variable) or str(default)
    if not re.fullmatch("[0-9]{1,5}", written) or not 0 < int(written) <= LAST_PORT:
        raise SetupError(
            f"{variable}={written} is no port: choose a number from 1 to {LAST_PORT}."
        )
    port = int(written)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if port == besides:
                raise OSError
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise SetupError(
                f"Port {port} is kept for the administrator. Choose another: "
                f"make run {variable}={default}"
            ) from None
        except OSError:
            other = port + 1000 if port + 1000 <= LAST_PORT else port - 1000
            raise SetupError(
                f"Port {port} is taken. Stop what uses it, or choose another: "
                f"make run {variable}={other}"
            ) from None
    return port


class Stack:
    """:param purpose: names the database and the logs
    :param simulator_flags: more of the simulator's command line
    """

    def __init__(
        self,
        odoo: Odoo,
        purpose: str,
        http_port: int,
        simulator_port: int,
        simulator_flags: tuple[str, ...] = (),
    ):
        self.odoo = odoo
        self.purpose = purpose
        self.database = odoo.database_name(purpose)
        self.http_port = http_port
        self.simulator_port = simulator_port
        self.simulator_flags = simulator_flags
        self.processes: dict[str, subprocess.Popen] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def listener_command(self) -> list[str]:
        return self.odoo.command("noojee_listen", "-d", self.database)

    def log(self, name: str) -> Path:
        return log_file(f"{self.purpose}-{name}")

    @contextmanager
    def running(self):
        """Keep all three running.

        :raise SetupError: when one does not come up, with the end of its log
        """
        try:
            self.point_to_simulator()
            self.start_simulator()
            self.start_odoo()
            self._wait_until_answers(f"{self.simulator_url}/", "simulator")
            self._wait_until_answers(f"{self.url}/web/login", "odoo")
            self.start_listener()
            yield self
        finally:
            self.stop()

    def point_to_simulator(self) -> None:
        self.odoo.cluster.sql(
            f"UPDATE noojee_pbx SET base_url = '{self.simulator_url}' "
            f"WHERE api_key = '{API_KEY}'",
            self.database,
        )

    def start_simulator(self) -> None:
        with self.log("simulator").open("w") as output, undisturbed():
            self.processes["simulator"] = subprocess.Popen(
                [
                    *(str(self.odoo.python), "-m", "simulator"),
                    *("--port", str(self.simulator_port), "--api-key", API_KEY),
                    *self.simulator_flags,
                ],
                cwd=CHECKOUT,
                env=environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_odoo(self) -> None:
        words = ("-d", self.database, "--http-port", self.http_port)
        with undisturbed():
            self.processes["odoo"] = self.odoo.start(*words, log=self.log("odoo"))

    def start_listener(self) -> None:
        words = ("noojee_listen", "-d", self.database)
        log = self.log("listener")
        with undisturbed():
            self.processes["listener"] = self.odoo.start(*words, log=log)

    def stop(self, *names: str) -> None:
        """Stop some of them, or all."""
        stopping = {
            name: process
            for name, process in self.processes.items()
            if not names or name in names
        }
        for process in stopping.values():
            process.terminate()
        for name, process in stopping.items():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            del self.processes[name]

    def ended(self) -> str | None:
        """Name of one that ended by itself."""
        return next(
            (name for name, p in self.processes.items() if p.poll() is not None), None
        )

    def _wait_until_answers(self, address: str, name: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and not self.ended():
            try:
                with urllib.request.urlopen(address, timeout=10):
                    return
            except OSError:
                time.sleep(0.2)
        name = self.ended() or name
        lines = self.log(name).read_text(errors="replace").splitlines()[-20:]
        tail = "\n".join(f"    {line}" for line in lines)
        raise SetupError(f"{name} did not come up. The end of its log:\n{tail}")
