"""Signal handlers for the time before and after the event loop."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger("watchword.server")

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


def end_cleanly() -> None:
    """Make SIGTERM and SIGINT exit with code 0, as they do once the server is ready, and ignore
    SIGHUP. The exit is an exception, so open transactions are rolled back.
    """
    for number in _ENDING:
        signal.signal(number, _end)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@contextmanager
def early_exit_logged() -> Iterator[None]:
    """Log an exit before the server is ready."""
    try:
        yield
    except SystemExit:
        log.info("stopped before it was ready")
        raise


def ignore_end() -> None:
    """Ignore SIGTERM and SIGINT, because the server is already stopping."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def _end(_number: int, _frame: object) -> None:
    ignore_end()
    raise SystemExit(0)
