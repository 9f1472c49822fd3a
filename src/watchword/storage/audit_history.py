"""Facts that the audit log records: about one account, of one kind, or the latest.

Queries about an account use the index on subject and event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent
from watchword.storage.schema import audit_events

MOST_READ: Final = 1000
"""Of the events of one kind, the newest. Callers do not distinguish larger numbers."""
_c = audit_events.c
_FAILURES: Final = (AuditEvent.PASSWORD_FAIL, AuditEvent.MFA_FAIL, AuditEvent.RECOVERY_FAILED)


class Showing(Struct, frozen=True):
    """The time and the address of a page view or a login."""

    at: datetime
    address: str


class Viewer(Struct, frozen=True):
    """The viewer of an enrolment page: the address, the session ("" during a login) and the
    enrolment, which belongs to one session or one login.
    """

    address: str
    session: str
    set_up: str

    def is_same(self, other: Viewer) -> bool:
        """Return whether both are one session or one login, at one address."""
        is_session = bool(self.session) and self.session == other.session
        return self.address == other.address and (is_session or self.set_up == other.set_up)


class EnrolmentView(Showing, frozen=True):
    """A view of the enrolment page."""

    viewer: Viewer


def failures_since_login(id_: int) -> sa.ScalarSelect[int]:
    """Return the query for the number of failed logins to the account since its last login.

    Each kind is read by its own range of the index, in its order. Otherwise PostgreSQL expects to
    find many rows early and reads the whole log.
    """
    last = sa.select(sa.func.max(_c.id)).where(
        _c.subject_id == id_, _c.event == AuditEvent.LOGIN.value
    )
    after = sa.func.coalesce(last.scalar_subquery(), 0)
    ranges = [
        sa.select(_c.id)
        .where(_c.subject_id == id_, _c.event == event.value, _c.id > after)
        .order_by(_c.id.desc())
        .limit(MOST_READ)
        .subquery()
        for event in _FAILURES
    ]
    found = sa.union_all(*map(sa.select, ranges)).limit(MOST_READ).subquery()
    return sa.select(sa.func.count()).select_from(found).scalar_subquery()


def fact_at(
    connection: Connection, id_: int, event: AuditEvent, at: datetime, name: str
) -> str | int | None:
    """Return a fact of the account's newest event of that kind, if its time is exactly `at`."""
    query = sa.select(_c.at, _c.facts).where(_c.subject_id == id_, _c.event == event.value)
    row = connection.execute(query.order_by(_c.id.desc()).limit(1)).first()
    return json.loads(row.facts).get(name) if row and row.at == at else None


def count_since(connection: Connection, id_: int, event: AuditEvent, since: datetime) -> int:
    """Return how many such events the log has about the account since a time."""
    found = newest(_c.subject_id == id_, _c.event == event.value)
    counted = sa.select(sa.func.count()).select_from(found).where(found.c.at >= since)
    return int(connection.execute(counted).scalar_one())


def count_of(connection: Connection, id_: int, event: AuditEvent, most: int) -> int:
    """Return how many such events the log has about the account, at most `most`."""
    query = sa.select(_c.id).where(_c.subject_id == id_, _c.event == event.value)
    first = query.order_by(_c.id.desc()).limit(most).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one())


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
        found = newest(_c.subject_id == id_, _c.event == event.value).c
        query = sa.select(found.address).where(found.at >= since)
        if session_ref is not None:
            query = query.where(found.session_ref == session_ref)
        addresses.update(connection.execute(query.distinct()).scalars())
    return addresses


def previous_login(
    connection: Connection, administrator_id: int, before: datetime
) -> Showing | None:
    """Return the account's last login before a time."""
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


def newest(*conditions: Any) -> Any:
    """Return a subquery for the newest events that meet conditions on indexed columns.

    No index orders the events of one kind by time. With a condition on the time only, a database
    reads all of them.
    """
    query = sa.select(audit_events).where(*conditions).order_by(audit_events.c.id.desc())
    return query.limit(MOST_READ).subquery()


def has_happened(
    connection: Connection, subject_id: int, event: AuditEvent, since: datetime
) -> bool:
    """Return whether the log has such an event about the account since a time."""
    c = audit_events.c
    found = newest(c.subject_id == subject_id, c.event == event.value).c
    query = sa.select(found.id).where(found.at >= since).limit(1)
    return connection.execute(query).first() is not None


def newest_address(
    connection: Connection, event: AuditEvent, since: datetime, *, of: str | None = None
) -> str | None:
    """Return the address of the newest event of that kind since a time. With `of`, only events
    from that address count.
    """
    c = newest(audit_events.c.event == event.value).c
    query = sa.select(c.address).where(c.at >= since)
    if of is not None:
        query = query.where(c.address == of)
    found: str | None = connection.execute(query.order_by(c.id.desc()).limit(1)).scalar()
    return found


def enrolment_showings(
    connection: Connection,
    administrator_id: int,
    since: datetime,
) -> list[EnrolmentView]:
    """Return the views of the enrolment page, newest first. Only the first view of each viewer
    counts: the others are reloads, or the same page in another tab.
    """
    is_shown = audit_events.c.event == AuditEvent.MFA_ENROL_SHOWN.value
    c = newest(audit_events.c.subject_id == administrator_id, is_shown).c
    query = sa.select(c.at, c.address, c.session_ref, c.facts).where(c.at >= since).order_by(c.id)
    first: dict[tuple[str, str], EnrolmentView] = {}
    for row in connection.execute(query):
        viewer = Viewer(row.address, row.session_ref, str(json.loads(row.facts).get("set_up")))
        seen = EnrolmentView(row.at, row.address, viewer)
        first.setdefault((viewer.session or viewer.set_up, row.address), seen)
    return list(reversed(first.values()))


def has_other_enrolment(connection: Connection, administrator_id: int, set_up: str) -> bool:
    """Return whether the QR code of another enrolment of the account has been viewed, ever."""
    is_shown = audit_events.c.event == AuditEvent.MFA_ENROL_SHOWN.value
    c = newest(audit_events.c.subject_id == administrator_id, is_shown).c
    found = connection.execute(sa.select(c.facts).distinct()).scalars()
    return any(json.loads(facts).get("set_up") != set_up for facts in found)


def newest_facts(
    connection: Connection, event: AuditEvent, outcome: str
) -> Mapping[str, str | int] | None:
    """Return the facts of the newest event of that kind and outcome."""
    found = newest_id_and_facts(connection, event, outcome)
    return found[1] if found else None


def newest_id_and_facts(
    connection: Connection, event: AuditEvent, outcome: str
) -> tuple[int, Mapping[str, str | int]] | None:
    """Return the id and the facts of the newest event of that kind and outcome."""
    query = (
        sa.select(audit_events.c.id, audit_events.c.facts)
        .where(audit_events.c.event == event.value, audit_events.c.outcome == outcome)
        .order_by(audit_events.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return (row.id, json.loads(row.facts)) if row else None


def latest(connection: Connection, event: AuditEvent | None = None) -> datetime | None:
    """Return the time of the newest event of one kind, or the latest time of any event; None
    when there is none.
    """
    c = audit_events.c
    if event is None:
        query: Any = sa.select(sa.func.max(c.at))
    else:
        query = sa.select(c.at).where(c.event == event.value).order_by(c.id.desc()).limit(1)
    found: datetime | None = connection.execute(query).scalar()
    return found
