"""Statements that one cursor asks again and again."""

import itertools
from weakref import WeakKeyDictionary

from odoo.tools import SQL

# names by statement, by cursor: a connection forgets what it has prepared when its
# cursor gives it back; a rollback undoes nothing of it
_prepared = WeakKeyDictionary()
_numbers = itertools.count(1)


def ask(cr, code, types, *values):
    """Ask the database without planning anew each time: to plan a probe of some
    indexes takes several times as long as to carry it out.

    :param str code: SQL, with ``$1`` and so on for its parameters
    :param str types: of these, in SQL
    :return: list of rows
    """
    names = _prepared.setdefault(cr, {})
    if code not in names:
        name = SQL.identifier(f"noojee_{next(_numbers)}")
        cr.execute(SQL("PREPARE %s(%s) AS %s", name, SQL(types), SQL(code)))
        names[code] = name
    cr.execute(SQL("EXECUTE %s(%s)", names[code], SQL(", ").join(values)))
    return cr.fetchall()
