"""The part of latency.py that looks at the screen."""

import json
import os
import random
import statistics
import time

import psycopg2
import requests

from dev.e2e.rpc import Rpc
from dev.stack import browser as browsers

WARM_UP = 20
ROUNDS = 200
# between two measurements everything comes to rest
PAUSE = 0.15
# the page notes by the machine's clock when it has something to show
WATCH = """
() => {
    const now = () => performance.timeOrigin + performance.now();
    window.seen = {};
    new MutationObserver(() => {
        for (const card of document.querySelectorAll(".o_noojee_incoming_card")) {
            const { callId } = card.dataset;
            window.seen[`there ${callId}`] ??= now();
            // laid out, with all that it shows; it is painted with the next frame
            if (card.getBoundingClientRect().height) {
                window.seen[callId] ??= now();
            }
        }
    }).observe(document.documentElement, { childList: true, subtree: true });
    const { bus_service: bus } = odoo.__WOWL_DEBUG__.root.env.services;
    bus.subscribe("noojee.call/updated", ({ id }) => {
        window.seen[`told ${id}`] ??= now();
    });
    bus.subscribe("noojee.bench", ({ round }) => {
        window.seen[`empty ${round}`] = now();
    });
}
"""


class Bench:
    def __init__(self, page, url, database):
        self.page = page
        self.url = url
        self.connection = psycopg2.connect(
            dbname=database, host=os.environ["NOOJEE_DATABASE_HOST"], user="odoo"
        )
        self.notifier = psycopg2.connect(
            dbname="postgres", host=os.environ["NOOJEE_DATABASE_HOST"], user="odoo"
        )
        self.notifier.autocommit = True
        self.session = requests.Session()
        self.prepare(Rpc(url, database, "admin"))

    def prepare(self, admin):
        lines = [["number", "=", "101"]]
        [line], _error = admin.call(
            "noojee.extension", "search_read", lines, ["pbx_id"]
        )
        self.pbx_id = line["pbx_id"][0]
        action, _error = admin.call(
            "noojee.pbx", "action_new_notice_token", [self.pbx_id]
        )
        token = action["context"]["default_token"]
        self.session.headers["X-Noojee-Token"] = token
        [user], _error = admin.call(
            "res.users", "search_read", [["login", "=", "anna"]], ["partner_id"]
        )
        channel = [self.connection.info.dbname, "res.partner", user["partner_id"][0]]
        self.channel = json.dumps(channel, separators=(",", ":"))

    # === WHAT IS MEASURED === #

    def empty_message(self, number):
        """:return: milliseconds from a commit to the browser"""
        message = {"type": "noojee.bench", "payload": {"round": number}}
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bus_bus (channel, message, create_date)"
                " VALUES (%s, %s, now() AT TIME ZONE 'UTC')",
                [self.channel, json.dumps(message)],
            )
            sent = time.time()
        with self.notifier.cursor() as cursor:
            cursor.execute("SELECT pg_notify('imbus', %s)", [f"[{self.channel}]"])
        return self.wait_for(f"empty {number}", sent)

    def card(self, number):
        """:return: milliseconds from the notice to its answer, the message in the
        browser, the card in the page, and the card with its layout"""
        unique_id = f"{int(time.time())}.{number}"
        caller = f"0{int(os.environ['FIRST']) + random.randrange(self.contacts)}"
        sent = time.time()
        self.notify(unique_id, "Ringing", caller)
        answered = (time.time() - sent) * 1000
        call_id = self.newest_call()
        laid_out = self.wait_for(str(call_id), sent)
        told = self.seen(f"told {call_id}", sent)
        there = self.seen(f"there {call_id}", sent)
        # its card would say for some seconds what became of it
        self.page.click(".o_noojee_ignore")
        self.notify(unique_id, "Hungup", caller)
        self.page.wait_for_selector(".o_noojee_counter", state="hidden")
        return answered, told, there, laid_out

    # === STEPS === #

    @property
    def contacts(self):
        return int(os.environ["CONTACTS"])

    def notify(self, unique_id, status, caller):
        data = {
            "status": status,
            "uniqueCallId": unique_id,
            "callerId": caller,
            "inbound": True,
            "canAnswer": True,
        }
        reply = self.session.post(
            f"{self.url}/noojee/notice/{self.pbx_id}",
            json={"exten": "101", "CallData": data, "CallID": 1, "Code": 0},
            timeout=10,
        )
        reply.raise_for_status()

    def newest_call(self):
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM noojee_call")
            return cursor.fetchone()[0]

    def wait_for(self, key, sent):
        self.page.wait_for_function("key => window.seen[key]", arg=key)
        time.sleep(PAUSE)
        return self.seen(key, sent)

    def seen(self, key, sent):
        return self.page.evaluate("key => window.seen[key]", key) - sent * 1000


def main():
    with browsers.launched(os.environ["NOOJEE_BROWSER"]) as browser:
        page = browsers.log_in(browser, os.environ["NOOJEE_URL"], "anna")
        page.goto(f"{os.environ['NOOJEE_URL']}/odoo/contacts")
        page.wait_for_selector(".o_noojee_phone_menu")
        page.evaluate(WATCH)
        bench = Bench(page, os.environ["NOOJEE_URL"], os.environ["NOOJEE_DATABASE"])
        empty, cards = [], []
        for number in range(WARM_UP + ROUNDS):
            empty.append(bench.empty_message(number))
            cards.append(bench.card(number))
    show(empty[WARM_UP:], cards[WARM_UP:])


def show(empty, cards):
    answered, told, there, laid_out = zip(*cards, strict=True)
    rows = [
        ("empty bus message", empty),
        ("notice to answer", answered),
        ("notice to message", told),
        ("notice to page", there),
        ("notice to card", laid_out),
    ]
    print(f"{'milliseconds':<22}{'p50':>8}{'p95':>8}{'p99':>8}")
    figures = []
    for title, values in rows:
        cuts = statistics.quantiles(values, n=100)
        figures.append([cuts[49], cuts[94], cuts[98]])
        print(f"{title:<22}" + "".join(f"{figure:>8.1f}" for figure in figures[-1]))
    times = [card / base for base, card in zip(figures[0], figures[-1], strict=True)]
    print(
        f"{'times the empty one':<22}" + "".join(f"{figure:>8.1f}" for figure in times)
    )


if __name__ == "__main__":
    main()
