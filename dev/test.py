"""`make test`: every test, in three layers; `TEST=…` picks some."""

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from stack import chromium, results
from stack.cache import (
    CHECKOUT,
    as_main,
    end_group,
    environment,
    say,
    undisturbed,
)
from stack.lanes import in_lanes, shares
from stack.odoo import Odoo, log_file
from stack.postgres import Cluster
from stack.processes import Stack, free_port
from stack.results import Tally

# models of another addon, to show what one gets by inheriting from ours
TEST_ADDONS = CHECKOUT / "dev/test_addons"
# tests wait much of their time
LANES = 2
PIPED = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
LAYER_1 = "Layer 1: the client and the simulator on their own"
LAYER_2 = "Layer 2: the addon in Odoo's own runner"
# the file of the unit tests of the browser's side, and as much work as so many bytes
JS_TESTS, JS_BYTES = "tests/test_js.py", 50_000


def main() -> int:
    chosen = os.environ.get("TEST", "").strip().rstrip("/")
    tally = Tally()
    with Cluster().running() as cluster:
        odoo = Odoo(cluster, (TEST_ADDONS,))
        if chosen.startswith("dev/unit"):
            say(LAYER_1)
            tally += run_pytest(odoo, "dev/unit", chosen)
        else:
            browser = chromium.provide()
            base = odoo.database_name("test")
            odoo.install(base, *test_addons())
            # their own copies: what they commit must not meet the other layer's tests
            stacks = [
                Stack(odoo, f"e2e{lane}", free_port(), free_port())
                for lane in range(LANES if chosen in ("", "dev/e2e") else 1)
            ]
            for stack in stacks:
                odoo.copy(base, stack.database)
            if runs("tests", chosen):
                tally += run_without_clicks(odoo, base, chosen)
            if runs("dev/e2e", chosen):
                say("Layer 3: a person's clicks on a running Odoo")
                tally += run_e2e(stacks, browser, chosen)
            for database in (base, *(stack.database for stack in stacks)):
                odoo.drop(database)
    return results.conclude(tally, chosen)


def runs(layer: str, chosen: str) -> bool:
    """A path picks its layer; a name is looked for in all."""
    is_path = "/" in chosen or chosen == "tests"
    return not is_path or chosen.startswith(layer)


def run_without_clicks(odoo: Odoo, database: str, chosen: str) -> Tally:
    """The first two layers beside each other."""
    tally = Tally()
    works = []
    if runs("dev/unit", chosen):
        say(LAYER_1)
        works.append(lambda stop: run_pytest(odoo, "dev/unit", chosen, stop))
    say(LAYER_2)
    parts = odoo_parts(chosen)
    databases = [database, *(f"{database}{n}" for n in range(1, len(parts)))]
    for copied in databases[1:]:
        odoo.copy(database, copied)
    for name, tags in zip(databases, parts, strict=True):
        works.append(
            lambda stop, name=name, tags=tags: run_odoo(odoo, name, tags, stop)
        )
    # all of them at once
    for of_part in in_lanes(works, works, lambda work, _lane, stop: work(stop)):
        tally += of_part
    for copied in databases[1:]:
        odoo.drop(copied)
    return tally


def run_pytest(odoo: Odoo, layer: str, chosen: str, stop=None, **variables) -> Tally:
    """:param threading.Event stop: ends it; given where others run at the same time:
    what it prints comes at its end"""
    report = log_file(f"pytest-{os.getpid()}-{threading.get_ident()}")
    report = report.with_suffix(".xml")
    report.unlink(missing_ok=True)
    which = [chosen or layer] if "/" in chosen or not chosen else [layer, "-k", chosen]
    process = None
    printed = ""
    try:
        with undisturbed():
            process = subprocess.Popen(
                [
                    *(odoo.python, "-m", "pytest", "-c", "dev/pytest.ini"),
                    *(f"--junitxml={report}", *which),
                ],
                cwd=CHECKOUT,
                env={**environment(), **variables},
                start_new_session=True,
                **(PIPED if stop else {}),
            )
        if stop:
            printed = read_until_stopped(process, stop)
        else:
            process.wait()
    finally:
        if process:
            # as Ctrl-C does, so that its fixtures stop what they started
            end_group(process, signal.SIGINT)
    if stop:
        print(f"{chosen or layer}\n{printed}", end="", flush=True)
    tally = results.of_pytest(report, process.returncode)
    report.unlink(missing_ok=True)
    return tally


