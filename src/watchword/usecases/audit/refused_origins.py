"""Counts of refused cross-origin requests, for the doctor.

Behind a proxy that changes the Host header every form is refused, and the operator needs to find
the reason. Any client can cause refusals, so they are counted in memory (origin_counts.py) and
stored in one row.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from watchword.storage import origin_refusals
from watchword.storage.database import Connection
from watchword.storage.origin_refusals import OriginRefusals
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, note

FRESH: Final = timedelta(days=1)


def newest(connection: Connection, now: datetime) -> OriginRefusals | None:
    """Return the stored counts, or None if the newest refusal is too old to report."""
    found = origin_refusals.stored(connection)
    return None if found is None or abs(now - found.last_at) > FRESH else found


def store(app: Watchword) -> None:
    """Store the counts. If the database does not accept them, they are stored the next time."""
    taken = app.refused_origins.take()
    if taken is None:
        return

    def add(u: Unit) -> bool:
        origin_refusals.add(u.connection, taken, within=FRESH)
        return True

    if not note(app, add):
        app.refused_origins.give_back(taken)
