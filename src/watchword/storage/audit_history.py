"""Queries of the audit log about one account, by the index on subject and event."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent
from watchword.storage import audit
from watchword.storage.schema import audit_events

MOST_COUNTED: Final = audit.MOST_READ
_c = audit_events.c
_FAILURES: Final = (AuditEvent.PASSWORD_FAIL, AuditEvent.MFA_FAIL, AuditEvent.RECOVERY_FAILED)


def failures_since_login(id_: int) -> sa.ScalarSelect[int]:
    """Return the query for the number of failed logins to the account since its last login."""
    last = sa.select(sa.func.max(_c.id)).where(
        _c.subject_id == id_, _c.event == AuditEvent.LOGIN.value
    )
    found = sa.select(_c.id).where(
        _c.subject_id == id_,
        _c.event.in_([e.value for e in _FAILURES]),
        _c.id > sa.func.coalesce(last.scalar_subquery(), 0),
    )
    counted = sa.select(sa.func.count()).select_from(found.limit(MOST_COUNTED).subquery())
    return counted.scalar_subquery()


def fact_at(
    connection: Connection, id_: int, event: AuditEvent, at: datetime, name: str
) -> str | int | None:
    """Return a fact of the account's newest event of that kind, if its time is exactly `at`."""
    query = sa.select(_c.at, _c.facts).where(_c.subject_id == id_, _c.event == event.value)
    row = connection.execute(query.order_by(_c.id.desc()).limit(1)).first()
    return json.loads(row.facts).get(name) if row and row.at == at else None


def count_since(connection: Connection, id_: int, event: AuditEvent, since: datetime) -> int:
    """Return how many such events the log has about the account since a time."""
    found = audit.newest(_c.subject_id == id_, _c.event == event.value)
    counted = sa.select(sa.func.count()).select_from(found).where(found.c.at >= since)
    return int(connection.execute(counted).scalar_one())


def addresses_since(
    connection: Connection,
    id_: int,
    events: Iterable[AuditEvent],
    since: datetime,
    *,
    session_ref: str | None = None,
) -> set[str]:
    """Return the addresses of events of these kinds about the account since a time. With
    `session_ref`, only events of that session count.
    """
    addresses: set[str] = set()
    for event in events:
        found = audit.newest(_c.subject_id == id_, _c.event == event.value).c
        query = sa.select(found.address).where(found.at >= since)
        if session_ref is not None:
            query = query.where(found.session_ref == session_ref)
        addresses.update(connection.execute(query.distinct()).scalars())
    return addresses
