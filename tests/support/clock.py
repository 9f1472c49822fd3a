"""A clock that moves only when a test advances it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


class MovableClock:
    """A clock that shows the same time until `advance`."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    def put_back(self, to: datetime) -> None:
        self._now = to

    def next_step(self) -> None:
        """Move to the next TOTP step."""
        self._now += timedelta(seconds=30)
