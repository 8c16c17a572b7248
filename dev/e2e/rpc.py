"""Odoo's methods as its own web client calls them."""

import requests

SECONDS = 60


class Rpc:
    """A session of a user of the demo data, without a browser."""

    def __init__(self, url: str, database: str, login: str):
        self.url = url
        self.session = requests.Session()
        self._post(
            "/web/session/authenticate", db=database, login=login, password=login
        )

    def call(self, model: str, method: str, *args, **kwargs) -> tuple:
        """:return: ``(result, error)``, one of them None"""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs=kwargs,
        )

    def _post(self, path: str, **params) -> tuple:
        reply = self.session.post(
            f"{self.url}{path}",
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=SECONDS,
        ).json()
        return reply.get("result"), reply.get("error")
