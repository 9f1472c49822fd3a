"""Notifications to the service manager by the protocol of sd_notify(3): lines on a socket.

Without `NOTIFY_SOCKET` nothing is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

_MICROSECONDS: Final = 1_000_000


class ServiceManager:
    """The service manager that started this process, if any."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog_seconds = _watchdog(environ) if self._address else None
        """Longest time between two watchdog notifications; None without a watchdog."""

    def notify(self, **state: str | int) -> None:
        """Send a state. Errors are ignored: a failed manager must not stop the server."""
        if not self._address:
            return
        # "@" replaces the zero byte of an abstract address.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        lines = "\n".join(f"{name}={value}" for name, value in state.items())
        with contextlib.suppress(OSError):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(lines.encode(), address)

    async def feed_watchdog(self, look: Callable[[], Awaitable[str]]) -> None:
        """Notify the watchdog with the status that `look` returns, twice in each interval.

        A blocked event loop or a hanging `look` sends no notification, so the manager restarts the
        server.
        """
        if self.watchdog_seconds is None:
            return
        while True:
            self.notify(STATUS=await look(), WATCHDOG=1)
            await asyncio.sleep(self.watchdog_seconds / 2)


def _watchdog(environ: Mapping[str, str]) -> float | None:
    is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    is_number = microseconds.isascii() and microseconds.isdecimal()
    if not is_ours or not is_number or int(microseconds) == 0:
        return None
    return int(microseconds) / _MICROSECONDS
