"""Acceptance of connections for one interface: connection limit, then TLS handshake with a timeout.

A connection is counted before a byte is read. With plain HTTP there is no handshake. uvicorn would
leave this to the event loop, which gives a handshake 60 seconds and does not count the connections
that have not finished theirs.
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

_ACCEPTS_PER_TURN: Final = 64
_METHOD_BYTES: Final = 8
_PLAIN_HTTP: Final = re.compile(rb"[A-Z]{3,7}[ ]|[A-Z]{8}")
_PAUSE_SECONDS: Final = 0.25
_CLOSED_EARLY: Final = frozenset({errno.ECONNABORTED, errno.EINTR, errno.EPROTO})


class Acceptor:
    """The listening socket of one interface. Replaces the `asyncio.Server` of uvicorn."""

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
        self._handshakes: set[asyncio.Task[None]] = set()
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
        task = self._loop.create_task(self._connect(peer, host, leave))
        self._handshakes.add(task)
        task.add_done_callback(self._handshakes.discard)

    async def _connect(self, peer: socket.socket, host: str, leave: Callable[[], None]) -> None:
        """Complete the handshake. Afterwards the protocol calls `leave` when the client is gone."""
        protocol = self._protocol(leave)
        try:
            peer.setblocking(False)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None and _PLAIN_HTTP.match(await self._first_bytes(peer)):
                await self._answer_plain_http(peer, host)
                return
            await self._loop.connect_accepted_socket(
                lambda: protocol,
                peer,
                **self._tls(),
            )
        except OSError:
            peer.close()
            return  # not TLS, no common version, closed or silent: not worth a log line
        finally:
            if not protocol.is_connected:
                leave()

    async def _first_bytes(self, peer: socket.socket) -> bytes:
        """Return the first bytes and leave them in the buffer. Raises TimeoutError."""
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

    async def _answer_plain_http(self, peer: socket.socket, host: str) -> None:
        """Answer plain HTTP, then read until the client closes: the system resets a connection
        that is closed with unread bytes in our buffer, and the client would lose the answer.
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
        """Stop accepting, and cancel handshakes that are under way."""
        if self._pause is not None:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self._bound.fileno())
        for task in self._handshakes:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until no handshake is under way."""
        await asyncio.gather(*self._handshakes, return_exceptions=True)
