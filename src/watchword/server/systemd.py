"""What the service manager is told, by the protocol of sd_notify(3): a line on a socket.

Without `NOTIFY_SOCKET` there is nobody to tell, and nothing happens.
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
    """Whoever started us and wants to know how we are: systemd, or nobody."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog_seconds = _watchdog(environ) if self._address else None
        """How long we may be silent; None when nobody watches."""

    def tell(self, **state: str | int) -> None:
        """Send a state. Raises nothing: a manager that is gone must not stop the server."""
        if not self._address:
            return
        # "@" stands for the zero byte of an address without a file.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        lines = "\n".join(f"{name}={value}" for name, value in state.items())
        with contextlib.suppress(OSError):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto(lines.encode(), address)

    async def feed_watchdog(self, look: Callable[[], Awaitable[str]]) -> None:
        """Tell that we live and what `look` finds, at half the time, as long as the event loop
        runs this and a look ends. One that hangs is not fed any more, and the manager starts a
        new one.
        """
        if self.watchdog_seconds is None:
            return
        while True:
            self.tell(STATUS=await look(), WATCHDOG=1)
            await asyncio.sleep(self.watchdog_seconds / 2)


def _watchdog(environ: Mapping[str, str]) -> float | None:
    is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    is_number = microseconds.isascii() and microseconds.isdecimal()
    if not is_ours or not is_number or int(microseconds) == 0:
        return None
    return int(microseconds) / _MICROSECONDS
