"""`make lint`: ruff, pylint-odoo and the OCA hooks, all without findings."""

import subprocess

from stack import odoo_source, python_env
from stack.cache import CHECKOUT, as_main, environment, say
from stack.odoo import link_addon


def main() -> int:
    tools = python_env.provide().parent
    # these tools take the addon's name from the folder's
    addon = link_addon()
    source = odoo_source.provide()
    checks = {
        "ruff check": [tools / "ruff", "check", "--no-cache", CHECKOUT],
        "ruff format": [
            *(tools / "ruff", "format", "--no-cache", "--check", "--quiet"),
            CHECKOUT,
        ],
        "pylint-odoo": [
            *(tools / "pylint", f"--rcfile={CHECKOUT / 'pyproject.toml'}"),
            # the README is in Markdown, which the forges and Odoo show as well
            "--disable=missing-readme",
            addon,
        ],
        "OCA hooks": [
            tools / "oca-checks-odoo-module",
            "--disable=prefer-readme-rst,missing-readme",
            addon,
        ],
    }
    translations = list((CHECKOUT / "i18n").glob("*.po*"))
    if translations:
        checks["OCA hooks, translations"] = [tools / "oca-checks-po", *translations]
    failed = [
        name for name, command in checks.items() if not passes(name, command, source)
    ]
    print(f"{len(checks) - len(failed)} checks passed, {len(failed)} failed")
    return 1 if failed else 0


def passes(name, command, source) -> bool:
    say(name)
    finished = subprocess.run(
        [str(word) for word in command],
        env={**environment(), "PYTHONPATH": str(source.library)},
        check=False,
        cwd=CHECKOUT,
    )
    return finished.returncode == 0


if __name__ == "__main__":
    as_main(main)
