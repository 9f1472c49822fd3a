"""Sweeping out what has had its time. Nothing depends on it being done at any moment: what is
too old is refused by its time, not by its absence.
"""

from __future__ import annotations

from watchword.crypto import keyring
from watchword.domain.errors import KeyOutdated
from watchword.domain.throttle import Kind
from watchword.storage import attempts, authenticators, installation, sessions, throttles
from watchword.usecases.context import Watchword
from watchword.usecases.unit import bookkeeping


def sweep(app: Watchword) -> int:
    """Delete expired attempts, enrolments, sessions, known browsers and spent address
    throttles. Returns how many rows went.
    """
    with bookkeeping(app) as u:
        return sum(
            (
                attempts.delete_expired(u.connection, u.now),
                authenticators.delete_expired(u.connection, u.now),
                sessions.delete_expired(u.connection, u.now, u.now - app.limits.idle),
                sessions.forget_expired_browsers(u.connection, u.now),
                throttles.delete_spent(u.connection, u.now, [Kind.ADDRESS]),
            )
        )


def demand_ready(app: Watchword) -> None:
    """Raise DatabaseUnavailable unless the database answers a query about its own tables, and
    KeyOutdated when it was sealed anew under a key that this node's keyring does not hold.
    """
    with app.database.reading() as connection:
        check = installation.key_check(connection)
    if check is not None and not app.keyring.knows_key_of(check):
        raise KeyOutdated(
            path=str(keyring.path_in(app.settings.data_dir)), key_id=keyring.sealed_under(check)
        )


def look_at_keyring(app: Watchword) -> None:
    """Read the keyring's file again where it has changed. Raises what is wrong with it:
    KeyMissing, PlaceUnusable, KeyOutdated. The server goes on with the keys it holds.
    """
    app.keyring.refresh()
    demand_ready(app)
