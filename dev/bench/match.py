"""How long it takes to say whose number it is, beside the two usual ways.

python3 dev/bench/match.py [number of contacts, by default 1000000]
"""

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stack.cache import as_main, say
from stack.odoo import Odoo
from stack.postgres import Cluster

CONTACTS = 1_000_000
# mobile numbers that exist in Australia
FIRST = 410_000_000
# ten contacts for each lead, as people with a sales team have
FILL = """
INSERT INTO res_partner (
    id, name, complete_name, phone, phone_sanitized, active, is_company, type,
    partner_share, commercial_partner_id, autopost_bills
)
SELECT id, 'Customer ' || n, 'Customer ' || n,
       -- written by people: here nationally, there internationally
       CASE WHEN n %% 2 = 0 THEN '0' || n ELSE '+61 ' || n END,
       '+61' || n, TRUE, n %% 10 = 0, 'contact', TRUE, id, 'ask'
  FROM (
    SELECT n, nextval('res_partner_id_seq') AS id
      FROM generate_series(%(first)d, %(last)d) AS n
  ) AS numbers;
INSERT INTO crm_lead (
    name, type, contact_name, phone, phone_sanitized, active, stage_id
)
SELECT 'Lead ' || n, 'lead', 'Person ' || n, '0' || n, '+61' || n, TRUE,
       (SELECT min(id) FROM crm_stage)
  FROM generate_series(%(last)d + 1, %(last)d + %(leads)d) AS n;
ANALYZE;
"""


def main() -> int:
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else CONTACTS
    with Cluster().running() as cluster:
        odoo = Odoo(cluster)
        database = odoo.database_name("bench_match")
        odoo.install(database)
        try:
            fill(odoo, database, contacts)
            return measure(odoo, database, contacts)
        finally:
            odoo.drop(database)


def fill(odoo: Odoo, database: str, contacts: int) -> None:
    values = {
        "first": FIRST,
        "last": FIRST + contacts - 1,
        "leads": max(contacts // 10, 1),
    }
    started = time.monotonic()
    say(f"Writing {contacts:,} contacts …")
    odoo.cluster.sql(FILL % values, database)
    say(f"written in {time.monotonic() - started:.0f} s")


def measure(odoo: Odoo, database: str, contacts: int) -> int:
    script = Path(__file__).with_name("match_in_odoo.py").read_text()
    settings = f"FIRST, CONTACTS = {FIRST}, {contacts}\n"
    process = subprocess.run(
        odoo.command("shell", "-d", database, "--no-http", "--log-level=error"),
        input=settings + script,
        env=odoo.environment,
        text=True,
        check=False,
    )
    return process.returncode


if __name__ == "__main__":
    as_main(main)
