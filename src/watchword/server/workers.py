"""The first process of a server with several workers: it accepts, counts and distributes.

A connection goes to the worker with the fewest connections. The kernel distributes a listening
socket that several processes share far less evenly.

    first process --(connection, reload, stop)--> worker
    first process <--(ready, alive, ended connections)-- worker

A worker that ends is replaced, after a wait that doubles while its successors end soon. A worker
whose event loop is blocked for a minute is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import struct
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Final

from watchword.server import listeners
from watchword.server.acceptor import Acceptor, Leave
from watchword.server.limits import fit_open_files
from watchword.server.listeners import Hooks, InterfaceListener
from watchword.server.nursery import Nursery

log = logging.getLogger("watchword.server")

CONNECTION: Final = struct.Struct("!cBQ")
"""A connection: `SERVE`, the number of the interface, the id. The file is sent with it."""
SERVE, RELOAD, RENEWED, STOP = b"c", b"r", b"k", b"s"
READY, ALIVE, LEFT = b"h", b"a", b"l"
ID: Final = struct.Struct("!Q")
MESSAGE_BYTES: Final = 4096
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 30.0
_LONG_LIFE: Final = 60.0
"""Seconds after which a worker's end is no longer counted as an end soon after its start."""
_LONGEST_SILENCE: Final = 60.0
_RETRY_SECONDS: Final = 0.01


class Worker:
    """One worker. `connections` has the function that ends the counting of each."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.channel: socket.socket | None = None
        self.is_ready = False
        self.pid = 0
        self.connections: dict[int, Leave] = {}
        self.started = self.heard = 0.0
        self.wait = 0.0


class Workers:
    """The workers, and the connections that none of them has received yet."""

    def __init__(self, nursery: Nursery, count: int) -> None:
        self._nursery = nursery
        self._loop = asyncio.get_running_loop()
        self._workers = deque(map(Worker, range(1, count + 1)))
        self._waiting: deque[tuple[int, socket.socket, Leave]] = deque()
        self._next_id = 0
        self._is_stopping = False
        self.has_failed = False
        """Whether the process that forks the workers has ended."""
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self._loop.add_reader(nursery.fileno(), self._fail)
        for worker in self._workers:
            self._start(worker)

    def _fail(self) -> None:
        log.error("the process that starts the workers has ended: the server stops")
        self._loop.remove_reader(self._nursery.fileno())
        self.has_failed = True
        os.kill(os.getpid(), signal.SIGTERM)

    def deliver(self, interface: int, peer: socket.socket, _host: str, leave: Leave) -> None:
        """Send a connection to a worker, as soon as one can receive it."""
        self._waiting.append((interface, peer, leave))
        if len(self._waiting) == 1:
            self._deal()

    def _deal(self) -> None:
        while self._waiting:
            self._workers.rotate(-1)  # of those with equally few connections, another one each time
            ready = sorted(
                (each for each in self._workers if each.is_ready),
                key=lambda each: len(each.connections),
            )
            if not any(self._sent(each, *self._waiting[0]) for each in ready):
                if ready:  # otherwise the next worker that is ready continues
                    self._loop.call_later(_RETRY_SECONDS, self._deal)
                return
            self._waiting.popleft()

    def _sent(self, worker: Worker, interface: int, peer: socket.socket, leave: Leave) -> bool:
        self._next_id += 1
        message = CONNECTION.pack(SERVE, interface, self._next_id)
        if not self._send(worker, message, [peer.fileno()]):
            return False
        worker.connections[self._next_id] = leave
        peer.close()
        return True

    def _send(self, worker: Worker, message: bytes, files: Sequence[int] = ()) -> bool:
        if worker.channel is None:
            return False
        try:
            socket.send_fds(worker.channel, [message], files)
        except OSError:  # full, or the worker has just ended
            return False
        return True

    def tell(self, message: bytes) -> None:
        """Send a message to each worker. A worker that cannot receive it is replaced."""
        for worker in self._workers:
            if worker.channel is not None and not self._send(worker, message):
                self._kill(worker)

    def stop(self) -> None:
        """Let the workers complete their requests and end."""
        self._is_stopping = True
        self.tell(STOP)
        self._look_for_end()

    def _start(self, worker: Worker) -> None:
        if self._is_stopping or self.has_failed:
            return
        is_replacement = worker.pid != 0
        worker.channel = self._nursery.fork(worker.number, is_replacement=is_replacement)
        worker.started = worker.heard = self._loop.time()
        self._loop.add_reader(worker.channel.fileno(), self._receive, worker, worker.channel)

    def _receive(self, worker: Worker, channel: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    message = channel.recv(MESSAGE_BYTES)
                except ConnectionError:
                    message = b""
                if not message:
                    self._lost(worker, channel)
                    return
                worker.heard = self._loop.time()
                self._understand(worker, message[:1], message[1:])

    def _understand(self, worker: Worker, kind: bytes, values: bytes) -> None:
        if kind == LEFT:
            for (id_,) in ID.iter_unpack(values):
                worker.connections.pop(id_)()
        elif kind == READY:
            worker.is_ready, worker.pid = True, *ID.unpack(values)
            if all(each.is_ready for each in self._workers):
                self.ready.set()
            self._deal()

    def _lost(self, worker: Worker, channel: socket.socket) -> None:
        self._loop.remove_reader(channel.fileno())
        channel.close()
        worker.channel, worker.is_ready = None, False
        for leave in worker.connections.values():
            leave()
        worker.connections.clear()
        if self._is_stopping:
            self._look_for_end()
            return
        has_lived = self._loop.time() - worker.started > _LONG_LIFE
        worker.wait = (
            _FIRST_WAIT if has_lived else min(2 * worker.wait or _FIRST_WAIT, _LONGEST_WAIT)
        )
        log.error("worker %d (process %d) has ended; another one starts in %.1f s",
                  worker.number, worker.pid, worker.wait)  # fmt: skip
        self._loop.call_later(worker.wait, self._start, worker)

    def _look_for_end(self) -> None:
        if all(each.channel is None for each in self._workers):
            self.ended.set()

    async def look(self) -> None:
        """Kill each worker that has not sent anything for a minute. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(_LONGEST_SILENCE / 6)
            for worker in self._workers:
                if worker.is_ready and self._loop.time() - worker.heard > _LONGEST_SILENCE:
                    log.error("worker %d does not respond", worker.number)
                    self._kill(worker)

    def _kill(self, worker: Worker) -> None:
        if worker.pid and worker.channel is not None:
            os.kill(worker.pid, signal.SIGKILL)


async def run(workers: Workers, interfaces: Sequence[InterfaceListener], hooks: Hooks) -> None:
    """Accept connections for the workers until SIGTERM or SIGINT, then let them drain."""
    limits = fit_open_files([each.limits for each in interfaces])
    acceptors: list[Acceptor] = []

    def stop() -> None:
        for acceptor, each in zip(acceptors, interfaces, strict=False):
            acceptor.close()
            each.bound.close()
        workers.stop()
        workers.ready.set()

    listeners.stop_at_signals(stop, hooks.on_stop)
    looking = asyncio.ensure_future(workers.look())
    async with listeners.in_background(hooks):
        await workers.ready.wait()
        if not workers.ended.is_set():
            for number, (each, own) in enumerate(zip(interfaces, limits, strict=True)):
                acceptors.append(Acceptor(each.bound, own, partial(workers.deliver, number)))
            hooks.on_ready()
        await workers.ended.wait()
    looking.cancel()
    if workers.has_failed:
        raise SystemExit(1)
