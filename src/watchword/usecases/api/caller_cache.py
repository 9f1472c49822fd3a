"""Cache of API callers that were authenticated within the last minute.

A caller is accepted again without a look-up while the epoch is the one at which it was found
(storage/epoch.py). Otherwise a cached regular password is compared with the account again but not
hashed again, and an API password, which needs no hash, is looked up again. So every change and
every revocation takes effect with the next request.

Credentials are not stored. An entry is found by their keyed digest and the address.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from watchword.crypto import tokens
from watchword.usecases.api.authentication import Caller
from watchword.usecases.context import Watchword

REMEMBERED: Final = timedelta(seconds=60)
"""Not longer than the interval at which uses of an API password are recorded."""
_MOST: Final = 1024


class Remembered(Struct, frozen=True):
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

    def get(self, digest: bytes) -> Remembered | None:
        """Return the caller. It is accepted only at its epoch."""
        found = self._found.get(digest)
        if found is None or found.until <= self._app.clock.now():
            return None
        return found

    def keep(self, digest: bytes, caller: Caller) -> Remembered:
        """Store a caller."""
        until = self._app.clock.now() + REMEMBERED
        return self.renew(digest, Remembered(caller, min(until, caller.good_until or until)))

    def renew(self, digest: bytes, found: Remembered) -> Remembered:
        """Store a caller that was found again."""
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[digest] = found
        return found

    def forget(self, digest: bytes) -> None:
        """Delete an entry."""
        self._found.pop(digest, None)
