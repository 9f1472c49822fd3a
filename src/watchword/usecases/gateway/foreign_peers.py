"""Clients that ask the gateway although they are not trusted proxies: one event for each and day."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.domain.audit import Actor, AuditEvent, Interface
from watchword.storage import audit_history
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping

_FRESH: Final = timedelta(days=1)
_MOST: Final = 100
"""Addresses for which one process records an event: more would only fill the log."""


class ForeignPeers:
    """The addresses that one process has refused."""

    def __init__(self, app: Watchword) -> None:
        self._app = app
        self._seen: set[str] = set()

    def is_new(self, peer: str) -> bool:
        """Return whether to record the address, and remember it."""
        if peer in self._seen or len(self._seen) >= _MOST:
            return False
        self._seen.add(peer)
        return True

    def record(self, peer: str) -> None:
        """Record the address, unless it was recorded within a day."""
        event = AuditEvent.GATEWAY_FOREIGN_PEER
        with bookkeeping(self._app, Actor(Interface.GATEWAY, address=peer)) as u:
            if audit_history.newest_address(u.connection, event, u.now - _FRESH, of=peer) is None:
                u.record(event, outcome="refused")
