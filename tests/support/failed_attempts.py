"""Long runs of wrong tries: typed on one database, and put there on the other."""

from __future__ import annotations

import pytest

from tests.support.acts import Acts
from watchword.domain.throttle import POLICIES, Kind, Throttle
from watchword.storage import throttles

TYPED_ON_SQLITE = pytest.mark.parametrize(
    ("here", "typed"), [("sqlite", True), ("postgresql", False)], indirect=["here"]
)
"""The test is given `typed`. That each try counts, shorter tests prove on both databases."""


def store_failures(acts: Acts, kind: Kind, times: int, subject: str = "") -> None:
    """As many wrong tries as would have been typed at this moment; alice's without a subject."""
    tried = Throttle()
    for _ in range(times):
        tried = tried.reserved(POLICIES[kind], acts.here.clock.now()).released()
    subject = subject or str(acts.account.id)
    with acts.app.database.writing() as connection:
        throttles.hold(connection, kind, subject)
        throttles.put(connection, kind, subject, tried)
