"""Who comes in at one door: counted before a byte is read, then the TLS handshake, in time; by
the settings for plain HTTP there is no handshake.

uvicorn would leave this to the event loop, where a handshake has 60 seconds and connections
that are not through it are counted by nobody.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from watchword.server.limits import Gate, Limits
from watchword.server.protocol import Protocol

log = logging.getLogger("watchword.server")

_AT_ONCE: Final = 64
_PAUSE_SECONDS: Final = 0.25
_GONE_AGAIN: Final = frozenset({errno.ECONNABORTED, errno.EINTR, errno.EPROTO})


class Acceptor:
    """The listening socket of one door. Stands where uvicorn has its `asyncio.Server`."""

    def __init__(
        self,
        bound: socket.socket,
        context: ssl.SSLContext | None,
        limits: Limits,
        protocol: Callable[[Callable[[], None]], Protocol],
    ) -> None:
        self._bound = bound
        self._context = context
        self._limits = limits
        self._protocol = protocol
        self._gate = Gate(limits)
        self._loop = asyncio.get_running_loop()
        self._greeting: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._turned_away = 0
        self._open()

    def _open(self) -> None:
        self._pause = None
        self._loop.add_reader(self._bound.fileno(), self._accept)

    def _accept(self) -> None:
        """Take those who wait, some at once, so that the loop's other work is not kept."""
        for _ in range(_AT_ONCE):
            try:
                peer, address = self._bound.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _GONE_AGAIN:
                    continue
                # Out of files or memory: those who wait go on waiting, in the backlog.
                log.warning("no new connection for a moment: %s", error.strerror)
                self._loop.remove_reader(self._bound.fileno())
                self._pause = self._loop.call_later(_PAUSE_SECONDS, self._open)
                return
            self._receive(peer, str(address[0]))

    def _receive(self, peer: socket.socket, host: str) -> None:
        leave = self._gate.enter(host)
        if leave is None:
            peer.close()
            self._turned_away += 1
            if self._turned_away.bit_count() == 1:  # 1, 2, 4, 8 ...: no flood in the log
                log.warning("too many connections: %d turned away, the last from %s",
                            self._turned_away, host)  # fmt: skip
            return
        task = self._loop.create_task(self._greet(peer, leave))
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)

    async def _greet(self, peer: socket.socket, leave: Callable[[], None]) -> None:
        """Through the handshake. From there on it is the protocol that says who left."""
        protocol = self._protocol(leave)
        try:
            peer.setblocking(False)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(
                lambda: protocol,
                peer,
                **self._tls(),
            )
        except OSError:
            return  # not TLS, no common version, gone, or silent: nobody's business
        finally:
            if not protocol.is_through:
                leave()

    def _tls(self) -> dict[str, Any]:
        if self._context is None:
            return {}
        return {
            "ssl": self._context,
            "ssl_handshake_timeout": self._limits.handshake_seconds,
            "ssl_shutdown_timeout": self._limits.write_seconds,
        }

    def close(self) -> None:
        """Let nobody in any more."""
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self._bound.fileno())
        for task in self._greeting:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until nobody stands in the door."""
        await asyncio.gather(*self._greeting, return_exceptions=True)
