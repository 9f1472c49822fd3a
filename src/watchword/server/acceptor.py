"""Acceptance of connections for one interface, up to its limits.

A connection is counted before a byte is read. uvicorn would not count the connections that have not
finished their handshake.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable
from typing import Final

from watchword.server.limits import Gate, Limits

log = logging.getLogger("watchword.server")

Leave = Callable[[], None]
"""Ends the counting of a connection. A second call does nothing."""
Deliver = Callable[[socket.socket, str, Leave], None]
"""Serves a connection of the client with that address."""
_ACCEPTS_PER_TURN: Final = 64
_PAUSE_SECONDS: Final = 0.25
_CLOSED_EARLY: Final = frozenset({errno.ECONNABORTED, errno.EINTR, errno.EPROTO})


class Acceptor:
    """The listening socket of one interface. Replaces the `asyncio.Server` of uvicorn."""

    def __init__(self, bound: socket.socket, limits: Limits, deliver: Deliver) -> None:
        self._bound = bound
        self._deliver = deliver
        self._gate = Gate(limits)
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._rejected = 0
        self._open()

    def _open(self) -> None:
        self._pause = None
        self._loop.add_reader(self._bound.fileno(), self._accept)

    def _accept(self) -> None:
        """Accept waiting connections, a limited number per turn: other work of the loop must run."""
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                peer, address = self._bound.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _CLOSED_EARLY:
                    continue
                # Out of file descriptors or memory: clients wait in the backlog of the socket.
                log.warning("accepting connections pauses for a moment: %s", error.strerror)
                self._loop.remove_reader(self._bound.fileno())
                self._pause = self._loop.call_later(_PAUSE_SECONDS, self._open)
                return
            self._receive(peer, str(address[0]))

    def _receive(self, peer: socket.socket, host: str) -> None:
        leave = self._gate.enter(host)
        if leave is None:
            peer.close()
            self._rejected += 1
            if self._rejected.bit_count() == 1:  # 1, 2, 4, 8 ...: a flood does not fill the log
                log.warning("too many connections: %d rejected, the last from %s",
                            self._rejected, host)  # fmt: skip
            return
        self._deliver(peer, host, leave)

    def close(self) -> None:
        """Stop accepting."""
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self._bound.fileno())

    async def wait_closed(self) -> None:
        """Do nothing: nothing is under way."""
