"""The figures that a monitoring system asks for."""

from __future__ import annotations

from watchword.storage import counts
from watchword.storage.counts import Figures
from watchword.usecases.context import Watchword


def count(app: Watchword) -> Figures:
    """Count accounts, sessions and API passwords. Raises DatabaseUnavailable."""
    now = app.clock.now()
    with app.database.reading() as connection:
        return counts.count(connection, now, now - app.limits.idle)
