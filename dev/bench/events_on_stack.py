"""The part of events.py that needs the tests' Python."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "dev")]

from stack.cache import as_main, say  # noqa: E402
from stack.odoo import Odoo  # noqa: E402
from stack.postgres import USER, Cluster  # noqa: E402
from stack.processes import Stack, free_port  # noqa: E402

from simulator.remote import Remote  # noqa: E402
from simulator.traffic import RINGS, TALKS  # noqa: E402

FIRST_DESK = 1000
DESKS = 1000
EVENTS_OF_A_CALL = 3
# events in a second that are offered, one after the other
RATES = [int(word) for word in os.environ.get("RATES", "150 300 500 600").split()]
SECONDS = 10
# lags come out so much too long at most; to look more often would take a part of a core
LOOKS_SECONDS = 0.02
DRAIN_SECONDS = 60
CUSTOMERS = 1000
# the listener works out its users' rights while nothing happens
IDLE_SECONDS = 30

SET_UP = """
pbx = env["noojee.pbx"].search([("api_key", "!=", False)], limit=1)
# the demo's desks are not among the simulator's
pbx.extension_ids.unlink()
users = env["res.users"].with_context(no_reset_password=True).create([
    {{
        "name": f"Agent {{desk}}",
        "login": f"agent{{desk}}",
        "group_ids": [(4, env.ref("noojee.group_user").id)],
    }}
    for desk in range({first}, {end})
])
env["noojee.extension"].create([
    {{"pbx_id": pbx.id, "number": user.login[5:], "user_id": user.id}} for user in users
])
env["res.partner"].create([
    {{
        "name": f"Customer {{n}}",
        "phone": f"0370{{n:06d}}",
        "country_id": env.ref("base.au").id,
    }}
    for n in range({customers})
])
env.cr.commit()
"""

OFFLINE = """
import sys
import time
import odoo.sql_db
from odoo.addons.noojee.client import CallEvent
pbx = env["noojee.pbx"].search([("extension_ids", "!=", False)], limit=1)
def events(start, count):
    for n in range(start, start + count):
        for status in ("Ringing", "Connected", "Hungup"):
            data = {{
                "status": status,
                "callerId": f"0370{{n % {customers}:06d}}",
                "uniqueCallId": f"1412750652.{{n}}",
                "inbound": True,
            }}
            yield CallEvent.from_wire(str({first} + n % {desks}), data, pbx.tz)
def batches(start, size):
    waiting = list(events(start, {calls}))
    # as they come: all desks ring, then they are answered, then they hang up
    waiting.sort(key=lambda e: ("Ringing", "Connected", "Hungup").index(e.status_word))
    return [waiting[at : at + size] for at in range(0, len(waiting), size)]
def take_in(found):
    for batch in found:
        env["noojee.call"]._ingest_apart(pbx, batch)
def counted(found):
    # what no other work on the machine changes
    calls = 0
    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")
    statements = odoo.sql_db.sql_counter
    sys.setprofile(count)
    take_in(found)
    sys.setprofile(None)
    number = sum(map(len, found))
    statements = odoo.sql_db.sql_counter - statements
    return f"{{statements / number:12.1f}} | {{calls / number:11.0f}}"
def run(name, start, size):
    found = batches(start, size)
    began = time.perf_counter()
    take_in(found)
    seconds = time.perf_counter() - began
    rate = sum(map(len, found)) / seconds
    print(f"@ {{name}} | {{rate:8.0f}} | {{counted(batches(start + 10_000, size))}}")
