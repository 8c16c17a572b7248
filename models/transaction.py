"""What a database error means for whoever runs a transaction, and how to repeat it.

Odoo's transactions see the database as it was when they began: what collides with
another transaction succeeds only in a new one, never behind a savepoint.
"""

import math
import random
import time

import psycopg2

from odoo.exceptions import ConcurrencyError, LockError

TRIES = 8

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_SERIALIZATION_CLASS = "40"
_COLLISIONS = {"23503", "23505", "55P03"}
# connection, resources, shut down, system: nothing that was asked for is to blame
_DATABASE_CLASSES = {"08", "53", "57", "58"}


def is_collision(error: BaseException) -> bool:
    """Whether the same may succeed in a new transaction: another one wrote the same
    rows at the same moment."""
    code = _code(error)
    return code[:2] == _SERIALIZATION_CLASS or code in _COLLISIONS


def is_database_away(error: BaseException) -> bool:
    """Whether the database failed, not what it was asked for."""
    if isinstance(error, psycopg2.InterfaceError):
        return True
    lost = isinstance(error, psycopg2.OperationalError) and not error.pgcode
    return lost or _code(error)[:2] in _DATABASE_CLASSES


def spoils_transaction(error: BaseException) -> bool:
    """Whether only whoever owns the transaction can go on, by a new one."""
    if isinstance(error, ConcurrencyError):
        return True
    return is_collision(error) or is_database_away(error)


def repeat(action, tries: int = TRIES, seconds: float = math.inf):
    """Run what opens and ends a transaction of its own, again where it collides.

    :param action: function without arguments
    :param seconds: after these it is not begun again
    :return: what it returned
    :raise psycopg2.Error: of the last try
    :raise LockError: likewise
    """
    deadline = time.monotonic() + seconds
    for attempt in range(1, tries + 1):
        try:
            return action()
        except (psycopg2.Error, LockError) as error:
            is_last = attempt == tries or time.monotonic() > deadline
            is_passing = isinstance(error, LockError) or is_collision(error)
            if is_last or not is_passing:
                raise
            # all that collided must not meet again
            time.sleep(random.uniform(0, min(1, 0.02 * 2**attempt)))
    raise AssertionError("unreachable")


def claim(cr, mark):
    """Have others leave a row alone before it is worked on with no transaction open.

    Who writes the row at that moment is waited for, for some seconds.

    :param cr: what it holds is committed
    :param mark: function without arguments that locks the row (LockError where it
        cannot) and marks it as taken; it returns whether it is to be worked on
    :return: the same; False where others hold the row
    :raise psycopg2.Error: that is no collision
    """
    try:
        return repeat(lambda: _transact(cr, mark))
    except LockError:
        return False
    except psycopg2.Error as error:
        if not is_collision(error):
            raise
        return False


def store(cr, action):
    """Run something in a transaction that begins and ends here, again where it
    collides.

    :param cr: what it holds is given up
    :param action: function without arguments
    :return: what it returned
    :raise psycopg2.Error: of the last try
    """
    cr.rollback()
    return repeat(lambda: _transact(cr, action))


def _transact(cr, action):
    try:
        result = action()
        # the next step waits for a PBX, with no transaction open
        cr.commit()  # pylint: disable=invalid-commit
        return result
    except (psycopg2.Error, LockError):
        cr.rollback()
        raise


def try_part(env, part) -> Exception | None:
    """Run a part of a transaction that is no reason to lose the rest: where it fails,
    it alone is undone.

    :param part: function without arguments
    :return: what went wrong, for the caller to log
    :raise psycopg2.Error: where the transaction cannot go on
    """
    # what was written before must fail as itself
    env.flush_all()
    try:
        with env.cr.savepoint():
            part()
    except Exception as error:
        if spoils_transaction(error):
            raise
        return error
    return None


def _code(error: BaseException) -> str:
    return getattr(error, "pgcode", None) or ""
