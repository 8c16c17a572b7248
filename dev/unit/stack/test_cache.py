"""The folder of all that is provided, and how commands end."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from dev.stack import cache
from dev.stack.cache import CHECKOUT, SetupError

# stopping takes a while, and says when it begins and when it is over
SCRIPT = """
import time
from stack.cache import as_main

def main():
    try:
        print("running", flush=True)
        time.sleep(60)
    finally:
        print("stopping", flush=True)
        time.sleep(2)
        print("stopped", flush=True)

as_main(main)
"""

# a shell in a step, with a child that says who it is and goes on for long
STEP = """
import time
from stack import cache
from stack.cache import as_main, step

cache.END_SECONDS = 1
start = cache.subprocess.Popen.__init__

def start_slowly(*args, **kwargs):
    start(*args, **kwargs)
    # on a busy machine others have their turn now
    time.sleep({pause})

cache.subprocess.Popen.__init__ = start_slowly
as_main(lambda: step("Working", ["sh", "-c", {shell!r}], must_finish={must_finish}))
"""
WITH_A_CHILD = "sleep 300 & echo $! >$MARK; wait"
DEAF = "trap '' TERM INT HUP; " + WITH_A_CHILD
BRIEF = "echo $$ >$MARK; sleep 2; echo done >$MARK"


@pytest.mark.parametrize("use", [cache.folder, lambda: cache.locked("x").__enter__()])
def test_folder_that_cannot_be_made(tmp_path, monkeypatch, use):
    (tmp_path / "file").touch()
    monkeypatch.setattr(cache, "ROOT", tmp_path / "file" / "cache")
    with pytest.raises(SetupError, match="NOOJEE_CACHE=/path"):
        use()


def test_file_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    (tmp_path / "x.lock").mkdir()
    with pytest.raises(SetupError, match="NOOJEE_CACHE=/path"):
        cache.locked("x").__enter__()


@pytest.fixture
def heeded_interrupts():
    """A script's background job is started deaf to Ctrl-C, and so is what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded_interrupts")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_is_not_interrupted(number):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "dev")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for word in ("running", "stopping"):
        assert process.stdout.readline().strip() == word
        process.send_signal(number)
    # somebody who has lost patience
    for other in (signal.SIGINT, signal.SIGTERM):
        time.sleep(0.1)
        process.send_signal(other)
    told, errors = process.communicate(timeout=30)
    assert told.strip() == "stopped"
    assert errors.strip() == "Stopped."
    assert process.returncode == 130


@pytest.fixture
def run_step(tmp_path):
    """Run a step in a command of its own, and have it once its shell is at work."""
    mark = tmp_path / "mark"

    def start(shell, must_finish=False, pause=0):
        code = STEP.format(shell=shell, must_finish=must_finish, pause=pause)
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "PYTHONPATH": str(CHECKOUT / "dev"),
                "NOOJEE_CACHE": str(tmp_path / "cache"),
                "MARK": str(mark),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not (mark.exists() and mark.read_text()):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        return process

    yield start
    with suppress(ValueError, ProcessLookupError):
        os.kill(int(mark.read_text()), signal.SIGKILL)


@pytest.mark.usefixtures("heeded_interrupts")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("shell", "pause"),
    [(WITH_A_CHILD, 0), (DEAF, 0), (WITH_A_CHILD, 2)],
    ids=["with a child", "deaf", "being started"],
)
def test_interrupted_step_leaves_nothing_behind(
    run_step, tmp_path, shell, pause, number
):
    process = run_step(shell, pause=pause)
    child = int((tmp_path / "mark").read_text())
    process.send_signal(number)
    _told, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    deadline = time.monotonic() + 10
    # it was killed; on a busy machine it may still be about to go
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)
    assert not list((tmp_path / "cache/log").iterdir())


def is_running(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    # killed, and not yet taken note of by who has inherited it
    with suppress(FileNotFoundError), open(f"/proc/{number}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


def test_step_that_must_not_be_broken_off(run_step, tmp_path):
    process = run_step(BRIEF, must_finish=True)
    process.terminate()
    told, _errors = process.communicate(timeout=30)
    assert "must not be broken off" in told
    assert (tmp_path / "mark").read_text() == "done\n"
    assert process.returncode == 130


def test_failed_step_tells_what_it_said(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    with pytest.raises(SetupError, match=r"(?s)Working failed.*no luck.*Try harder\."):
        cache.step("Working", ["sh", "-c", "echo no luck; exit 3"], cure="Try harder.")
    with pytest.raises(SetupError, match=r"/no/such is missing. Try harder\."):
        cache.step("Working", ["/no/such"], cure="Try harder.")
    assert not list((tmp_path / "log").iterdir())


def test_wait_for_another_checkout_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cache, "ROOT", tmp_path)
    with cache.locked("x"):
        assert not capsys.readouterr().out
        waiting = threading.Thread(target=lambda: cache.locked("x").__enter__())
        waiting.start()
        while "waiting for another make" not in capsys.readouterr().out:
            assert waiting.is_alive()
            time.sleep(0.05)
    waiting.join(10)
    assert not waiting.is_alive()
