"""Figures for monitoring systems."""

from __future__ import annotations

from watchword.domain.audit import Actor
from watchword.storage import counts
from watchword.storage.counts import Figures
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import reading


def count(app: Watchword, actor: Actor) -> Figures:
    """Count accounts, sessions and API passwords. Raises DatabaseUnavailable."""
    now = app.clock.now()
    with reading(app, actor) as connection:
        return counts.count(connection, now, now - app.limits.idle)
