"""The epoch of the database for requests, without a worker thread.

On PostgreSQL one query answers every request that arrived before it was sent. A request that
arrives while a query is under way waits for the next one: this one may be older than a change that
the client has already seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable
from typing import Final, cast

from watchword.storage.epoch import EpochUnknown, PostgresEpoch, SqliteEpoch

Reply = Callable[[int | None], None]
_MOST_SECONDS: Final = 3.0
"""How long a query may take. Afterwards requests look their callers up, which reports the outage."""


def shared(epoch: SqliteEpoch | PostgresEpoch) -> SharedEpoch:
    """Return the epoch of a database for the requests of one process, the same at each call: on
    PostgreSQL all of them share the connection.
    """
    if isinstance(epoch, SqliteEpoch):
        return SharedEpoch(epoch)
    if epoch.shared is None:
        epoch.shared = SharedPostgresEpoch(epoch)
    return cast("SharedEpoch", epoch.shared)


class SharedEpoch:
    """The epoch of a SQLite database: each request asks for itself."""

    def __init__(self, epoch: SqliteEpoch) -> None:
        self._epoch = epoch

    def ask(self, reply: Reply) -> None:
        """Call `reply` once with the epoch, or with None if it is unknown: immediately or later."""
        reply(self._epoch.now())

    async def now(self) -> int | None:
        """Return the epoch, or None if it is unknown."""
        return self._epoch.now()


def _settle(came: asyncio.Future[int | None], number: int | None) -> None:
    if not came.done():
        came.set_result(number)


class SharedPostgresEpoch(SharedEpoch):
    """The epoch of a PostgreSQL database. `ask` and `now` are called in the event loop."""

    def __init__(self, epoch: PostgresEpoch) -> None:
        self._remote = epoch
        self._loop: asyncio.AbstractEventLoop | None = None
        self._forget()

    def _forget(self) -> None:
        self._waiting: list[Reply] = []
        self._asked: list[Reply] = []
        self._connecting: asyncio.Future[bool] | None = None
        self._timeout: asyncio.TimerHandle | None = None
        self._is_due = False

    def ask(self, reply: Reply) -> None:
        """Call `reply` later. While there is no connection, call it now, with None."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        if self._remote.fileno is None:
            self._connect(loop)
            reply(None)
            return
        self._waiting.append(reply)
        if not self._asked and not self._is_due:
            self._is_due = True
            loop.call_soon(self._send)

    async def now(self) -> int | None:
        """Return the epoch, or None if it is unknown."""
        came: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self.ask(functools.partial(_settle, came))
        return await came

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin in another event loop, which an embedding program may run later."""
        if self._loop is not None:
            for reply in [*self._asked, *self._waiting]:
                with contextlib.suppress(RuntimeError):  # it was closed
                    self._loop.call_soon_threadsafe(reply, None)
        self._loop = loop
        self._remote.disconnect()
        self._forget()

    def _connect(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._connecting is None:
            self._connecting = loop.run_in_executor(None, self._remote.connect)
            self._connecting.add_done_callback(functools.partial(self._connected, loop))

    def _connected(self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[bool]) -> None:
        self._connecting = None
        is_connected = not done.cancelled() and done.exception() is None and done.result()
        number = self._remote.fileno
        if is_connected and number is not None:
            loop.add_reader(number, self._receive)

    def _send(self) -> None:
        """Send a query for all requests that wait."""
        self._is_due = False
        self._asked, self._waiting = self._waiting, []
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(_MOST_SECONDS, self._lost)
        try:
            self._remote.send()
        except EpochUnknown:
            self._lost()

    def _receive(self) -> None:
        try:
            is_complete, number = self._remote.receive()
        except EpochUnknown:
            self._lost()
            return
        if is_complete and self._asked:
            self._answer(number)
            if self._waiting and not self._is_due:  # `_is_due`: a reply has asked again
                self._send()
        elif is_complete and number is None:
            self._lost()  # a message of the server without a query: it is closing the connection

    def _answer(self, number: int | None) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
        asked, self._asked = self._asked, []
        for reply in asked:
            reply(number)

    def _lost(self) -> None:
        """Give up the connection. Every request that waits looks its caller up instead."""
        number = self._remote.fileno
        if number is not None:
            asyncio.get_running_loop().remove_reader(number)
        self._remote.disconnect()
        self._asked, self._waiting = [*self._asked, *self._waiting], []
        self._answer(None)
