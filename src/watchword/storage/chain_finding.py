"""The finding that the audit log's chain is broken, stored until an operator resolves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from watchword.storage.audit import newest_id
from watchword.storage.schema import audit_chain


def note_broken(connection: Connection, event_id: int, now: datetime) -> bool:
    """Store the event at which the chain is broken. Returns False when one is stored already."""
    done = connection.execute(
        audit_chain.update()
        .where(audit_chain.c.broken_event_id.is_(None))
        .values(broken_event_id=event_id, broken_found_at=now)
    )
    return done.rowcount == 1


def resolve(connection: Connection, *, restart_at: str | None) -> None:
    """Remove the finding. With `restart_at`, the MAC before the first event, the chain begins again
    with the next event.
    """
    values: dict[str, Any] = {"broken_event_id": None, "broken_found_at": None}
    if restart_at is not None:
        newest = newest_id(connection)
        values |= {"first_id": newest + 1, "last_id": newest, "mac": restart_at}
    connection.execute(audit_chain.update().values(**values))
