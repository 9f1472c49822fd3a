"""The listeners: one uvicorn server for each door, in one event loop, ended together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import anyio.to_thread
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from watchword.config import Address
from watchword.domain.errors import PlaceUnusable
from watchword.web import ASGIApp

THREADS: Final = 16
"""As many as database connections: with more, threads wait for connections in vain."""
DRAIN_SECONDS: Final = 8
HARD_EXIT_SECONDS: Final = 9.5
_BACKLOG: Final = 2048
_IDLE_SECONDS: Final = 15
_LAST_WORDS_SECONDS: Final = 0.25


class Protocol(HttpToolsProtocol):
    """The HTTP protocol of every door. Also the seam for cutting slow clients: uvicorn has no
    setting for a header that never ends.

    At the end of the server a connection is aborted, not closed: closing TLS waits for the
    client to agree, and an idle client of a connection pool never does.
    """

    _is_ending = False

    def shutdown(self) -> None:
        """End the connection: at once when idle, else with the answer that is under way."""
        self._is_ending = True
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()

    def on_response_complete(self) -> None:
        """Let the answer leave, then go."""
        super().on_response_complete()
        if self._is_ending:
            self.loop.call_later(_LAST_WORDS_SECONDS, self.transport.abort)


@dataclass(frozen=True)
class DoorListener:
    """One door: its name in messages, where it listens, and its app."""

    setting: str
    address: Address
    app: ASGIApp


def bind(setting: str, address: Address) -> socket.socket:
    """Return a listening socket. Raises PlaceUnusable, naming the setting."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address.host, address.port))
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except (OSError, UnicodeError) as error:  # a name that cannot be one fails in its encoding
        bound.close()
        what = f"{setting} = {address}"
        reason = getattr(error, "strerror", None) or str(error)
        raise PlaceUnusable(what=what, reason=reason) from error
    return bound


class _Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn would raise SIGTERM again and exit 143."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp, context: ssl.SSLContext) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        ssl_context_factory=lambda _config, _default: context,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        backlog=_BACKLOG,
    )


async def run(
    doors: Sequence[tuple[DoorListener, socket.socket]],
    context: ssl.SSLContext,
    on_ready: Callable[[], None],
    beside: Callable[[], Awaitable[None]],
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. `beside` runs meanwhile, and is cancelled.

    A second signal, or a drain that outlasts its time, exits at once with code 0: what was
    acknowledged is committed, so nothing is lost by it.
    """
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    servers = [_Server(_config(door.app, context)) for door, _ in doors]
    _listen_for_signals(servers)
    upkeep = asyncio.ensure_future(beside())
    serving = [
        asyncio.ensure_future(server.serve(sockets=[bound]))
        for server, (_, bound) in zip(servers, doors, strict=True)
    ]
    try:
        while not all(server.started for server in servers):
            if any(task.done() for task in serving):
                break
            await asyncio.sleep(0.005)
        else:
            on_ready()
        await asyncio.gather(*serving)
    finally:
        upkeep.cancel()


def _listen_for_signals(servers: Sequence[_Server]) -> None:
    loop = asyncio.get_running_loop()
    seen: list[int] = []

    def stop(number: int) -> None:
        if seen:
            os._exit(0)
        seen.append(number)
        for server in servers:
            server.should_exit = True
        # Not a timer of the loop: the loop may be over while a busy thread holds the exit.
        end = threading.Timer(HARD_EXIT_SECONDS, os._exit, (0,))
        end.daemon = True
        end.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
