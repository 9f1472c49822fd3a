"""The audit log: rows are added in the transaction of what they tell, and never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.audit import Actor, AuditEvent
from watchword.storage.schema import audit_events


@dataclass(frozen=True)
class Subject:
    """Whom the event is about."""

    id: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Showing:
    """One time and place at which something happened: a showing of a page, a login."""

    at: datetime
    address: str


def add(
    connection: Connection,
    event: AuditEvent,
    actor: Actor,
    subject: Subject,
    *,
    outcome: str,
    facts: Mapping[str, str | int],
    now: datetime,
) -> None:
    """Write one row. Facts are short words and numbers, never a secret."""
    connection.execute(
        audit_events.insert().values(
            at=now,
            event=event.value,
            outcome=outcome,
            door=actor.door.value,
            actor_id=actor.id,
            actor_name=actor.name,
            subject_id=subject.id,
            subject_name=subject.name,
            address=actor.address,
            user_agent=actor.user_agent,
            request_id=actor.request_id,
            session_ref=actor.session_ref,
            facts=json.dumps(facts, ensure_ascii=False, sort_keys=True),
        )
    )


def previous_login(
    connection: Connection, administrator_id: int, before: datetime
) -> Showing | None:
    """Return when and from where the account was logged in last, before a time."""
    query = (
        sa.select(audit_events.c.at, audit_events.c.address)
        .where(
            audit_events.c.subject_id == administrator_id,
            audit_events.c.event == AuditEvent.LOGIN.value,
            audit_events.c.at < before,
        )
        .order_by(audit_events.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return Showing(row.at, row.address) if row else None


def enrolment_showings(
    connection: Connection, administrator_id: int, since: datetime, most: int = 20
) -> list[Showing]:
    """Return when and to which address the enrolment page was shown, newest first."""
    query = (
        sa.select(audit_events.c.at, audit_events.c.address)
        .where(
            audit_events.c.subject_id == administrator_id,
            audit_events.c.event == AuditEvent.MFA_ENROL_SHOWN.value,
            audit_events.c.at >= since,
        )
        .order_by(audit_events.c.id.desc())
        .limit(most)
    )
    return [Showing(row.at, row.address) for row in connection.execute(query)]


def latest(connection: Connection, event: AuditEvent | None = None) -> datetime | None:
    """Return the latest time of an event, of any or of one kind; None where there is none."""
    query = sa.select(sa.func.max(audit_events.c.at))
    if event is not None:
        query = query.where(audit_events.c.event == event.value)
    found: datetime | None = connection.execute(query).scalar()
    return found


def database_time(connection: Connection) -> datetime:
    """Return the time as PostgreSQL's host has it."""
    now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now
