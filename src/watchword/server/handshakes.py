"""The beginning of a connection: TLS handshake with a timeout, then the protocol.

With plain HTTP there is no handshake. uvicorn would leave this to the event loop, which gives a
handshake 60 seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

from watchword.server.acceptor import Leave
from watchword.server.limits import Limits
from watchword.server.protocol import Protocol
from watchword.server.refusals import Refusals

_METHOD_BYTES: Final = 8
_PLAIN_HTTP: Final = re.compile(rb"[A-Z]{3,7}[ ]|[A-Z]{8}")


class Handshakes:
    """The handshakes under way at one interface."""

    def __init__(
        self,
        context: ssl.SSLContext | None,
        limits: Limits,
        refusals: Refusals,
        protocol: Callable[[Leave], Protocol],
    ) -> None:
        self._context = context
        self._limits = limits
        self._refusals = refusals
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._under_way: set[asyncio.Task[None]] = set()

    def begin(self, peer: socket.socket, host: str, leave: Leave) -> None:
        """Serve a connection."""
        task = self._loop.create_task(self._connect(peer, host, leave))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _connect(self, peer: socket.socket, host: str, leave: Leave) -> None:
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
        """Cancel the handshakes that are under way."""
        for task in self._under_way:
            task.cancel()

    async def wait_closed(self) -> None:
        """Wait until no handshake is under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
