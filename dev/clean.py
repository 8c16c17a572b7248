"""`make clean`: this checkout's databases and logs; `--all`: the whole cache."""

import shutil
import sys

from stack.cache import CHECKOUT_ID, ROOT, SetupError, as_main, folder, say
from stack.postgres import Cluster, is_any_here, is_any_in_use


def main() -> int:
    if not ROOT.exists():
        say("There is nothing to clean.")
        return 0
    is_all = "--all" in sys.argv
    if is_all and is_any_in_use():
        raise SetupError(
            f"make run or make test of some checkout still uses {ROOT}. Stop it and "
            "try again."
        )
    # else PostgreSQL would be installed only to find that there is nothing to drop
    if is_any_here():
        say(f"{drop_databases()} databases of this checkout dropped.")
    for name in ("addons", "log"):
        shutil.rmtree(ROOT / name / CHECKOUT_ID, ignore_errors=True)
    if is_all:
        shutil.rmtree(ROOT)
        say(f"{ROOT} removed.")
    return 0


def drop_databases() -> int:
    with Cluster().running() as cluster:
        known = cluster.sql("SELECT datname FROM pg_database").split()
        mine = [name for name in known if name.startswith(f"noojee_{CHECKOUT_ID}_")]
        for database in mine:
            cluster.drop(database)
            shutil.rmtree(folder("odoo-data") / "filestore" / database, True)
            (folder("databases") / database).unlink(missing_ok=True)
    return len(mine)


if __name__ == "__main__":
    as_main(main)
