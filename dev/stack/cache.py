"""Where everything lives that is provisioned, and how long steps are shown."""

import fcntl
import hashlib
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# names of databases and links, so that two checkouts do not share any
CHECKOUT_ID = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
HEARTBEAT_SECONDS = 10
END_SECONDS = 10
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SetupError(Exception):
    """What hinders the set-up, with what to do about it."""


def _root() -> Path:
    if chosen := os.environ.get("NOOJEE_CACHE"):
        return Path(chosen).expanduser().absolute()
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base) / "noojee"
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and root's home is closed to the
        # user that it runs as instead
        return Path("/var/cache/noojee")
    return Path.home() / ".cache" / "noojee"


ROOT = _root()


def folder(*names: str) -> Path:
    """A folder of the cache, made where it is missing."""
    path = ROOT.joinpath(*names)
    with usable():
        path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def usable():
    """:raise SetupError: where the cache's folder cannot be written"""
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"{error.filename} cannot be written: {error.strerror}. Choose a folder "
            "that is yours: NOOJEE_CACHE=/path"
        ) from None


def environment() -> dict[str, str]:
    """Of programs that keep things where they are run: they keep them in the cache."""
    home = str(folder("home"))
    return {
        **os.environ,
        "HOME": home,
        "XDG_CONFIG_HOME": f"{home}/.config",
        "XDG_CACHE_HOME": f"{home}/.cache",
        "XDG_DATA_HOME": f"{home}/.local/share",
        # it is looked for below the home unless it is told
        "NOOJEE_CACHE": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder("pycache")),
        "PYTHONDONTWRITEBYTECODE": "",
    }


def say(words: str) -> None:
    print(f"· {words}", flush=True)


@contextmanager
def locked(name: str):
    """Let one process at a time through."""
    path = folder() / f"{name}.lock"
    with usable():
        lock = path.open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another make that uses {ROOT} ({name}) …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def step(
    title: str, command: list, *, cure: str = "", must_finish: bool = False, **popen
) -> str:
    """Run a command that may take long, showing that it lives.

    Interrupted, it ends the command with all that it has started.

    :param cure: what to do when it fails
    :param must_finish: an interruption waits for the command's own end
    :return: what it printed
    :raise SetupError: with the end of its output and ``cure``
    """
    log = folder("log") / f"{os.getpid()}-{time.monotonic_ns()}.log"
    say(f"{title} …")
    try:
        process = _run(title, command, log, must_finish, **popen)
        text = log.read_text(errors="replace")
    except FileNotFoundError as error:
        raise SetupError(f"{title}: {error.filename} is missing. {cure}") from None
    finally:
        log.unlink(missing_ok=True)
    if process.returncode:
        tail = "\n".join(f"    {line}" for line in text.splitlines()[-25:])
        raise SetupError(
            f"{title} failed ({shlex.join(map(str, command))[:200]}):\n{tail}\n{cure}"
        )
    return text


def _run(title, command, log, must_finish, **popen):
    started = time.monotonic()
    process = None
    try:
        with log.open("w") as output, undisturbed():
            process = subprocess.Popen(
                [str(word) for word in command],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                # Ctrl-C in the terminal reaches us alone
                start_new_session=True,
                **popen,
            )
        _wait_visibly(process, started)
    except BaseException:
        if process and must_finish:
            say(f"{title} must not be broken off: waiting until it is done …")
            process.wait()
        elif process:
            # it may write to a database that is stopped next
            end_group(process)
        raise
    return process


@contextmanager
def undisturbed():
    """Put off an interruption: what is started in here must be known to who ends it."""
    came = []
    handlers = {}
    # they reach the main thread alone
    if threading.current_thread() is threading.main_thread():
        known = {number: signal.getsignal(number) for number in ENDS}
        handlers = {number: known[number] for number in ENDS if callable(known[number])}
    for number in handlers:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in came[:1]:
            os.kill(os.getpid(), number)


def _wait_visibly(process, started):
    shown = 0
    while True:
        try:
            process.wait(1)
            break
        except subprocess.TimeoutExpired:
            seconds = int(time.monotonic() - started)
        if sys.stdout.isatty():
            print(f"\r    {seconds} s", end="", flush=True)
        elif seconds - shown >= HEARTBEAT_SECONDS:
            shown = seconds
            print(f"    {seconds} s", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def end_group(process: subprocess.Popen, number: int = signal.SIGTERM) -> None:
    """End a process that has a session of its own, with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _end(_number, _frame):
    # a terminal that closes and make may both say so, and who waits says it again:
    # stopping must not be interrupted
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def as_main(main) -> None:
    """Run a command of this folder: its failures are told in plain words.

    Asked to end by Ctrl-C, by another program, or by a terminal that closes, it stops
    all that it started.
    """
    for number in ENDS:
        # nohup has it ignored, or a shell for what it runs beside: it stays so
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        sys.exit(main())
    except SetupError as error:
        print(f"\n✗ {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
