"""The folder of all that is provided, and how commands end."""

import os
import signal
import subprocess
import sys
import time

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
