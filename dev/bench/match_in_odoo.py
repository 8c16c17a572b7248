"""Read by `odoo shell` from match.py, which writes FIRST and CONTACTS above."""
# ruff: noqa: F821, T201

import gc
import itertools
import os
import random
import time

TRIES = 500
# one scan takes most of a second
SCANS = 20
# all ways take turns: what else the machine does meanwhile is the same for each
ROUNDS = 5


class Way:
    """One way to find whose number it is.

    :param find: function of a number
    """

    def __init__(self, title, find, wanted):
        self.title = title
        self.find = find
        self.wanted = wanted
        self.rounds = []
        self.found = 0
        # the first ones fill caches; what Odoo itself keeps is no concern of a lookup
        for number in wanted[:5]:
            find(number)

    def take_turn(self, turn):
        times = []
        for number in self.wanted[turn::ROUNDS]:
            started = time.perf_counter()
            self.found += bool(self.find(number))
            times.append((time.perf_counter() - started) * 1000)
        self.rounds.append(sorted(times))

    def row(self):
        times = sorted(itertools.chain(*self.rounds))
        figures = [times[int(len(times) * share)] for share in (0.5, 0.95, 0.99)]
        figures.append(min(times[len(times) // 2] for times in self.rounds))
        columns = " ".join(f"{figure:>9.2f}" for figure in figures)
        return f"{self.title:<52} {columns} {self.found / len(self.wanted):>7.0%}"


def numbers(first, count, tries):
    return [f"+61{random.randrange(first, first + count)}" for _ in range(tries)]


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
print(f"{'':<52} {'median':>9} {'p95':>9} {'p99':>9} {'quietest':>9} {'found':>7}")
ways = [
    Way("noojee.call._match, a contact's number", ours, known),
    Way("noojee.call._match, a lead's number", ours, leads),
    Way("noojee.call._match, a stranger's number", ours, strange),
    Way("search: phone ilike %last nine digits", scan, known[:SCANS]),
    Way("search: phone_mobile_search = number (Odoo's own)", core, known),
]
gc.collect()
gc.freeze()
for turn in range(ROUNDS):
    for way in ways:
        way.take_turn(turn)
for way in ways:
    print(way.row())

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
