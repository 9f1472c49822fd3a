"""Refused cross-origin requests that this process has counted but not stored yet."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from watchword.storage.origin_refusals import OriginRefusals

STORED_EVERY: Final = timedelta(minutes=1)


class OriginTally:
    """Counts of refused cross-origin requests; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = 0
        self._counted: OriginRefusals | None = None
        self._tried_at: datetime | None = None

    def count(self, origin: str, asked: str, now: datetime) -> tuple[int, bool]:
        """Count one request. Returns the number since the start and whether to store the counts."""
        with self._lock:
            self._total += 1
            self._add(OriginRefusals(1, origin, asked, now, now))
            # A time in the future means that the clock was set back.
            is_due = self._tried_at is None or abs(now - self._tried_at) >= STORED_EVERY
            if is_due:
                self._tried_at = now
            return self._total, is_due

    def take(self) -> OriginRefusals | None:
        """Return the counts and reset them."""
        with self._lock:
            taken, self._counted = self._counted, None
            return taken

    def give_back(self, taken: OriginRefusals) -> None:
        """Add counts that could not be stored."""
        with self._lock:
            later, self._counted = self._counted, taken
            if later is not None:
                self._add(later)

    def _add(self, more: OriginRefusals) -> None:
        if (counted := self._counted) is not None:
            total = counted.count + more.count
            more = replace(more, count=total, first_at=counted.first_at)
        self._counted = more
