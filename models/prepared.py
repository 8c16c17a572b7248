"""Statements that PostgreSQL plans once for each connection.

To plan a short statement can take several times as long as to carry it out.
"""

from hashlib import sha256
from weakref import WeakKeyDictionary

# names of what each connection has prepared: they live as long as it does, whatever
# becomes of its transactions
_prepared = WeakKeyDictionary()


def fetch_prepared(cr, code, *values):
    """The rows of a statement, whose places are ``$1``, ``$2`` …

    A pooler between Odoo and PostgreSQL has to keep sessions, as Odoo's bus needs, too.

    :param str code: one of few, as each connection keeps its plan
    """
    name = f"noojee_{sha256(code.encode()).hexdigest()[:16]}"
    places = ", ".join(["%s"] * len(values))
    names = _prepared.setdefault(cr._cnx, set())
    if name in names:
        cr.execute(f"EXECUTE {name}({places})", values)
    else:
        # in one round trip
        cr.execute(f"PREPARE {name} AS {code}; EXECUTE {name}({places})", values)
        names.add(name)
    return cr.fetchall()
