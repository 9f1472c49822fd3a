"""Answers of the last minute, given again without the application: the short way.

    bytes of a request --(the same bytes from the same peer)-----------------------+
         |                                                                         v
       parser --> key(target, fields, peer) --(the key of a stored answer)--> same epoch? --> answer
                        |                                                          |
                        +-----> the application: the long way, which may store <---+

The protocol (server/repeating.py) has a GET request without a body and asks in two steps:

1. `known` finds the key of bytes that are, byte for byte, a request that was parsed before, from the
   same peer. `find` finds it by a parsed head, and `remember` notes the bytes for the next time. Each
   returns None if no answer is stored under the key.
2. `ask` calls back with the answer, or with None: then the application has to answer. The epoch of
   PostgreSQL takes a query, so it may call back later.

The *key function* belongs to the interface. It returns bytes that are equal only for requests whose
answers are equal at the same epoch, or None for a request that is never repeated. It must depend on
nothing but its arguments. `same_head` knows no rule: requests that differ in any byte are different.
An interface whose clients send fields that do not matter (the path that a proxy asks about) selects
the fields that do. `Repeats` refuses requests with a field of `_UNREPEATABLE` before it is called.

Only the long way stores answers (envelope.py), and only if the application has given a `Permit`:

- `epoch`: the one at which everything was read that the answer depends on and that is not in the key
  (accounts, API passwords, sessions). At any other epoch the answer is not given.
- `until`: when it depends on the time, such as the expiry of a credential.
- `admit`: counts a repeat (rate limit, metrics), or refuses it. It must not block or write.

Each repeat gets a new request id. Keys are digested with a random key, because they contain
credentials.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Final

from msgspec import Struct
from starlette.types import Message, Scope

from watchword.crypto import tokens
from watchword.storage.epoch import SqliteEpoch
from watchword.usecases.context import Watchword
from watchword.web.http import shared_epoch
from watchword.web.http.request_scope import access_log

Fields = Sequence[tuple[bytes, bytes]]
KeyOf = Callable[[bytes, Fields, str], bytes | None]
Reply = Callable[[bytes | None], None]
_MOST: Final = 1024
_PERMIT: Final = "repeats"
_UNREPEATABLE: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"x-request-id"}
)
"""Fields of requests that have a body, change the connection or give an id to the answer."""


class Permit(Struct, frozen=True):
    """The conditions of an answer, besides its key. `admit` counts a repeat, or refuses it."""

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


def permit_of(scope: Scope) -> Permit | None:
    """Return the permit that the application has given for this request."""
    found: Permit | None = scope["state"].get(_PERMIT)
    return found


def same_head(target: bytes, fields: Fields, peer: str) -> bytes | None:
    """Return the whole head and the peer: the key of the Management API."""
    # No part contains a line break, and no name contains a colon.
    return b"\n".join([peer.encode(), target, *map(b": ".join, fields)])


class Repeats:
    """The stored answers of one interface, in one process."""

    def __init__(self, app: Watchword, key_of: KeyOf = same_head) -> None:
        self._clock = app.clock
        self._epoch = shared_epoch.shared(app.database.epoch)
        self._key_of = key_of
        self._secret = tokens.random_bytes(32)
        self._entries: dict[bytes, _Entry] = {}
        self._known: dict[bytes, bytes] = {}
        self._lengths: set[int] = set()
        self._targets: set[bytes] = set()
        self.is_deferred = not isinstance(app.database.epoch, SqliteEpoch)
        """Whether `ask` calls back later: the epoch of PostgreSQL takes a query."""

    def known(self, request: bytes, peer: str) -> bytes | None:
        """Return the key of these bytes, if an answer is stored and they were noted."""
        if len(request) not in self._lengths or access_log.isEnabledFor(logging.DEBUG):
            return None
        key = self._known.get(self._digest(peer.encode() + b"\n" + request))
        return key if key in self._entries else None

    def find(self, target: bytes, fields: Fields, peer: str) -> bytes | None:
        """Return the key of a parsed head, if an answer is stored."""
        if target not in self._targets or access_log.isEnabledFor(logging.DEBUG):
            return None
        key = self._key(target, fields, peer)
        return key if key in self._entries else None

    def remember(self, request: bytes, peer: str, key: bytes) -> None:
        """Note that the parser found this key in exactly these bytes."""
        if len(self._known) >= _MOST:
            self._known.clear()
            self._lengths.clear()
        self._lengths.add(len(request))
        self._known[self._digest(peer.encode() + b"\n" + request)] = key

    def ask(self, key: bytes, reply: Reply) -> None:
        """Call `reply` once, now or later, with all that follows the server's own fields in the
        answer, or with None if the application must answer.
        """
        self._epoch.ask(lambda epoch: reply(self._given(key, epoch)))

    def _given(self, key: bytes, epoch: int | None) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        given = entry.permit
        if given.epoch != epoch or given.until <= self._clock.now() or not given.admit():
            return None
        return entry.before_id + tokens.identifier().encode() + entry.after_id

    def _key(self, target: bytes, fields: Fields, peer: str) -> bytes | None:
        if not _UNREPEATABLE.isdisjoint(dict(fields)):
            return None
        key = self._key_of(target, fields, peer)
        return None if key is None else self._digest(key)

    def _digest(self, content: bytes) -> bytes:
        return hashlib.blake2b(content, key=self._secret).digest()

    def store(self, scope: Scope, given: Permit, start: Message, body: Message) -> None:
        """Store an answer of the application. The last of its fields is the request id."""
        if scope["method"] != "GET" or start["status"] != HTTPStatus.OK or body.get("more_body"):
            return
        query, peer = scope["query_string"], scope["client"][0] if scope["client"] else ""
        target = scope["raw_path"] + (b"?" + query if query else b"")
        key = self._key(target, scope["headers"], peer)
        if key is None:
            return
        if len(self._entries) >= _MOST:
            self._entries.clear()
            self._targets.clear()
        self._targets.add(target)
        lines = b"".join(b"%b: %b\r\n" % field for field in start["headers"][:-1])
        entry = _Entry(given, lines + b"x-request-id: ", b"\r\n\r\n" + body["body"])
        self._entries[key] = entry
