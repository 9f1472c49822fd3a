"""What was found when the audit log's chain was followed, kept until an operator resolves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from watchword.storage.audit import newest_id
from watchword.storage.schema import audit_chain


def note_broken(connection: Connection, event_id: int, now: datetime) -> bool:
    """Keep the finding that the chain does not hold. False when there is one already."""
    done = connection.execute(
        audit_chain.update()
        .where(audit_chain.c.broken_event_id.is_(None))
        .values(broken_event_id=event_id, broken_found_at=now)
    )
    return done.rowcount == 1


def resolve(connection: Connection, *, restart_at: str | None) -> None:
    """Remove the finding; with `restart_at`, the MAC before the first event, let the chain begin
    with the next event.
    """
    values: dict[str, Any] = {"broken_event_id": None, "broken_found_at": None}
    if restart_at is not None:
        newest = newest_id(connection)
        values |= {"first_id": newest + 1, "last_id": newest, "mac": restart_at}
    connection.execute(audit_chain.update().values(**values))
