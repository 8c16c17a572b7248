"""How long it takes to say whose number it is, beside the two usual ways.

python3 dev/bench/match.py [number of contacts, by default 1000000]
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shell import own_database, run
from stack.cache import as_main, say
from stack.odoo import Odoo

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
    with own_database("bench_match") as (odoo, database):
        fill(odoo, database, contacts)
        return run(odoo, database, "match_in_odoo.py", FIRST=FIRST, CONTACTS=contacts)


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


if __name__ == "__main__":
    as_main(main)
