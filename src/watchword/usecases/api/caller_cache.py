"""Callers of the API that were let in a moment ago.

Somebody who was let in is let in again without another look-up while nothing at all has been
committed since, by any process (SQLite tells so in microseconds). Otherwise a regular password
needs no second hash for a minute, but is checked against the account; an API password, which
needs none, is looked up anew. So every change and every revocation is in force for the next
request.

Credentials are not kept: what is remembered is found by their keyed digest and the address.
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
"""No longer than a use of an API password may go unnoted."""
_MOST: Final = 1024


@dataclass(frozen=True)
class Remembered:
    """A caller, as it was found when the database had this version."""

    caller: Caller
    version: int | None
    until: datetime


class RememberedCallers:
    """For one process."""

    def __init__(self, app: Watchword) -> None:
        self._app = app
        self._key = tokens.random_bytes(32)
        self._found: dict[bytes, Remembered] = {}

    def digest(self, header: bytes, address: str) -> bytes:
        """Return what the credentials are found by."""
        return hashlib.blake2b(address.encode() + b"\0" + header, key=self._key).digest()

    def unchanged(self, digest: bytes) -> Caller | None:
        """Return who was let in, while nothing has changed. Waits for nothing."""
        found = self._found.get(digest)
        if found is None or found.version is None or found.until <= self._app.clock.now():
            return None
        return found.caller if found.version == self._app.database.version.now() else None

    def password(self, digest: bytes) -> Caller | None:
        """Return who was let in by a regular password, to be checked against the account."""
        found = self._found.get(digest)
        if found is None or found.until <= self._app.clock.now():
            return None
        return found.caller if found.caller.credential is Credential.PASSWORD else None

    def keep(self, digest: bytes, caller: Caller, version: int | None) -> None:
        """Remember. `version` was read before the caller was looked up."""
        if len(self._found) >= _MOST:
            self._found.clear()
        until = self._app.clock.now() + REMEMBERED
        until = min(until, caller.good_until or until)
        self._found[digest] = Remembered(caller, version, until)

    def renew(self, digest: bytes, version: int | None) -> None:
        """The account was looked at again, at this version. The minute goes on as it was."""
        if found := self._found.get(digest):
            self._found[digest] = Remembered(found.caller, version, found.until)

    def forget(self, digest: bytes) -> None:
        """It is over."""
        self._found.pop(digest, None)
