"""Answers of the last minute, given again without the application: the short way.

    request --> answer --(same head, same address, same epoch)--> the stored answer
                 |
                 +--(anything else)--> the application: the long way, which may store its answer

The server calls `answer` at the complete head of a GET request (`ask` on PostgreSQL). An entry is
found only by the same head, byte for byte, from the same address. So this module knows no rule:
every fact that decides about an answer (credentials, host, forwarded address) is in the head or in the
database, and the epoch reports a change of the database. Only the long way stores entries
(`Storing`), and only for an operation that permits it (`Permit`).

Each repeat gets a new request id and passes `Permit.admit`, which counts it. Nothing is written.
Heads contain credentials, so entries are found by a keyed digest.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword.crypto import tokens
from watchword.storage.epoch import SqliteEpoch
from watchword.usecases.context import Watchword
from watchword.web.http import shared_epoch
from watchword.web.http.request_scope import access_log

Fields = Sequence[tuple[bytes, bytes]]
Reply = Callable[[bytes | None], None]
_MOST: Final = 1024
_PERMIT: Final = "repeats"
_UNREPEATABLE: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"x-request-id"}
)
"""Fields of requests that have a body, change the connection or give an id to the answer."""


class Permit(Struct, frozen=True):
    """The conditions of an answer, besides the head. `admit` counts a repeat, or refuses it."""

    epoch: int
    until: datetime
    admit: Callable[[], bool]


class _Entry(Struct, frozen=True):
    permit: Permit
    before_id: bytes
    after_id: bytes


def permit(scope: Scope, given: Permit) -> None:
    """Permit that the answer to this request is given again."""
    scope["state"][_PERMIT] = given


class Repeats:
    """The stored answers of one interface, in one process."""

    def __init__(self, app: Watchword) -> None:
        self._clock = app.clock
        self._epoch = app.database.epoch
        self._shared = shared_epoch.shared(self._epoch)
        self._key = tokens.random_bytes(32)
        self._entries: dict[bytes, _Entry] = {}

    @property
    def is_deferred(self) -> bool:
        """Whether answers come later, by `ask`: the epoch of PostgreSQL takes a query."""
        return not isinstance(self._epoch, SqliteEpoch)

    def answer(self, target: bytes, fields: Fields, peer: str) -> bytes | None:
        """Return all that follows the server's own fields in a 200 answer, or None if the
        application must answer.
        """
        if isinstance(self._epoch, SqliteEpoch) and (entry := self._entry(target, fields, peer)):
            return self._given(entry, self._epoch.now())
        return None

    def ask(self, target: bytes, fields: Fields, peer: str, reply: Reply) -> None:
        """Call `reply` once, now or later, with the result of `answer`."""
        if entry := self._entry(target, fields, peer):
            self._shared.ask(lambda epoch: reply(self._given(entry, epoch)))
        else:
            reply(None)

    def _entry(self, target: bytes, fields: Fields, peer: str) -> _Entry | None:
        if not self._entries or access_log.isEnabledFor(logging.DEBUG):
            return None
        return self._entries.get(self._digest(target, fields, peer))

    def _given(self, entry: _Entry, epoch: int | None) -> bytes | None:
        given = entry.permit
        if given.epoch != epoch or given.until <= self._clock.now() or not given.admit():
            return None
        return entry.before_id + tokens.identifier().encode() + entry.after_id

    def _digest(self, target: bytes, fields: Fields, peer: str) -> bytes:
        # No part contains a line break, and no name contains a colon.
        whole = b"\n".join([peer.encode(), target, *map(b": ".join, fields)])
        return hashlib.blake2b(whole, key=self._key).digest()

    def store(self, scope: Scope, given: Permit, fields: Fields, body: bytes) -> None:
        """Store an answer. `fields` lack the request id, which is the last one."""
        if len(self._entries) >= _MOST:
            self._entries.clear()
        lines = b"".join(b"%b: %b\r\n" % field for field in fields)
        entry = _Entry(given, lines + b"x-request-id: ", b"\r\n\r\n" + body)
        peer = scope["client"][0] if scope["client"] else ""
        self._entries[self._digest(scope["raw_path"], scope["headers"], peer)] = entry


class Storing:
    """ASGI: stores permitted answers. Only the request id is added to the answer outside of it."""

    def __init__(self, app: ASGIApp, repeats: Repeats) -> None:
        self._app = app
        self._repeats = repeats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if not _is_repeatable(scope):
            await self._app(scope, receive, send)
            return
        started: Message = {}

        async def send_and_store(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message
            given = scope["state"].get(_PERMIT)
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")
            if given is not None and is_whole and started["status"] == 200:
                self._repeats.store(scope, given, started["headers"], message["body"])
            await send(message)

        await self._app(scope, receive, send_and_store)


def _is_repeatable(scope: Scope) -> bool:
    is_plain = scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]
    return is_plain and _UNREPEATABLE.isdisjoint(name for name, _value in scope["headers"])
