"""Odoo with this checkout as its addon: configuration, databases, processes."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from . import odoo_source, python_env
from .cache import CHECKOUT, CHECKOUT_ID, environment, folder, locked, step
from .postgres import USER, Cluster

TEMPLATE_MODULES = "contacts,sale_management,crm,base_automation,phone_validation"
MEND_THE_ADDON = "Mend what the lines above name in this checkout, and try again."
# what a change of means that the database must be updated
ADDON_FOLDERS = [
    "controllers",
    "data",
    "demo",
    "models",
    "report",
    "security",
    "static",
    "views",
    "wizard",
    "i18n",
]


class Odoo:
    """:param more_addons: folders of addons that only this Odoo knows"""

    def __init__(self, cluster: Cluster, more_addons: tuple[Path, ...] = ()):
        self.cluster = cluster
        self.more_addons = more_addons
        self.source = odoo_source.provide()
        self.python = python_env.provide()
        self.data = folder("odoo-data")
        self.addons = link_addon().parent
        self.configuration = self._write_configuration()

    def _write_configuration(self) -> Path:
        settings = {
            "addons_path": ",".join(
                map(str, (*self.source.addons, self.addons, *self.more_addons))
            ),
            "data_dir": self.data,
            "db_host": self.cluster.socket,
            "db_user": USER,
            "http_interface": "127.0.0.1",
            "list_db": "False",
            "max_cron_threads": 1,
            "workers": 0,
            "without_demo": "True",
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        # a demo and tests of one checkout may run at the same time
        path = self.addons / ("odoo-test.conf" if self.more_addons else "odoo.conf")
        path.write_text("\n".join(["[options]", *lines]) + "\n")
        return path

    def command(self, *words) -> list[str]:
        return [str(word) for word in (self.python, self.source.launcher, *words)]

    @property
    def environment(self) -> dict:
        return {
            **environment(),
            "ODOO_RC": str(self.configuration),
            "PYTHONPATH": str(self.source.library),
            # Odoo warns of deprecations in its own libraries
            "PYTHONWARNINGS": "ignore",
        }

    def start(self, *words, log: Path) -> subprocess.Popen:
        """A process of Odoo, in a session of its own, writing to ``log``."""
        with log.open("w") as output:
            return subprocess.Popen(
                self.command(*words),
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    # === DATABASES === #

    def database_name(self, purpose: str) -> str:
        return f"noojee_{CHECKOUT_ID}_{self._edition}_{purpose}"

    @property
    def _edition(self) -> str:
        return self.source.edition.replace("-", "_")

    @property
    def template(self) -> str:
        return f"noojee_template_{self._edition}"

    def install(self, database: str, *more_addons: str) -> None:
        """A fresh database with the addon and its demo data."""
        self._provide_template()
        self.copy(self.template, database)
        self._run_once(
            f"Installing the addon into {database}",
            database,
            *("-i", ",".join(("noojee", *more_addons))),
            cure=MEND_THE_ADDON,
        )

    def update(self, database: str) -> None:
        """Update the addon in a database.

        :raise SetupError: where it does not load; a running server would go on
        """
        self._run_once(
            f"Updating the addon in {database}",
            database,
            *("-u", "noojee"),
            cure=f"{MEND_THE_ADDON} A database that is beyond it: make clean.",
        )

    def copy(self, template: str, database: str) -> None:
        self.cluster.copy(template, database)
        # assets that were served once are files: without them every page fails
        target = self.data / "filestore" / database
        shutil.rmtree(target, ignore_errors=True)
        source = self.data / "filestore" / template
        if source.exists():
            shutil.copytree(source, target)

    def drop(self, database: str) -> None:
        self.cluster.drop(database)
        shutil.rmtree(self.data / "filestore" / database, ignore_errors=True)

    def _provide_template(self) -> None:
        with locked("template"):
            if self.cluster.exists(self.template):
                return
            unfinished = f"{self.template}_part"
            self.drop(unfinished)
            self._run_once(
                "Odoo: making the template database (a minute, once)",
                unfinished,
                *("-i", TEMPLATE_MODULES),
                cure=(
                    "Is the disk full? Else Odoo itself is broken, or does not fit: "
                    "make clean ALL=1, and try again."
                ),
            )
            self.copy(unfinished, self.template)
            self.drop(unfinished)

    def _run_once(self, title, database, *words, cure):
        output = step(
            title,
            self.command(
                *("-d", database, *words, "--with-demo", "--stop-after-init"),
                *("--no-http", "--log-level=warn"),
            ),
            env=self.environment,
            cure=cure,
        )
        noise = [line for line in output.splitlines() if "noojee" in line]
        if noise:
            print("\n".join(noise), flush=True)


def link_addon() -> Path:
    """The addon's name is `noojee`, whatever the checkout's folder is called.

    :return: the link
    """
    link = folder("addons", CHECKOUT_ID) / "noojee"
    if not link.is_symlink() or link.readlink() != CHECKOUT:
        link.unlink(missing_ok=True)
        link.symlink_to(CHECKOUT)
    return link


def addon_digest() -> str:
    """Changes with each file that a database of the addon depends on."""
    digest = hashlib.sha256()
    for file in sorted(
        file for name in ADDON_FOLDERS for file in (CHECKOUT / name).rglob("*")
    ):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.relative_to(CHECKOUT)}".encode())
            digest.update(file.read_bytes())
    digest.update((CHECKOUT / "__manifest__.py").read_bytes())
    return digest.hexdigest()


def log_file(name: str) -> Path:
    return folder("log", CHECKOUT_ID) / f"{name}.log"
