"""Log lines about what a client can repeat at will."""

from __future__ import annotations

import logging


class CoalescedLog:
    """Logs the first occurrence, the second, the fourth, the eighth, and so on."""

    def __init__(self, log: logging.Logger, text: str) -> None:
        self._log = log
        self._text = text
        self._count = 0

    def note(self, *values: object) -> None:
        """Count one, and log it when it is its turn."""
        self._count += 1
        if self._count.bit_count() == 1:
            self._log.warning(f"{self._text} (%d so far)", *values, self._count)
