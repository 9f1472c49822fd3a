"""Log lines about what a client can repeat at will."""

from __future__ import annotations

import logging


def is_logged(count: int) -> bool:
    """Return whether this occurrence is logged: the first, the second, the fourth, and so on."""
    return count.bit_count() == 1


class CoalescedLog:
    """Logs few of many occurrences, with their number."""

    def __init__(self, log: logging.Logger, text: str) -> None:
        self._log = log
        self._text = text
        self._count = 0

    def note(self, *values: object) -> None:
        """Count one, and log it when it is its turn."""
        self._count += 1
        if is_logged(self._count):
            self._log.warning(f"{self._text} (%d so far)", *values, self._count)
