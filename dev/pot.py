"""`make pot`: the template of all translations."""

from stack.cache import CHECKOUT, as_main, step
from stack.odoo import MEND_THE_ADDON, Odoo
from stack.postgres import Cluster


def main() -> int:
    target = CHECKOUT / "i18n/noojee.pot"
    target.parent.mkdir(exist_ok=True)
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        database = odoo.database_name("pot")
        odoo.install(database)
        step(
            "Exporting the terms",
            odoo.command(
                *("i18n", "export", "-d", database, "-o", target, "noojee"),
            ),
            env=odoo.environment,
            cure=MEND_THE_ADDON,
        )
        odoo.drop(database)
    return 0


if __name__ == "__main__":
    as_main(main)
