"""Cache of applications and visitors that were looked up within the last minute.

An entry is valid while the epoch is the one at which it was found (storage/epoch.py): every change
and every revocation takes effect with the next request. Credentials are not stored; an entry is
found by their keyed digest, the address, the application and the host.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from msgspec import Struct

from watchword.crypto import tokens
from watchword.domain.applications import Application
from watchword.domain.gateway_credentials import Presented
from watchword.domain.gateway_decision import Shown
from watchword.usecases.gateway.gateway_checks import Check

_MOST: Final = 4096


class Known(Struct, frozen=True):
    """An application, and the result of a credential there."""

    application: Application | None
    shown: Shown
    epoch: int
    until: datetime

    def is_valid(self, epoch: int | None, now: datetime) -> bool:
        """Return whether nothing has changed since, and the time is not over."""
        return self.epoch == epoch and now < self.until


class KnownVisits:
    """The cache of one process."""

    def __init__(self) -> None:
        self._key = tokens.random_bytes(32)
        self._applications: dict[str, Known] = {}
        self._visits: dict[bytes, Known] = {}

    def application(self, name: str) -> Known | None:
        """Return the application, without a visitor."""
        return self._applications.get(name)

    def visit(self, key: bytes) -> Known | None:
        """Return the application with a visitor."""
        return self._visits.get(key)

    def key(self, name: str, host: str, address: str, given: Presented) -> bytes:
        """Return the key of a credential at an application and host. No part contains a NUL."""
        secret = given.candidate.password.reveal() if given.candidate else given.session_token or ""
        username = given.candidate.username if given.candidate else ""
        kind = "a" if given.candidate else "s"
        whole = f"{name}\0{host}\0{address}\0{kind}\0{username}\0{secret}"
        return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), key=self._key).digest()

    def keep(self, name: str, key: bytes, found: Check) -> None:
        """Store what a check has found."""
        if len(self._applications) >= _MOST:
            self._applications.clear()
        if len(self._visits) >= _MOST:
            self._visits.clear()
        known = Known(found.application, None, found.epoch, found.until)
        self._applications[name] = known
        if found.is_lasting:
            self._visits[key] = Known(found.application, found.shown, found.epoch, found.until)
