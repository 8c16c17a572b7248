"""`make test`: every test, in three layers; `TEST=…` picks some."""

import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from stack import chromium
from stack.cache import CHECKOUT, as_main, folder, say
from stack.odoo import Odoo, log_file
from stack.postgres import Cluster
from stack.processes import Stack, free_port

ODOO_RESULT = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading")
# models of another addon, to show what one gets by inheriting from ours
TEST_ADDONS = CHECKOUT / "dev/test_addons"
# a skipped test has shown nothing
ODOO_SKIPPED = re.compile(r" skipped \S+")
HOOT_RESULT = re.compile(r"\[HOOT\].*?Passed (\d+) tests")


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        return self


def main() -> int:
    chosen = os.environ.get("TEST", "").strip().rstrip("/")
    tally = Tally()
    with Cluster().running() as cluster:
        odoo = Odoo(cluster, (TEST_ADDONS,))
        if runs("dev/unit", chosen):
            say("Layer 1: the client and the simulator on their own")
            tally += run_pytest(odoo, "dev/unit", chosen)
        if not chosen.startswith("dev/unit"):
            browser = chromium.provide()
            base = odoo.database_name("test")
            odoo.install(base, *test_addons())
            # its own copy: what it commits must not meet the other layer's tests
            stack = Stack(odoo, "e2e", free_port(), free_port())
            odoo.copy(base, stack.database)
            if runs("tests", chosen):
                say("Layer 2: the addon in Odoo's own runner")
                tally += run_odoo(odoo, base, chosen)
            if runs("dev/e2e", chosen):
                say("Layer 3: a person's clicks on a running Odoo")
                tally += run_e2e(stack, browser, chosen)
            for database in (base, stack.database):
                odoo.drop(database)
    if not tally.passed and not tally.failed:
        print(f"No test fits TEST={chosen}")
        return 1
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def runs(layer: str, chosen: str) -> bool:
    """A path picks its layer; a name is looked for in all."""
    is_path = "/" in chosen or chosen == "tests"
    return not is_path or chosen.startswith(layer)


def run_pytest(odoo: Odoo, layer: str, chosen: str, **environment) -> Tally:
    report = folder("log") / f"pytest-{os.getpid()}.xml"
    report.unlink(missing_ok=True)
    which = [chosen or layer] if "/" in chosen or not chosen else [layer, "-k", chosen]
    finished = subprocess.run(
        [
            *(odoo.python, "-m", "pytest", "-c", "dev/pytest.ini"),
            *(f"--junitxml={report}", *which),
        ],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        check=False,
    )
    return read_report(report, finished.returncode)


def read_report(report: Path, status: int) -> Tally:
    if not report.exists():
        return Tally(failed=1)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    tally = Tally()
    for suite in suites:
        # a skipped test has shown nothing: it counts as failed
        failed = sum(int(suite.get(n)) for n in ("failures", "errors", "skipped"))
        tally += Tally(int(suite.get("tests")) - failed, failed)
    report.unlink()
    nothing_fits = 5
    if status not in (0, nothing_fits) and not tally.failed:
        tally.failed = 1
    return tally


def run_odoo(odoo: Odoo, database: str, chosen: str) -> Tally:
    log = log_file("test-odoo")
    process = odoo.start(
        *("-d", database, "--test-tags", odoo_tags(chosen), "--stop-after-init"),
        *("--http-port", free_port(), "--log-level=test"),
        log=log,
    )
    try:
        follow(process, log)
    finally:
        # Ctrl-C reaches this process alone
        process.terminate()
        process.wait()
    text = log.read_text(errors="replace")
    found = ODOO_RESULT.search(text)
    if not found:
        print("\n".join(text.splitlines()[-30:]))
        return Tally(failed=1)
    failures, errors, total = map(int, found.groups())
    failed = failures + errors + len(ODOO_SKIPPED.findall(text))
    hoot = sum(map(int, HOOT_RESULT.findall(text)))
    return Tally(max(0, total - failed) + hoot, failed or int(process.returncode != 0))


def follow(process: subprocess.Popen, log: Path) -> None:
    with log.open(errors="replace") as lines:
        while (line := lines.readline()) or process.poll() is None:
            if line:
                show_odoo_line(line)
            else:
                time.sleep(0.2)


def show_odoo_line(line: str) -> None:
    interesting = (": Starting Test", " ERROR ", " FAIL", "Traceback", "Error: ")
    if any(mark in line for mark in interesting) or not line.startswith("20"):
        print(line, end="", flush=True)


def test_addons() -> list[str]:
    return sorted(path.parent.name for path in TEST_ADDONS.glob("*/__manifest__.py"))


def odoo_tags(chosen: str) -> str:
    """Odoo's own words for what was picked."""
    if "/" in chosen:
        return f"/noojee/{chosen}"
    name, dot, method = chosen.partition(".")
    if chosen in ("", "tests"):
        which = ""
    elif dot or name.startswith("Test"):
        which = f":{name}{dot}{method}"
    else:
        which = f".{name}"
    return ",".join(f"/{addon}{which}" for addon in ("noojee", *test_addons()))


def run_e2e(stack: Stack, browser: str, chosen: str) -> Tally:
    environment = stack.odoo.environment
    # what a further listener needs to run
    odoo_variables = {name: environment[name] for name in ("ODOO_RC", "PYTHONPATH")}
    with stack.running():
        tally = run_pytest(
            stack.odoo,
            "dev/e2e",
            chosen,
            NOOJEE_URL=stack.url,
            NOOJEE_SIMULATOR_URL=stack.simulator_url,
            NOOJEE_BROWSER=browser,
            NOOJEE_DATABASE=stack.database,
            NOOJEE_DATABASE_HOST=str(stack.odoo.cluster.socket),
            NOOJEE_LISTENER=json.dumps(
                {"command": stack.listener_command, "environment": odoo_variables}
            ),
        )
    if tally.failed:
        print(f"Logs of the servers: {stack.log('odoo').parent}", file=sys.stderr)
    return tally


if __name__ == "__main__":
    as_main(main)
