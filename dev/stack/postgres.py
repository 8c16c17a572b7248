"""A private PostgreSQL cluster: its own data, reached by its own socket alone."""

import fcntl
import os
import shlex
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from . import apt
from .cache import ROOT, SetupError, folder, locked, step

USER = "odoo"
# nothing is kept that a crash of the machine could lose
SETTINGS = [
    "listen_addresses = ''",
    "fsync = off",
    "synchronous_commit = off",
    "full_page_writes = off",
    "max_connections = 200",
    "shared_buffers = 256MB",
]
# a socket's path must fit into 107 bytes
SOCKET_CHARS = 107


class Cluster:
    """Started by the first that uses it, stopped by the last."""

    def __init__(self):
        self.bin = _binaries()
        self.home = folder(_name(self.bin))
        self.data = self.home / "data"
        self.socket = self.home
        self.as_user = self._as_user()
        if len(str(self.socket / ".s.PGSQL.5432")) > SOCKET_CHARS:
            raise SetupError(
                f"{ROOT} is too long a path for PostgreSQL's socket. Choose another "
                "folder: NOOJEE_CACHE=/path"
            )

    def _as_user(self) -> list[str]:
        """PostgreSQL refuses to run as root: words that run it as its own user."""
        if os.geteuid() != 0:
            return []
        try:
            shutil.chown(self.home, "postgres")
        except LookupError:
            raise SetupError(
                "PostgreSQL does not run as root, and there is no user postgres to run "
                "it as. Try again as another user."
            ) from None
        reaches = ["runuser", "-u", "postgres", "--", "test", "-w", self.home]
        if subprocess.run(reaches, check=False, cwd="/").returncode:
            raise SetupError(
                f"PostgreSQL's user cannot reach {self.home}. Choose a folder that "
                "every user may enter: NOOJEE_CACHE=/path"
            )
        return ["runuser", "-u", "postgres", "--"]

    @contextmanager
    def running(self):
        """Keep it running; the last to leave stops it."""
        with (self.home / "users.lock").open("w") as users:
            with locked("postgres"):
                fcntl.flock(users, fcntl.LOCK_SH)
                try:
                    self._start()
                except BaseException:
                    # interrupted, it may have come up all the same
                    self._stop_if_last(users)
                    raise
            try:
                yield self
            finally:
                with locked("postgres"):
                    self._stop_if_last(users)

    def _start(self):
        if not self.data.exists():
            self._create()
        if self._control("status").returncode == 0:
            return
        step(
            "PostgreSQL: starting",
            [
                *(*self.as_user, self.bin / "pg_ctl", "-D", self.data, "-w"),
                *(
                    "-l",
                    self.home / "log",
                    "-o",
                    f"-k {shlex.quote(str(self.socket))}",
                    "start",
                ),
            ],
            cwd=self.home,
            cure=f"Its log: {self.home / 'log'}",
        )

    def _create(self):
        unfinished = self.home / "data.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        step(
            "PostgreSQL: creating a private cluster",
            [
                *(*self.as_user, self.bin / "initdb", "-D", unfinished, "-U", USER),
                *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
            ],
            cwd=self.home,
            cure=(
                f"Is the disk of {self.home} full? Else choose another folder: "
                "NOOJEE_CACHE=/path"
            ),
        )
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write("\n".join(SETTINGS) + "\n")
        unfinished.rename(self.data)

    def _stop_if_last(self, users):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self._control("stop", "-m", "fast")

    def _control(self, *words):
        return subprocess.run(
            [*self.as_user, self.bin / "pg_ctl", "-D", self.data, *words],
            cwd=self.home,
            capture_output=True,
            check=False,
        )

    # === DATABASES === #

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; rows come as lines.

        :raise SetupError: with PostgreSQL's own words
        """
        finished = subprocess.run(
            [
                *(self.bin / "psql", "-h", self.socket, "-U", USER, "-d", database),
                *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise SetupError(
                f"PostgreSQL refuses {statement}: {finished.stderr.strip()}\n"
                f"Its log: {self.home / 'log'}"
            )
        return finished.stdout.strip()

    def exists(self, database: str) -> bool:
        return bool(self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))

    def drop(self, database: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def copy(self, template: str, database: str) -> None:
        self.drop(database)
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')


def is_any_here() -> bool:
    """Whether there is a cluster, and the PostgreSQL that it belongs to."""
    return any((ROOT / _name(path) / "data").exists() for path in _installed())


def is_any_in_use() -> bool:
    """Whether some process keeps a cluster running."""
    return any(map(_is_locked, ROOT.glob(_name(Path("*/bin")) + "/users.lock")))


def _is_locked(path: Path) -> bool:
    with path.open() as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _name(binaries: Path) -> str:
    return f"postgres-{binaries.parent.name}"


def _binaries() -> Path:
    if not _installed():
        apt.install("PostgreSQL", "postgresql")
    return _installed()[-1]


def _installed() -> list[Path]:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    if not found and (in_path := shutil.which("initdb")):
        found = [Path(in_path).resolve()]
    return [path.parent for path in found]
