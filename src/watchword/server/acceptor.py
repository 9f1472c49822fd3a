"""Who comes in at one interface: counted before a byte is read, then the TLS handshake, in time; by
the settings for plain HTTP there is no handshake.

uvicorn would leave this to the event loop, where a handshake has 60 seconds and connections
that are not through it are counted by nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from watchword.server.limits import Gate, Limits
from watchword.server.protocol import Protocol
from watchword.server.refusals import Refusals

log = logging.getLogger("watchword.server")

_AT_ONCE: Final = 64
_METHOD_BYTES: Final = 8
_PLAIN_HTTP: Final = re.compile(rb"[A-Z]{3,7}[ ]|[A-Z]{8}")
_PAUSE_SECONDS: Final = 0.25
_GONE_AGAIN: Final = frozenset({errno.ECONNABORTED, errno.EINTR, errno.EPROTO})


class Acceptor:
    """The listening socket of one interface. Stands where uvicorn has its `asyncio.Server`."""

    def __init__(
        self,
        bound: socket.socket,
        context: ssl.SSLContext | None,
        limits: Limits,
        refusals: Refusals,
        protocol: Callable[[Callable[[], None]], Protocol],
    ) -> None:
        self._bound = bound
        self._context = context
        self._limits = limits
        self._refusals = refusals
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
        task = self._loop.create_task(self._greet(peer, host, leave))
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)

    async def _greet(self, peer: socket.socket, host: str, leave: Callable[[], None]) -> None:
        """Through the handshake. From there on it is the protocol that says who left."""
        protocol = self._protocol(leave)
        try:
            peer.setblocking(False)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None and _PLAIN_HTTP.match(await self._first_bytes(peer)):
                await self._say_https(peer, host)
                return
            await self._loop.connect_accepted_socket(
                lambda: protocol,
                peer,
                **self._tls(),
            )
        except OSError:
            peer.close()
            return  # not TLS, no common version, gone, or silent: nobody's business
        finally:
            if not protocol.is_through:
                leave()

    async def _first_bytes(self, peer: socket.socket) -> bytes:
        """Return the first bytes without taking them. Raises TimeoutError."""
        came = self._loop.create_future()
        number = peer.fileno()
        self._loop.add_reader(number, came.cancel)
        try:
            await asyncio.wait([came], timeout=self._limits.handshake_seconds)
        finally:
            self._loop.remove_reader(number)
        try:
            return peer.recv(_METHOD_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            raise TimeoutError from None

    async def _say_https(self, peer: socket.socket, host: str) -> None:
        """Answer plain HTTP, and wait for the client to have read it: unread bytes in our buffer
        would make the system reset the connection first.
        """
        with contextlib.closing(peer), contextlib.suppress(TimeoutError):
            await self._loop.sock_recv(peer, self._limits.head_bytes)
            await self._loop.sock_sendall(peer, self._refusals.use_https(host))
            peer.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(self._limits.goodbye_seconds):
                while await self._loop.sock_recv(peer, self._limits.head_bytes):
                    pass

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
        """Wait until nobody stands in the interface."""
        await asyncio.gather(*self._greeting, return_exceptions=True)
