"""Signals before the event loop has its own handlers, and after it has none any more."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger("watchword.server")

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def end_cleanly() -> None:
    """From now on SIGTERM and SIGINT end with code 0, as they do once the server is ready, and
    an early SIGHUP ends nothing. What is half done is rolled back on the way out.
    """
    for number in _ENDING:
        signal.signal(number, _end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@contextmanager
def early_end_told() -> Iterator[None]:
    """Log an end that came before the server was ready."""
    try:
        yield
    except SystemExit:
        log.info("stopped before it was ready")
        raise


def is_ending() -> None:
    """The end is under way: whoever asks for it again changes nothing."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def _end(_number: int, _frame: object) -> None:
    is_ending()
    raise SystemExit(0)
