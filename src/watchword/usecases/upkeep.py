"""Sweeping out what has had its time. Nothing depends on it being done at any moment: what is
too old is refused by its time, not by its absence.
"""

from __future__ import annotations

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
    """Raise DatabaseUnavailable unless the database takes a write: one that is locked, full or
    read-only lets nobody in, for a login has to be counted and recorded.
    """
    with bookkeeping(app) as u:
        installation.write_again(u.connection)
