"""One uvicorn server for each interface, all in one event loop, stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import uvicorn
from msgspec import Struct, field

from watchword.config import Address, InterfaceSettings
from watchword.domain.operational_errors import PlaceUnusable
from watchword.server.acceptor import Acceptor, Deliver, Leave
from watchword.server.handshakes import Handshakes
from watchword.server.limits import Limits, fit_open_files
from watchword.server.protocol import Protocol
from watchword.server.refusals import Refusals
from watchword.web import ASGIApp
from watchword.web.http import refusal_bodies
from watchword.web.http.refusal_bodies import Unread
from watchword.web.http.repeats import Repeats

log = logging.getLogger("watchword.server")

DRAIN_SECONDS: Final = 8
HARD_EXIT_SECONDS: Final = 9.5
_BACKLOG: Final = 2048


class InterfaceListener(Struct, frozen=True):
    """One interface with its listening socket and its application."""

    interface: InterfaceSettings
    bound: socket.socket
    app: ASGIApp
    body_of: Unread = refusal_bodies.text
    """Makes the bodies of answers that the application does not give."""
    limits: Limits = field(default_factory=Limits)
    url: str = ""
    """The address that is printed for people."""
    is_plain: bool = False
    """Whether it speaks HTTP although there is a certificate."""
    repeats: Repeats | None = None
    """Answers that the application has stored to be given again."""


def bind(setting: str, address: Address) -> socket.socket:
    """Return a listening socket. Raises PlaceUnusable, naming the setting."""
    with _listening(setting, address) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address.host, address.port))
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    return bound


def demand_own(setting: str, address: Address) -> None:
    """Raise PlaceUnusable where the host is not an address of this machine. The port may be in
    use.
    """
    with _listening(setting, address) as bound, bound:
        bound.bind((address.host, 0))


@contextlib.contextmanager
def _listening(setting: str, address: Address) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        yield bound
    except (OSError, UnicodeError) as error:  # UnicodeError: the host cannot be encoded as a name
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        what = f"{setting} = {address}"
        raise PlaceUnusable(
            what=what, reason=reason, setting=setting, cause=_cause(error)
        ) from error


def _cause(error: Exception) -> str:
    if isinstance(error, UnicodeError | socket.gaierror):
        return "name"
    return _CAUSES.get(getattr(error, "errno", 0), "other")


_CAUSES: Final = {
    errno.EADDRINUSE: "in-use",
    errno.EADDRNOTAVAIL: "elsewhere",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
}
_AFTER_DRAIN_SECONDS: Final = 0.5


class Server(uvicorn.Server):
    """A server with our acceptor and without signal handlers: uvicorn would raise SIGTERM again
    and exit with 143. Without sockets it serves only the connections that `begin` receives.
    """

    begin: Deliver

    def __init__(
        self,
        interface: InterfaceListener,
        limits: Limits,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(_config(interface.app, limits))
        self._refusals = Refusals(interface.interface.name, interface.body_of)
        self._context = context
        self._limits = limits
        self._repeats = interface.repeats

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections from the sockets."""

        def protocol(left: Leave) -> Protocol:
            return Protocol(
                self.config, self.server_state, self._limits, self._refusals, left, self._repeats
            )

        handshakes = Handshakes(self._context, self._limits, self._refusals, protocol)
        self.begin = handshakes.begin
        # uvicorn only calls `close` and `wait_closed` of them.
        servers: list[Any] = [Acceptor(each, self._limits, self.begin) for each in sockets or []]
        servers.append(handshakes)
        self.servers = servers
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain. Requests that are cancelled after the timeout get a moment to end their answers."""
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_AFTER_DRAIN_SECONDS)


def _config(app: ASGIApp, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


class Hooks(Struct, frozen=True):
    """Actions of the server process besides serving."""

    on_ready: Callable[[], None]
    background: Callable[[], Awaitable[None]]
    """Runs while the server serves, and is cancelled at the end."""
    on_stop: Callable[[], None] = lambda: None
    on_hangup: Callable[[], Awaitable[None]] | None = None
    """Runs at SIGHUP; a second signal waits until the first run has ended."""


async def run(
    interfaces: Sequence[InterfaceListener],
    context: ssl.SSLContext | None,
    hooks: Hooks,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain. Without a context the interfaces speak plain HTTP.

    A second signal, or a drain that takes too long, ends the process immediately with code 0.
    Acknowledged changes are committed, so none is lost.
    """
    servers = servers_of(interfaces, context)
    stop_at_signals(partial(end, servers), hooks.on_stop)
    async with in_background(hooks):
        await serve(servers, [[each.bound] for each in interfaces], hooks.on_ready)


def servers_of(
    interfaces: Sequence[InterfaceListener], context: ssl.SSLContext | None
) -> list[Server]:
    """Return the servers of the interfaces, with as many connections as files may be open."""
    limits = fit_open_files([each.limits for each in interfaces])
    return [
        Server(each, limit, None if each.is_plain else context)
        for each, limit in zip(interfaces, limits, strict=True)
    ]


async def serve(
    servers: Sequence[Server],
    bound: Sequence[list[socket.socket]],
    on_ready: Callable[[], None],
) -> None:
    """Run the servers until they end. `bound` has the listening sockets of each."""
    serving = [
        asyncio.ensure_future(server.serve(sockets=sockets))
        for server, sockets in zip(servers, bound, strict=True)
    ]
    while not all(server.started for server in servers):
        if any(task.done() for task in serving):
            break
        await asyncio.sleep(0.005)
    else:
        on_ready()
    await asyncio.gather(*serving)


def end(servers: Sequence[Server]) -> None:
    """Make the servers drain and end."""
    for server in servers:
        server.should_exit = True


@contextlib.asynccontextmanager
async def in_background(hooks: Hooks) -> AsyncIterator[None]:
    """Run the work of the hooks while the block runs."""
    background = [asyncio.ensure_future(hooks.background())]
    if hooks.on_hangup is not None:
        background.append(asyncio.ensure_future(_at_hangup(hooks.on_hangup)))
    try:
        yield
    finally:
        for task in background:
            task.cancel()


async def _at_hangup(act: Callable[[], Awaitable[None]]) -> None:
    came = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, came.set)
    while True:
        await came.wait()
        came.clear()
        await act()


def stop_at_signals(stop_serving: Callable[[], None], on_stop: Callable[[], None]) -> None:
    """Stop at the first SIGTERM or SIGINT; end the process at the second."""
    loop = asyncio.get_running_loop()
    seen: list[int] = []

    def stop(number: int) -> None:
        if seen:
            os._exit(0)
        seen.append(number)
        log.info("stopping (%s): requests under way are completed", signal.Signals(number).name)
        stop_serving()
        end_process_late()
        on_stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)


def end_process_late() -> None:
    """End the process if draining takes too long.

    A thread, not a timer of the loop: the loop may have ended while a busy worker thread delays the
    exit.
    """
    timer = threading.Timer(HARD_EXIT_SECONDS, os._exit, (0,))
    timer.daemon = True
    timer.start()
