"""The events that an administrator has not put away yet, read by the audit log's indexes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent, Door
from watchword.domain.banners import ON_THE_WAY
from watchword.storage.schema import administrators, audit_events

MOST: Final = 200
"""Read of each kind; what is beyond is in the audit log."""
_c = audit_events.c


@dataclass(frozen=True)
class Happening:
    """One event, as a banner tells it."""

    id: int
    at: datetime
    event: AuditEvent
    door: Door
    actor: str
    subject_id: int | None
    subject: str
    address: str
    session_ref: str


def seen_event_id(connection: Connection, id_: int) -> int:
    """Return the newest event whose banner the administrator has put away."""
    query = sa.select(administrators.c.seen_event_id).where(administrators.c.id == id_)
    return int(connection.execute(query).scalar() or 0)


def note_seen(connection: Connection, id_: int, event_id: int) -> None:
    """Put the banners up to this event away; what was put away stays so."""
    connection.execute(
        administrators.update()
        .where(administrators.c.id == id_, administrators.c.seen_event_id < event_id)
        .values(seen_event_id=event_id)
    )


def about(
    connection: Connection, id_: int, events: Iterable[AuditEvent], after: int
) -> list[Happening]:
    """Return what happened to the account, newest first."""
    return _read(connection, events, after, _c.subject_id == id_)


def about_others(
    connection: Connection,
    id_: int,
    events: Iterable[AuditEvent],
    done_by_another: Iterable[AuditEvent],
    after: int,
) -> list[Happening]:
    """Return what others did, or what happened to them, but for what came through the API."""
    only_by_another = [e.value for e in done_by_another]
    by_another = _c.subject_id.is_distinct_from(_c.actor_id)
    return _read(
        connection, {*events, *done_by_another}, after,
        _c.subject_id.is_distinct_from(id_), _c.actor_id.is_distinct_from(id_),
        _c.door != Door.API.value, _c.event.not_in(only_by_another) | by_another,
    )  # fmt: skip


def by_api(
    connection: Connection, id_: int, events: Iterable[AuditEvent], after: int
) -> list[Happening]:
    """Return what was changed in other accounts through the API, newest first."""
    other = _c.subject_id.is_distinct_from(id_)
    return _read(connection, events, after, _c.door == Door.API.value, other)


def _read(
    connection: Connection, events: Iterable[AuditEvent], after: int, *conditions: Any
) -> list[Happening]:
    columns = (_c.id, _c.at, _c.event, _c.door, _c.actor_name, _c.subject_id, _c.subject_name,
               _c.address, _c.session_ref)  # fmt: skip
    query = sa.select(*columns).where(
        _c.event.in_(sorted(e.value for e in events)),
        _c.id > after,
        _c.outcome.not_in(sorted(ON_THE_WAY)),
        *conditions,
    )
    rows = connection.execute(query.order_by(_c.id.desc()).limit(MOST))
    return [
        Happening(
            row.id, row.at, AuditEvent(row.event), Door(row.door), row.actor_name,
            row.subject_id, row.subject_name, row.address, row.session_ref,
        )
        for row in rows
    ]  # fmt: skip
