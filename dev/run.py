"""`make run`: Odoo with demo data, its listener and the simulator, ready to click."""

import time

from stack.cache import as_main, folder, say
from stack.odoo import Odoo, addon_digest
from stack.postgres import Cluster
from stack.processes import Stack, chosen_port

WELCOME = """
Odoo        {url}/odoo
Simulator   {simulator}   (the PBX: its desks, its calls, its request log)

Log in as   anna / anna     sales, desk 101
            ben / ben       sales, desk 102
            chloe / chloe   sales, leads the team, desk 103
            dana / dana     sales, signs on to desk 110 or 111 in the phone's panel
            admin / admin   administrator, desk 100

Three things to try, as anna:
  1. Open Contacts → Priya Raman and press Call: desk 101 rings and answers by
     itself, then Priya's phone rings. Watch the call on the form, and the desk in
     the simulator's page.
  2. In the simulator's page ring desk 101 from +61 3 7010 1235: Priya's card stands
     in Odoo before the second ring. Answer, then open her form from the card.
  3. While that call runs, confirm a quotation of hers: its recording starts, tagged
     with the order's number (Noojee → Calls → All calls, and the simulator's request
     log).

Ctrl-C stops everything.
"""


def main() -> int:
    http_port = chosen_port("ODOO_PORT", 8069)
    simulator_port = chosen_port("SIMULATOR_PORT", 8099, besides=http_port)
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        stack = Stack(odoo, "demo", http_port, simulator_port)
        prepare(odoo, stack.database)
        say("Starting the simulator, Odoo and its listener …")
        with stack.running():
            print(WELCOME.format(url=stack.url, simulator=stack.simulator_url))
            return watch(stack)


def prepare(odoo: Odoo, database: str) -> None:
    """Make or update the demo database."""
    digest = addon_digest()
    seen = folder("databases") / database
    if not odoo.cluster.exists(database) or not seen.exists():
        odoo.install(database)
    elif seen.read_text() != digest:
        odoo.update(database)
    # only now is the database what the addon is
    seen.write_text(digest)


def watch(stack: Stack) -> int:
    while True:
        try:
            time.sleep(1)
        except KeyboardInterrupt:
            print("\nStopping …")
            return 0
        name = stack.ended()
        if name:
            print(f"The {name} has ended by itself. Its log: {stack.log(name)}")
            return 1


if __name__ == "__main__":
    as_main(main)
