"""Log lines about outages of the database: one when an outage begins, and one when it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from watchword.domain.operational_errors import DatabaseUnavailable

log = logging.getLogger("watchword.server")

QUIET_SECONDS: Final = 3.0
"""Time without a failure after which an outage ends. A locked database fails only sometimes."""


class Outage:
    """The state of the database: whether transactions fail. Without a clock nothing is logged:
    commands report their failures themselves.
    """

    def __init__(self) -> None:
        self._clock: Callable[[], float] | None = None
        self._lock = threading.Lock()
        self._since = self._last = 0.0
        self._is_on = self._is_of_writing = False

    def log_by(self, clock: Callable[[], float]) -> None:
        """Log from now on. `clock` returns monotonic seconds."""
        self._clock = clock

    def begins(self) -> bool:
        """Return whether a failure would begin an outage."""
        return not self._is_on

    @property
    def is_of_writing(self) -> bool:
        """Whether transactions that write fail."""
        return self._is_on and self._is_of_writing

    def failed(self, refusal: DatabaseUnavailable, *, is_writing: bool) -> None:
        """Record a failed transaction; log the first one of an outage."""
        now = self._clock() if self._clock else 0.0
        with self._lock:
            is_first, self._is_on, self._last = not self._is_on, True, now
            self._is_of_writing = is_writing or (self._is_of_writing and not is_first)
            if is_first:
                self._since = now
        if is_first and self._clock:
            log.warning(
                "the database cannot be used (%s: %s); requests that need it get 503",
                refusal.facts.get("reason"), refusal.facts.get("said") or "no more is known",
            )  # fmt: skip

    def worked(self, *, is_writing: bool) -> None:
        """Record a successful transaction; log the end of an outage.

        Reading works while the disk is full, so an outage of writing ends with a successful write.
        """
        if not self._is_on or (self._is_of_writing and not is_writing):
            return
        now = self._clock() if self._clock else 0.0
        with self._lock:
            if not self._is_on or now < self._last + QUIET_SECONDS:
                return
            self._is_on = False
            seconds = self._last - self._since
        if self._clock:
            log.warning("the database can be used again, after %.0f seconds", seconds)
