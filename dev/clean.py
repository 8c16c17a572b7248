"""`make clean`: this checkout's databases and logs; `--all`: the whole cache."""

import shutil
import sys

from stack.cache import CHECKOUT_ID, ROOT, as_main, folder, say
from stack.postgres import Cluster


def main() -> int:
    if not ROOT.exists():
        say("There is nothing to clean.")
        return 0
    with Cluster().running() as cluster:
        known = cluster.sql("SELECT datname FROM pg_database").split()
        mine = [name for name in known if name.startswith(f"noojee_{CHECKOUT_ID}_")]
        for database in mine:
            cluster.drop(database)
            shutil.rmtree(folder("odoo-data") / "filestore" / database, True)
            (folder("databases") / database).unlink(missing_ok=True)
    for name in ("addons", "log"):
        shutil.rmtree(ROOT / name / CHECKOUT_ID, ignore_errors=True)
    say(f"{len(mine)} databases of this checkout dropped.")
    if "--all" in sys.argv:
        shutil.rmtree(ROOT)
        say(f"{ROOT} removed.")
    return 0


if __name__ == "__main__":
    as_main(main)
