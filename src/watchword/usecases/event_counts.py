"""How often each audit event was committed by this process since it started.

Counted where the transaction ends, so that nothing is counted that was rolled back, and in
memory, so that whoever scrapes the figures costs no search through the log.
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
        """Return the counts as they are now."""
        with self._lock:
            return dict(self._counts)
