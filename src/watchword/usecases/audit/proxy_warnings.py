"""Warnings about logins with forwarding headers from a peer that is not a trusted proxy.

Most likely that peer is a reverse proxy missing in the settings. Then all clients share its address
in throttles and log. A warning is recorded only after a correct password, so that an attacker
cannot cause it with a header; one event per peer and day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.storage import audit_history
from watchword.storage.database import Connection
from watchword.usecases.unit_of_work import Unit

FRESH: Final = timedelta(days=1)


def note(u: Unit, account: Administrator) -> None:
    """Record a warning if this login has such headers and its peer has no event within a day."""
    if not u.actor.is_from_untrusted_peer:
        return
    since = u.now - FRESH
    event = AuditEvent.UNTRUSTED_PEER
    if audit_history.newest_address(u.connection, event, since, of=u.actor.address) is None:
        u.record(event, account)


def newest(connection: Connection, now: datetime) -> str | None:
    """Return the address of the last recorded peer within a day, or None."""
    return audit_history.newest_address(connection, AuditEvent.UNTRUSTED_PEER, now - FRESH)
