"""Progress of long work, reported to the interface that shows it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Receives the completed amount and the total; the total is 0 when it is not known."""


def silent(_done: int, _total: int) -> None:
    """Report nothing."""