run("warm-up", 0, 40)
run("one transaction for each event", 100_000, 1)
run("a batch of 40 in one transaction", 200_000, 40)
"""


class Watch(threading.Thread):
    """Notes when each subscription's number is seen in the database: all events up to
    it stand in Odoo then."""

    def __init__(self, database: str, host: Path):
        super().__init__(daemon=True)
        self.connection = psycopg2.connect(dbname=database, host=str(host), user=USER)
        self.connection.autocommit = True
        self.seen: dict[str, list[tuple[int, float]]] = {}

    def run(self) -> None:
        # until the bench ends, and takes the database along
        with suppress(psycopg2.OperationalError), self.connection.cursor() as cursor:
            while True:
                for extensions, number in self._numbers(cursor):
                    rows = self.seen.setdefault(extensions, [])
                    if not rows or rows[-1][0] != number:
                        rows.append((number, time.time()))
                time.sleep(LOOKS_SECONDS)

    def _numbers(self, cursor):
        cursor.execute(
            "SELECT extensions, sequence_number::bigint FROM noojee_listener"
        )
        return cursor.fetchall()

    def moments(self, events: list[dict]) -> list[tuple[float, float]]:
        """For each event, when it happened and since when it stood in Odoo."""
        lists = {
            desk: extensions
            for extensions in self.seen
            for desk in extensions.split(",")
        }
        by_list = {}
        for event in events:
            by_list.setdefault(lists[event["desk"]], []).append(event)
        moments = []
        for extensions, rows in by_list.items():
            seen = iter(self.seen[extensions])
            number, at = next(seen)
            for event in rows:
                while number < event["seq"]:
                    # StopIteration: never taken in; the caller waits before
                    number, at = next(seen)
                moments.append((event["at"], at))
        return moments


def main() -> int:
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        desks = ("--desks", f"{FIRST_DESK}-{FIRST_DESK + DESKS - 1}")
        stack = Stack(odoo, "bench_events", free_port(), free_port(), desks)
        odoo.install(stack.database)
        try:
            say(f"{DESKS} desks with their users")
            run_script(
                stack,
                SET_UP.format(
                    first=FIRST_DESK, end=FIRST_DESK + DESKS, customers=CUSTOMERS
                ),
            )
            print_offline(stack)
            with stack.running():
                print_live(stack)
        finally:
            odoo.drop(stack.database)
    return 0


def run_script(stack: Stack, script: str) -> str:
    process = subprocess.run(
        stack.odoo.command(
            *("shell", "-d", stack.database, "--no-http", "--log-level=error")
        ),
        env=stack.odoo.environment,
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode or "Traceback" in process.stderr + process.stdout:
        sys.exit(process.stdout + process.stderr)
    return process.stdout


def print_offline(stack: Stack) -> None:
    script = OFFLINE.format(
        first=FIRST_DESK, desks=DESKS, calls=400, customers=CUSTOMERS
    )
    out = run_script(stack, "exec('''" + script + "''')\n")
    print(
        "\nWithout the wire                   | events/s | statements/e | calls/e"
        "     (of Python's functions)"
    )
    for line in out.splitlines():
        _before, mark, words = line.partition("@ ")
        if mark and "warm-up" not in words:
            name, figures = words.split(" | ", 1)
            print(f"{name:34} | {figures}")


def print_live(stack: Stack) -> None:
    simulator = Remote(stack.simulator_url)
    watch = Watch(stack.database, stack.odoo.cluster.socket)
    watch.start()
    while not watch.seen or not all(rows[-1][0] for rows in watch.seen.values()):
        simulator.control("traffic", per_second=1, seconds=1)
        time.sleep(3)
    time.sleep(IDLE_SECONDS)
    print(f"\nThrough the listener, {DESKS} desks, {len(watch.seen)} subscriptions")
    print("offered/s | taken in/s | lag p50 |     p95 |     p99 | (ms)")
    for rate in RATES:
        print_rate(simulator, watch, rate)


def print_rate(simulator: Remote, watch: Watch, rate: int) -> None:
    before = simulator.state["seq"]
    calls = rate / EVENTS_OF_A_CALL
    simulator.control("traffic", per_second=calls, seconds=SECONDS)
    expected = round(calls * SECONDS) * EVENTS_OF_A_CALL
    deadline = time.monotonic() + SECONDS + DRAIN_SECONDS
    moments = None
    while moments is None and time.monotonic() < deadline:
        time.sleep(1)
        events = [row for row in simulator.event_times if row["seq"] > before]
        if len(events) < expected:
            continue
        try:
            moments = watch.moments(events)
        except StopIteration:
            moments = None
    if not moments:
        print(f"{rate:9} | not all of {expected} events were taken in")
        return
    # while calls begin, are answered and end, all at once
    first = min(happened for happened, _stood in moments)
    begin, end = first + RINGS + TALKS, first + SECONDS
    taken = sum(begin <= stood < end for _happened, stood in moments)
    lags = sorted(stood - happened for happened, stood in moments)
    p50, p95, p99 = (1000 * lags[int(len(lags) * q)] for q in (0.5, 0.95, 0.99))
    print(
        f"{rate:9} | {taken / (end - begin):10.0f} | {p50:7.0f} | {p95:7.0f} |"
        f" {p99:7.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    as_main(main)
