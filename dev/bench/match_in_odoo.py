"""Read by `odoo shell` from match.py, which writes FIRST and CONTACTS above."""
# ruff: noqa: F821, T201

import gc
import os
import random
import time

TRIES = 500
# one scan takes most of a second
SCANS = 20


def numbers(first, count, tries):
    return [f"+61{random.randrange(first, first + count)}" for _ in range(tries)]


def measured(title, find, wanted):
    # the first ones fill caches; what Odoo itself keeps is no concern of a lookup
    for number in wanted[:5]:
        find(number)
    gc.collect()
    gc.freeze()
    times, found = [], 0
    for number in wanted:
        started = time.perf_counter()
        found += bool(find(number))
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    p50, p95, p99 = (times[int(len(times) * share)] for share in (0.5, 0.95, 0.99))
    share = f"{found / len(wanted):.0%}"
    print(f"{title:<52} {p50:>9.2f} {p95:>9.2f} {p99:>9.2f} {share:>7}", flush=True)


random.seed(19)
pbx = env["noojee.pbx"].search([], limit=1)
user = env.ref("noojee.user_anna")
calls = env["noojee.call"]
partners = env["res.partner"].with_user(user)
known = numbers(FIRST, CONTACTS, TRIES)
leads = numbers(FIRST + CONTACTS, max(CONTACTS // 10, 1), TRIES)
strange = numbers(FIRST + 2 * CONTACTS, CONTACTS, TRIES)


def ours(number):
    return calls._match(number, pbx, user)


def scan(number):
    return partners.search([("phone", "ilike", f"%{number[-9:]}")], limit=10)


def core(number):
    return partners.search([("phone_mobile_search", "=", number)], limit=10)


print(
    f"\n{CONTACTS:,} contacts; milliseconds through the ORM, by a user's own rights\n"
)
print(f"{'':<52} {'median':>9} {'p95':>9} {'p99':>9} {'found':>7}")
measured("noojee.call._match, a contact's number", ours, known)
measured("noojee.call._match, a lead's number", ours, leads)
measured("noojee.call._match, a stranger's number", ours, strange)
measured("search: phone ilike %last nine digits", scan, known[:SCANS])
measured("search: phone_mobile_search = number (Odoo's own)", core, known)

busy = os.getloadavg()[0] / os.cpu_count()
if busy > 1:
    print(f"\nThis machine is busy ({busy:.1f} processes for each core): figures of it")
    print("compare with each other, but not with those of another run.")

print("\nThe one statement of _match:\n")
calls._probe(known[0], pbx.company_id)
statement = env.cr._obj.query.decode()
# not by cr.execute: a % in it would be taken for a place
env.cr._obj.execute(f"EXPLAIN ANALYZE {statement}")
print("\n".join(line for (line,) in env.cr._obj.fetchall()))
