"""Answers of the last minute, given again without the application: the short way.

    request --> ask --(same head, same address, same epoch)--> the stored answer
                 |
                 +--(anything else)--> the application: the long way, which may store its answer

The server asks at the complete head of a GET request. An entry is found only by the same head,
byte for byte, from the same address. So this module knows no rule: whatever decides about an
answer (credentials, host, forwarded address) is in the head or in the database, and the epoch
reports a change of the database. Only the long way stores entries (`Storing`), and only for an
operation that permits it (`Permit`).

Each repeat gets a new request id and passes `Permit.admit`, which counts it. Nothing is written.
Heads contain credentials, so entries are found by a keyed digest.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchword.crypto import tokens
from watchword.usecases.context import Watchword
from watchword.web.http import shared_epoch
from watchword.web.http.request_scope import access_log

Reply = Callable[[bytes | None], None]
_MOST: Final = 1024
_PERMIT: Final = "repeats"
_UNREPEATABLE: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"x-request-id"}
)
"""Fields of requests that have a body, change the connection or give an id to the answer."""


@dataclass(frozen=True, slots=True)
class Permit:
    """What an answer depends on, besides the head. `admit` counts a repeat, or refuses it."""

    epoch: int
    until: datetime
    admit: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Entry:
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
        self._epoch = shared_epoch.shared(app.database.epoch)
        self._key = tokens.random_bytes(32)
        self._entries: dict[bytes, _Entry] = {}

    def ask(self, scope: Scope, reply: Reply) -> None:
        """Call `reply` once, now or later: with everything that follows the server's own header
        fields in a 200 answer, or with None if the application must answer.
        """
        entry = self._entries.get(self._digest(scope))
        if entry is None or access_log.isEnabledFor(logging.DEBUG):
            reply(None)
        else:
            self._epoch.ask(partial(self._give, entry, reply))

    def _give(self, entry: _Entry, reply: Reply, epoch: int | None) -> None:
        given = entry.permit
        if given.epoch != epoch or given.until <= self._clock.now() or not given.admit():
            reply(None)
        else:
            reply(entry.before_id + tokens.identifier().encode() + entry.after_id)

    def _digest(self, scope: Scope) -> bytes:
        client = scope["client"] or ("",)
        head = [client[0].encode(), scope["raw_path"], scope["query_string"]]
        # No part contains a line break, and no name contains a colon.
        whole = b"\n".join([*head, *map(b": ".join, scope["headers"])])
        return hashlib.blake2b(whole, key=self._key).digest()

    def store(
        self, scope: Scope, given: Permit, fields: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        """Store an answer. `fields` lack the request id, which is the last one."""
        if len(self._entries) >= _MOST:
            self._entries.clear()
        lines = b"".join(b"%b: %b\r\n" % field for field in fields)
        entry = _Entry(given, lines + b"x-request-id: ", b"\r\n\r\n" + body)
        self._entries[self._digest(scope)] = entry


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
