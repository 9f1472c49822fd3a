"""Log lines for events that a client can repeat without limit."""

from __future__ import annotations

import logging


def is_logged(count: int) -> bool:
    """Return whether this occurrence is logged: the first, the second, the fourth, and so on."""
    return count.bit_count() == 1


class CoalescedLog:
    """Logs the first, second, fourth, eighth ... occurrence, with the count."""

    def __init__(self, log: logging.Logger, text: str) -> None:
        self._log = log
        self._text = text
        self._count = 0

    def note(self, *values: object) -> None:
        """Count an occurrence; log it if it is due."""
        self._count += 1
        if is_logged(self._count):
            self._log.warning(f"{self._text} (%d so far)", *values, self._count)
