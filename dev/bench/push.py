"""How long it takes to queue leads for a campaign, and how fast the job sends them.

python3 dev/bench/push.py [number of leads, by default 10000]
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "dev")]

from shell import own_database, run  # noqa: E402
from stack.cache import as_main  # noqa: E402

from simulator.remote import Process  # noqa: E402

LEADS = 10_000
KEY = "bench"


def main() -> int:
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else LEADS
    simulator = Process(KEY)
    try:
        with own_database("bench_push") as (odoo, database):
            given = {"URL": simulator.url, "KEY": KEY, "LEADS": leads}
            return run(odoo, database, "push_in_odoo.py", **given)
    finally:
        simulator.stop()


if __name__ == "__main__":
    as_main(main)
