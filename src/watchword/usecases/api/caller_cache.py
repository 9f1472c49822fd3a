"""Cache of API callers that were authenticated within the last minute.

A caller is accepted again without a lookup while no process has committed anything (SQLite
reports this in microseconds). Otherwise a cached regular password is compared with the account
again but not hashed again, and an API password, which needs no hash, is looked up again. So
every change and every revocation takes effect with the next request.

Credentials are not stored. An entry is found by their keyed digest and the address.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watchword.crypto import tokens
from watchword.usecases.api.authentication import Caller, Credential
from watchword.usecases.context import Watchword

REMEMBERED: Final = timedelta(seconds=60)
"""Not longer than the interval at which uses of an API password are recorded."""
_MOST: Final = 1024


@dataclass(frozen=True)
class Remembered:
    """A caller, and the version of the database at which it was found."""

    caller: Caller
    version: int | None
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

    def unchanged(self, digest: bytes) -> Caller | None:
        """Return the caller while nothing has been committed since. Waits for nothing."""
        found = self._found.get(digest)
        if found is None or found.version is None or found.until <= self._app.clock.now():
            return None
        return found.caller if found.version == self._app.database.version.now() else None

    def password(self, digest: bytes) -> Caller | None:
        """Return a caller with a regular password, which must be compared with the account."""
        found = self._found.get(digest)
        if found is None or found.until <= self._app.clock.now():
            return None
        return found.caller if found.caller.credential is Credential.PASSWORD else None

    def keep(self, digest: bytes, caller: Caller, version: int | None) -> None:
        """Store a caller. `version` was read before the lookup."""
        if len(self._found) >= _MOST:
            self._found.clear()
        until = self._app.clock.now() + REMEMBERED
        until = min(until, caller.good_until or until)
        self._found[digest] = Remembered(caller, version, until)

    def renew(self, digest: bytes, version: int | None) -> None:
        """Store the version at which the account was compared again. The expiry stays."""
        if found := self._found.get(digest):
            self._found[digest] = Remembered(found.caller, version, found.until)

    def forget(self, digest: bytes) -> None:
        """Delete an entry."""
        self._found.pop(digest, None)
