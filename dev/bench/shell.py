"""A database of its own for a bench, and a script that Odoo runs in it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.odoo import Odoo
from stack.postgres import Cluster


@contextmanager
def own_database(name: str) -> Iterator[tuple[Odoo, str]]:
    """:return: Odoo and the database's full name; it is dropped afterwards"""
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        database = odoo.database_name(name)
        odoo.install(database)
        try:
            yield odoo, database
        finally:
            odoo.drop(database)


def run(odoo: Odoo, database: str, script: str, **settings) -> int:
    """Have an ``odoo shell`` read a script of this folder.

    :param settings: what stands above it, as names and their values
    :return: how the process ended
    """
    words = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    return subprocess.run(
        odoo.command("shell", "-d", database, "--no-http", "--log-level=error"),
        input=words + Path(__file__).with_name(script).read_text(),
        env=odoo.environment,
        text=True,
        check=False,
    ).returncode
