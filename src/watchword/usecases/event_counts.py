"""Counts of the audit events that this process has committed since its start.

Events are counted after the commit, so rolled back ones do not count. The counts are in memory, so
reading the metrics needs no search in the log.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping


class Tally:
    """Counts (event, interface) pairs; safe to use from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def count(self, events: Iterable[tuple[str, str]]) -> None:
        """Add one for each event."""
        with self._lock:
            self._counts.update(events)

    def read(self) -> Mapping[tuple[str, str], int]:
        """Return the present counts."""
        with self._lock:
            return dict(self._counts)
