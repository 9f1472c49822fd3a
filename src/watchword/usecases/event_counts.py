"""Counts of the audit events that this server has committed since its start.

Events are counted after the commit, so rolled back ones do not count. The counts are in memory, so
reading the metrics needs no search in the log.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from watchword.domain.audit import AuditEvent, Interface
from watchword.usecases.shared_numbers import Numbers, Share


class Tally:
    """Counts (event, interface) pairs; safe to use from any thread."""

    def __init__(self, share: Share | None = None) -> None:
        """With the share of a server's process, whose memory its workers share."""
        self.share = share or Share()
        self.waiting = Numbers(["hashes"], self.share)
        pairs = ((event.value, each.value) for event in AuditEvent for each in Interface)
        self._counts = Numbers(pairs, self.share)
        self._lock = threading.Lock()

    def count(self, events: Iterable[tuple[str, str]]) -> None:
        """Add one for each event."""
        with self._lock:
            for pair in events:
                self._counts.add(pair)

    def read(self) -> Mapping[tuple[str, str], int]:
        """Return the present counts, of all processes."""
        found = {pair: self._counts.total(pair) for pair in self._counts}
        return {pair: count for pair, count in found.items() if count}
