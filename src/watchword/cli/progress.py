"""Progress of long work in one line on a terminal, with the rate; nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from watchword.i18n import _
from watchword.usecases.progress import Progress, silent

DRAWN_EVERY: Final = 200_000
"""Microseconds between two lines; the first and the last one are always drawn."""
_CLEAR: Final = "\r\x1b[K"
Wording = Callable[[int, int, int], str]
"""Returns the line for the completed amount, the total (0: unknown) and the rate per second."""


@contextmanager
def shown(wording: Wording, *, has_output: bool = False) -> Iterator[Progress]:
    """Yield a function that shows the completed amount and the total on standard error.

    The line is removed at the end, also when the work fails. With `has_output` the work writes to
    standard output meanwhile: on a terminal nothing is shown then.
    """
    if not sys.stderr.isatty() or (has_output and sys.stdout.isatty()):
        yield silent
        return
    from watchword.bootstrap import monotonic_microseconds

    begun = next_at = monotonic_microseconds()

    def draw(done: int, total: int) -> None:
        nonlocal next_at
        now = monotonic_microseconds()
        if now < next_at and done != total:
            return
        next_at = now + DRAWN_EVERY
        rate = done * 1_000_000 // max(now - begun, DRAWN_EVERY)
        sys.stderr.write(_CLEAR + wording(done, total, rate))
        sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()


def encrypted(done: int, total: int, rate: int) -> str:
    """Return the line of a key rotation."""
    return _("%(done)s of %(total)s encrypted, %(rate)s per second",
             done=f"{done:,}", total=f"{total:,}", rate=f"{rate:,}")  # fmt: skip


def checked(done: int, total: int, rate: int) -> str:
    """Return the line of a check."""
    return _("%(done)s of %(total)s checked, %(rate)s per second",
             done=f"{done:,}", total=f"{total:,}", rate=f"{rate:,}")  # fmt: skip


def exported(done: int, _total: int, rate: int) -> str:
    """Return the line of an export, whose total is not known."""
    return _("%(done)s events exported, %(rate)s per second", done=f"{done:,}", rate=f"{rate:,}")


def copied(done: int, total: int, rate: int) -> str:
    """Return the line of a backup or a restore, in MiB."""
    done, total, rate = done >> 20, total >> 20, rate >> 20
    return _("%(done)s of %(total)s MiB copied, %(rate)s MiB per second",
             done=f"{done:,}", total=f"{total:,}", rate=f"{rate:,}")  # fmt: skip
