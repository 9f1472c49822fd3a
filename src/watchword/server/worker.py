"""A worker: it serves the connections that the first process sends (workers.py).

It ends as soon as the first process has ended, so that no request is answered without the process
that holds the ports and counts the connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

import uvloop

from watchword.config import Settings
from watchword.crypto.live_certificate import LiveCertificate
from watchword.server import listeners, logs, workers
from watchword.server.acceptor import Leave
from watchword.server.listeners import Hooks, InterfaceListener, Server
from watchword.server.periodic import periodically
from watchword.server.reload import Reload
from watchword.server.systemd import ServiceManager
from watchword.usecases.audit import refused_origins
from watchword.usecases.context import Watchword
from watchword.usecases.operations import maintenance

_BEAT_SECONDS: Final = 1.0
_MESSAGES_PER_TURN: Final = 64
_IDS_PER_MESSAGE: Final = (workers.MESSAGE_BYTES - 1) // workers.ID.size
Act = Callable[[], Awaitable[None]]


class Channel:
    """The worker's end of the channel. `acts` has what other messages start."""

    def __init__(
        self, channel: socket.socket, servers: Sequence[Server], acts: dict[bytes, Act]
    ) -> None:
        channel.setblocking(False)
        self._channel = channel
        self._servers = servers
        self._acts = acts
        self._loop = asyncio.get_running_loop()
        self._left: list[int] = []
        self._tasks: set[asyncio.Future[None]] = set()

    def open(self) -> None:
        """Report that the worker is ready, and receive."""
        self._channel.send(workers.READY + workers.ID.pack(os.getpid()))
        self._loop.add_reader(self._channel.fileno(), self._receive)

    def beat(self) -> None:
        """Report that the worker is alive."""
        with contextlib.suppress(BlockingIOError):
            self._channel.send(workers.ALIVE)
        self._send_left()

    def _receive(self) -> None:
        for _ in range(_MESSAGES_PER_TURN):
            try:
                message, files, *_rest = socket.recv_fds(
                    self._channel, workers.MESSAGE_BYTES, 1, socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return
            except ConnectionError:
                os._exit(1)
            if not message:
                os._exit(1)
            if files:
                _kind, interface, id_ = workers.CONNECTION.unpack(message)
                self._serve(self._servers[interface], socket.socket(fileno=files[0]), id_)
            else:
                task = asyncio.ensure_future(self._acts[message]())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _serve(self, server: Server, peer: socket.socket, id_: int) -> None:
        leave = self._leaver(id_)
        try:
            host = str(peer.getpeername()[0])
        except OSError:  # it is closed already
            peer.close()
            leave()
        else:
            server.begin(peer, host, leave)

    def _leaver(self, id_: int) -> Leave:
        has_left = False

        def leave() -> None:
            nonlocal has_left
            if not has_left:
                has_left = True
                self._left.append(id_)
                if len(self._left) == 1:
                    self._loop.call_soon(self._send_left)

        return leave

    def _send_left(self) -> None:
        with contextlib.suppress(OSError):  # full: the next beat sends them
            while self._left:
                ids = self._left[:_IDS_PER_MESSAGE]
                self._channel.send(workers.LEFT + b"".join(map(workers.ID.pack, ids)))
                del self._left[: len(ids)]


class Serving:
    """The applications that a worker serves. It is made before the fork."""

    def __init__(
        self,
        app: Watchword,
        interfaces: Sequence[InterfaceListener],
        certificate: LiveCertificate | None,
        reread: Callable[[], Settings] | None,
    ) -> None:
        self._app = app
        self._interfaces = interfaces
        self._context = certificate.context if certificate else None
        self._reload = Reload(app.settings, certificate, ServiceManager({}), reread)

    def work(self, number: int, is_replacement: bool, channel: socket.socket) -> None:
        """Serve as the worker with this number, until the first process orders the stop."""
        logs.number_lines(number)
        self._app.tally.share.number = number
        uvloop.run(self._run(channel, is_replacement=is_replacement))
        self._app.close()

    async def _run(self, channel: socket.socket, *, is_replacement: bool) -> None:
        if is_replacement:  # the fork has the certificate and settings of the server's start
            await self._reload()
        servers = listeners.servers_of(self._interfaces, self._context)

        async def stop() -> None:
            listeners.end(servers)
            listeners.end_process_late()
            self._app.queue.end()

        acts: dict[bytes, Act] = {workers.RELOAD: self._reload, workers.RENEWED: self._reload.renewed,
                workers.STOP: stop}  # fmt: skip
        ours = Channel(channel, servers, acts)

        def ready() -> None:
            gc.enable()
            ours.open()

        hooks = Hooks(ready, lambda: self._background(ours))
        async with listeners.in_background(hooks):
            await listeners.serve(servers, [[] for _ in servers], hooks.on_ready)

    async def _background(self, channel: Channel) -> None:
        await asyncio.gather(self._beats(channel), periodically(self._maintenance()))

    async def _beats(self, channel: Channel) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            self._app.hashes_waiting()
            channel.beat()

    def _maintenance(self) -> list[Callable[[], object]]:
        app = self._app
        return [partial(maintenance.look_at_keyring, app), partial(refused_origins.store, app)]
