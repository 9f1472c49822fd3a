"""Logins and failed logins per day, for the charts of the console (decision 55)."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Final

from msgspec import Struct

from watchword.storage import login_counts
from watchword.storage.database import Connection
from watchword.storage.login_counts import ALL
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

DAYS: Final = 30
"""Of a chart."""
COUNTED_AT_ONCE: Final = 5000
MOST_UNCOUNTED: Final = 2000
"""Events after the last round of maintenance that a page counts itself."""


class LoginDay(Struct, frozen=True):
    """The completed logins and the failed ones of one day (UTC)."""

    day: date
    logins: int
    failures: int


class LoginDays(Struct, frozen=True):
    """The last DAYS days, oldest first. With `is_complete` False, newer events are not counted yet."""

    days: tuple[LoginDay, ...]
    is_complete: bool


def count_new(app: Watchword, *, most: int = COUNTED_AT_ONCE) -> int:
    """Count the audit events since the last call, and delete the counts of days that no chart shows.
    Returns how many events were counted.
    """
    total = 0
    first = _days(app)[0]
    while True:
        # A snapshot: no writer waits while the events are read.
        with app.database.reading() as connection:
            since = login_counts.counted_to(connection)
            counted = login_counts.count(connection, since, most, first)
        if counted.last_id == since:
            return total
        with bookkeeping(app) as u:
            if not login_counts.add(u.connection, counted, since):
                return total
            login_counts.delete_before(u.connection, first)
        total += counted.last_id - since


def of_all(app: Watchword, connection: Connection) -> LoginDays:
    """Return the days of all accounts together, with failed logins of names that do not exist."""
    return of_account(app, connection, ALL)


def of_account(app: Watchword, connection: Connection, administrator_id: int) -> LoginDays:
    """Return the days of one account."""
    days = _days(app)
    stored = login_counts.stored(connection, administrator_id, days[0])
    since = login_counts.counted_to(connection)
    new = login_counts.count(connection, since, MOST_UNCOUNTED, days[0], administrator_id)

    def found(day: date) -> LoginDay:
        logins, failures = stored.get(day, (0, 0))
        key = (administrator_id, day)
        return LoginDay(day, logins + new.logins[key], failures + new.failures[key])

    return LoginDays(tuple(map(found, days)), new.last_id - since < MOST_UNCOUNTED)


def _days(app: Watchword) -> list[date]:
    """Return the days of a chart, oldest first."""
    today = app.clock.now().astimezone(UTC).date()
    return [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
