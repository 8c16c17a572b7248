"""`make screenshots`: the pictures of the README, taken anew from a running Odoo."""

import subprocess

from run import prepare
from stack import chromium
from stack.cache import CHECKOUT, as_main, environment, say
from stack.odoo import Odoo
from stack.postgres import Cluster
from stack.processes import Stack, free_port


def main() -> int:
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        browser = chromium.provide()
        stack = Stack(odoo, "shots", free_port(), free_port())
        odoo.drop(stack.database)
        prepare(odoo, stack.database)
        with stack.running():
            say("Taking the pictures …")
            taken = subprocess.run(
                [str(odoo.python), "-m", "dev.scenes"],
                cwd=CHECKOUT,
                env={
                    **environment(),
                    "NOOJEE_URL": stack.url,
                    "NOOJEE_SIMULATOR_URL": stack.simulator_url,
                    "NOOJEE_BROWSER": browser,
                },
                check=False,
            )
        odoo.drop(stack.database)
    return taken.returncode


if __name__ == "__main__":
    as_main(main)
