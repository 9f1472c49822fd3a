"""The Management API on two ports: one gives answers again, one always runs the application.

Both use our protocol over plain TCP, in an event loop of a separate thread.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse
from types import FrameType
from typing import Any

import uvloop
from uvicorn.server import ServerState

from tests.support.interface_process import rest_of
from watchword import asgi
from watchword.server import listeners
from watchword.server.limits import Limits
from watchword.server.protocol import Protocol
from watchword.server.refusals import Refusals
from watchword.usecases.context import Watchword
from watchword.usecases.shared_numbers import Numbers
from watchword.web.http import refusal_bodies
from watchword.web.http.repeats import Repeats

_ID = re.compile(rb"[0-9a-f]{32}")
LAST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Counted(Repeats):
    """Counts the answers that it has given again."""

    given = 0

    def _given(self, key: bytes, epoch: int | None) -> bytes | None:
        answer = super()._given(key, epoch)
        self.given += answer is not None
        return answer


@dataclass
class TwoWays:
    """The two ports, and what they count."""

    repeats: Counted
    ports: dict[str, int] = field(default_factory=dict)
    counts: dict[str, Numbers[str]] = field(default_factory=dict)
    protocols: dict[str, set[Protocol]] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop = field(default_factory=uvloop.new_event_loop)

    def connect(self, way: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.ports[way]), timeout=30)

    def held(self) -> int:
        """Return the number of requests that wait, not parsed, for their stored answer."""
        return sum(each._held is not None for each in [*self.protocols["short"]])

    def stop(self, connection: socket.socket) -> None:
        """End a connection as a server that stops."""
        port = connection.getsockname()[1]
        for each in [*self.protocols["short"]]:
            if each.client is not None and each.client[1] == port:
                self.loop.call_soon_threadsafe(each.shutdown)

    def sent(self, way: str, stream: bytes) -> bytes:
        """Send a stream of requests, and a last one. Returns the answers, without their ids."""
        with self.connect(way) as connection:
            connection.sendall(stream + LAST)
            return _ID.sub(b"ID", rest_of(connection))

    def one_by_one(self, way: str, requests: Iterable[bytes]) -> list[object]:
        """Send each request after the answer to the one before it, until the connection closes."""
        found: list[object] = []
        with self.connect(way) as connection:
            for request in requests:
                connection.sendall(request)
                answer = HTTPResponse(connection, method=request.partition(b" ")[0].decode())
                answer.begin()
                fields = [(k, _ID.sub(b"ID", v.encode())) for k, v in answer.getheaders()]
                found.append((answer.status, answer.reason, fields, _ID.sub(b"ID", answer.read())))
                if answer.will_close:
                    break
        return found

    def answers(self, way: str, requests: list[bytes], is_together: bool) -> object:
        """Return the answers to requests that are sent together, or twice one after another."""
        if is_together:
            return self.sent(way, b"".join(requests))
        return self.one_by_one(way, requests * 2)

    def asked(self, way: str, request: bytes) -> bytes:
        """Send one request and read its answer, on a connection that then closes."""
        with self.connect(way) as connection:
            connection.sendall(request)
            found = b""
            while b"\r\n\r\n" not in found:
                found += connection.recv(65536)
            return _ID.sub(b"ID", found)


@contextmanager
def counting() -> Iterator[list[list[str]]]:
    """Record the calls of Python functions for each piece of bytes that a connection receives."""
    pieces: list[list[str]] = []
    original = Protocol.data_received

    def counted(protocol: Protocol, data: bytes) -> None:
        calls: list[str] = []

        def note(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                calls.append(frame.f_code.co_qualname)

        sys.setprofile(note)
        try:
            original(protocol, data)
        finally:
            sys.setprofile(None)
        pieces.append(calls)

    Protocol.data_received = counted  # type: ignore[method-assign, assignment]
    try:
        yield pieces
    finally:
        Protocol.data_received = original  # type: ignore[method-assign]


@contextmanager
def serving(app: Watchword) -> Iterator[TwoWays]:
    ways = TwoWays(Counted(app))
    loop, ready, ended = ways.loop, threading.Event(), asyncio.Event()

    async def run() -> None:
        servers = []
        for way, repeats in (("short", ways.repeats), ("long", None)):
            api: Any = asgi.api(app, repeats=repeats)
            ways.counts[way] = api._counts
            state = ServerState()
            ways.protocols[way] = state.connections  # type: ignore[assignment]
            make = _protocols(api, repeats, state)
            server: Any = await loop.create_server(make, "127.0.0.1", 0)
            ways.ports[way] = server.sockets[0].getsockname()[1]
            servers.append(server)
        ready.set()
        await ended.wait()
        for server in servers:
            server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=[run()])
    thread.start()
    try:
        assert ready.wait(30)
        yield ways
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        loop.close()


def _protocols(api: Any, repeats: Repeats | None, state: ServerState) -> Any:
    limits = Limits()
    state.default_headers = [(b"date", b"Tue, 01 Dec 2026 12:00:00 GMT")]
    config = listeners._config(api, limits)
    refusals = Refusals("api", refusal_bodies.problems("https://console"))
    return lambda: Protocol(config, state, limits, refusals, lambda: None, repeats)
