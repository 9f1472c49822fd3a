"""Outages of the database: one log line when one begins, and one when it is over."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from watchword.domain.operational_errors import DatabaseUnavailable

log = logging.getLogger("watchword.server")

QUIET_SECONDS: Final = 3.0
"""Without a failure, until an outage is over: under load a locked database fails now and then."""


class Outage:
    """Whether transactions fail just now. Nothing is logged without a clock: commands report
    what fails themselves.
    """

    def __init__(self) -> None:
        self._clock: Callable[[], float] | None = None
        self._lock = threading.Lock()
        self._since = self._last = 0.0
        self._is_on = self._is_of_writing = False

    def log_by(self, clock: Callable[[], float]) -> None:
        """Log from now on; `clock` returns seconds that only go forward."""
        self._clock = clock

    def begins(self) -> bool:
        """Return whether no outage is known yet."""
        return not self._is_on

    def failed(self, refusal: DatabaseUnavailable, *, is_writing: bool) -> None:
        """Log the first failure."""
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
        """Log that an outage is over. Reading goes on while a full disk refuses to be written, so
        one that writing has found ends by writing.
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
