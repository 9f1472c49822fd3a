"""Long runs of failed attempts: entered on SQLite, and stored directly on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.support.acts import Acts
from watchword.domain.throttle import POLICIES, Kind, Throttle
from watchword.storage import throttles

TYPED_ON_SQLITE = pytest.mark.parametrize(
    ("here", "typed"), [("sqlite", True), ("postgresql", False)], indirect=["here"]
)
"""Passes `typed` to the test. Shorter tests prove on both databases that each attempt counts."""


def store_failures(acts: Acts, kind: Kind, times: int, subject: str = "") -> None:
    """Store failed attempts as if entered at this moment; for alice without a subject."""
    tried = Throttle()
    for _ in range(times):
        tried = tried.reserved(POLICIES[kind], acts.here.clock.now()).released()
    subject = subject or str(acts.account.id)
    with acts.app.database.writing() as connection:
        throttles.hold(connection, kind, subject)
        throttles.put(connection, kind, subject, tried)
