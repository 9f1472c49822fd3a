"""Cache of API callers that were authenticated within the last minute.

A caller is accepted again without a look-up while the epoch is the one at which it was found
(storage/epoch.py). Otherwise a cached regular password is compared with the account again but not
hashed again, and an API password, which needs no hash, is looked up again. So every change and
every revocation takes effect with the next request.

Credentials are not stored. An entry is found by their keyed digest and the address.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchword.crypto import tokens
from watchword.usecases.api.authentication import Caller
from watchword.usecases.context import Watchword

REMEMBERED: Final = timedelta(seconds=60)
"""Not longer than the interval at which uses of an API password are recorded."""
_MOST: Final = 1024


@dataclass(frozen=True)
class Remembered:
    """A caller, and the time until which it is remembered."""

    caller: Caller
    until: datetime


class RememberedCallers:
    """The cache of one process."""

    def __init__(self, app: Watchword) -> None:
        self._app = app
        self._key = tokens.random_bytes(32)
        self._found: dict[bytes, Remembered] = {}

    def digest(self, header: bytes, address: str) -> bytes:
        """Return the key of the credentials in the cache."""
        return hashlib.blake2b(address.encode() + b"\0" + header, key=self._key).digest()

    def get(self, digest: bytes) -> Caller | None:
        """Return the caller. It is accepted only at its epoch."""
        found = self._found.get(digest)
        if found is None or found.until <= self._app.clock.now():
            return None
        return found.caller

    def keep(self, digest: bytes, caller: Caller) -> None:
        """Store a caller."""
        if len(self._found) >= _MOST:
            self._found.clear()
        until = self._app.clock.now() + REMEMBERED
        until = min(until, caller.good_until or until)
        self._found[digest] = Remembered(caller, until)

    def renew(self, digest: bytes, caller: Caller) -> None:
        """Store the caller as the account was found again. The expiry stays."""
        if found := self._found.get(digest):
            self._found[digest] = Remembered(caller, found.until)

    def forget(self, digest: bytes) -> None:
        """Delete an entry."""
        self._found.pop(digest, None)
