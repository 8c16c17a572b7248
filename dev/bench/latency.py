"""From a notice of the PBX to the card on the screen, beside an empty bus message.

python3 dev/bench/latency.py [number of contacts, by default 1000000]
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from match import CONTACTS, FIRST, fill
from stack import chromium
from stack.cache import CHECKOUT, as_main, say
from stack.odoo import Odoo
from stack.postgres import Cluster
from stack.processes import Stack, free_port


def main() -> int:
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else CONTACTS
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        browser = chromium.provide()
        stack = Stack(odoo, "bench_latency", free_port(), free_port())
        odoo.install(stack.database)
        try:
            fill(odoo, stack.database, contacts)
            with stack.running():
                return measure(stack, browser, contacts)
        finally:
            odoo.drop(stack.database)


def measure(stack: Stack, browser: str, contacts: int) -> int:
    say("Ringing, and looking at the screen …")
    environment = {
        "NOOJEE_URL": stack.url,
        "NOOJEE_BROWSER": browser,
        "NOOJEE_DATABASE": stack.database,
        "NOOJEE_DATABASE_HOST": str(stack.odoo.cluster.socket),
        "FIRST": str(FIRST),
        "CONTACTS": str(contacts),
    }
    process = subprocess.run(
        [str(stack.odoo.python), "-m", "dev.bench.latency_in_browser"],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        check=False,
    )
    return process.returncode


if __name__ == "__main__":
    as_main(main)