def read_until_stopped(process: subprocess.Popen, stop: threading.Event) -> str:
    while not stop.is_set():
        try:
            printed, _nothing = process.communicate(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
        return printed.decode(errors="replace")
    return ""


def run_odoo(odoo: Odoo, database: str, tags: str, stop: threading.Event) -> Tally:
    log = log_file(f"test-odoo-{database}")
    process = odoo.start(
        *("-d", database, "--test-tags", tags, "--stop-after-init"),
        *("--http-port", free_port(), "--log-level=test"),
        log=log,
    )
    try:
        follow(process, log, stop)
    finally:
        end_group(process)
    text = log.read_text(errors="replace")
    tally = results.of_odoo(text, process.returncode, must_use_browser=JS_TESTS in tags)
    if not results.ODOO_RESULT.search(text):
        print("\n".join(text.splitlines()[-30:]))
    return tally


def follow(process: subprocess.Popen, log: Path, stop: threading.Event) -> None:
    with log.open(errors="replace") as lines:
        while True:
            has_ended = process.poll() is not None or stop.is_set()
            for line in lines:
                show_odoo_line(line)
            if has_ended:
                return
            time.sleep(0.2)


def show_odoo_line(line: str) -> None:
    interesting = (": Starting Test", " ERROR ", " FAIL", "Traceback", "Error: ")
    if any(mark in line for mark in interesting) or not line.startswith("20"):
        print(line, end="", flush=True)


def test_addons() -> list[str]:
    return sorted(path.parent.name for path in TEST_ADDONS.glob("*/__manifest__.py"))


def odoo_parts(chosen: str) -> list[str]:
    """In Odoo's own words what was picked; of everything a part for each lane."""
    if chosen not in ("", "tests"):
        return [odoo_tags(chosen)]
    files = [
        str(path.relative_to(CHECKOUT)) for path in CHECKOUT.glob("tests/test_*.py")
    ]
    first, *others = shares(files, LANES, odoo_weight)
    parts = [[f"/noojee/{path}" for path in part] for part in (first, *others)]
    parts[0] += [f"/{addon}" for addon in test_addons()]
    return [",".join(part) for part in parts]


def odoo_weight(path: str) -> int:
    return JS_BYTES if path == JS_TESTS else (CHECKOUT / path).stat().st_size


def odoo_tags(chosen: str) -> str:
    if "/" in chosen:
        return f"/noojee/{chosen}"
    name, dot, method = chosen.partition(".")
    if dot or name.startswith("Test"):
        which = f":{name}{dot}{method}"
    else:
        which = f".{name}"
    return ",".join(f"/{addon}{which}" for addon in ("noojee", *test_addons()))


def run_e2e(stacks: list[Stack], browser: str, chosen: str) -> Tally:
    """Each file's tests run one after the other, on one of the stacks."""
    tally = Tally()
    with ExitStack() as running:
        for stack in stacks:
            running.enter_context(stack.running())
        if len(stacks) == 1:
            return run_on_stack(chosen, stacks[0], None, browser)
        for of_file in in_lanes(
            e2e_files(), stacks, lambda *work: run_on_stack(*work, browser)
        ):
            tally += of_file
    return tally


def e2e_files() -> list[str]:
    """The longest first: none of them is begun when the others are done."""
    files = CHECKOUT.glob("dev/e2e/test_*.py")
    by_size = sorted(files, key=lambda path: path.stat().st_size, reverse=True)
    return [str(path.relative_to(CHECKOUT)) for path in by_size]


def run_on_stack(chosen: str, stack: Stack, stop, browser: str) -> Tally:
    of_odoo = stack.odoo.environment
    # what a further listener needs to run
    odoo_variables = {name: of_odoo[name] for name in ("ODOO_RC", "PYTHONPATH")}
    logs = {
        stack.log(name): stack.log(name).stat().st_size for name in ("odoo", "listener")
    }
    tally = run_pytest(
        stack.odoo,
        "dev/e2e",
        chosen,
        stop,
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
        for log, size in logs.items():
            written = log.read_bytes()[size:].decode(errors="replace")
            words = results.complaints(written)
            if words:
                tally.failures.append((f"Warnings in {log}", words))
    return tally


if __name__ == "__main__":
    as_main(main)
