"""The events that an administrator has not dismissed yet, by the indexes of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.banners import (
    BY_API,
    DONE_BY_ANOTHER,
    ON_THE_WAY,
    Audience,
    shown_to,
)
from watchword.domain.sessions import Session
from watchword.storage.database import insert_ignoring
from watchword.storage.schema import Instant, administrators, audit_events, dismissed_events

MOST: Final = 50
"""Events that are read at a time. They are the oldest ones, so the others follow when these are
dismissed."""
MOST_LOGINS: Final = 20
MOST_DISMISSED: Final = 1000
_c = audit_events.c
_COLUMNS: Final = (_c.id, _c.at, _c.event, _c.interface, _c.actor_name, _c.subject_id, _c.subject_name,
                   _c.address, _c.session_ref, _c.user_agent)  # fmt: skip
_ME: Final = sa.bindparam("me", type_=sa.BigInteger)
_AFTER: Final = sa.bindparam("after", type_=sa.BigInteger)


class Happening(Struct, frozen=True):
    """One event, with the values that a banner shows."""

    id: int
    at: datetime
    event: AuditEvent
    interface: Interface
    actor: str
    subject_id: int | None
    subject: str
    address: str
    session_ref: str
    user_agent: str


def seen_event_id(connection: Connection, id_: int) -> int:
    """Return the newest event whose banner the administrator has dismissed."""
    query = sa.select(administrators.c.seen_event_id).where(administrators.c.id == id_)
    return int(connection.execute(query).scalar() or 0)


def dismissed(connection: Connection, id_: int) -> frozenset[int]:
    """Return the later events whose banners the administrator has dismissed one by one."""
    c = dismissed_events.c
    query = sa.select(c.event_id).where(c.administrator_id == id_)
    return frozenset(connection.execute(query).scalars())


def dismiss(connection: Connection, id_: int, event_id: int) -> None:
    """Dismiss the banner of one event. An account has at most MOST_DISMISSED of them."""
    if len(dismissed(connection, id_)) < MOST_DISMISSED:
        row = {"administrator_id": id_, "event_id": event_id}
        insert_ignoring(connection, dismissed_events, row)


def note_seen(connection: Connection, id_: int, event_id: int) -> None:
    """Dismiss the banners up to this event, unless a newer one is dismissed."""
    c = dismissed_events.c
    older = (c.administrator_id == id_, c.event_id <= event_id)
    connection.execute(
        administrators.update()
        .where(administrators.c.id == id_, administrators.c.seen_event_id < event_id)
        .values(seen_event_id=event_id)
    )
    connection.execute(dismissed_events.delete().where(*older))


def about(connection: Connection, id_: int, session: Session, after: int) -> list[Happening]:
    """Return the events about the account that came from outside the session, oldest first."""
    opened_at = {"ref": session.ref, "opened_at": session.created_at}
    return _read(connection, _about(), {"me": id_, "after": after, **opened_at})


def newest_logins(connection: Connection, id_: int) -> list[tuple[int, str, str]]:
    """Return id, address and browser of the account's newest completed logins."""
    query = sa.select(_c.id, _c.address, _c.user_agent).where(
        _c.subject_id == id_, _is(_c.event, AuditEvent.LOGIN)
    )
    rows = connection.execute(query.order_by(_c.id.desc()).limit(MOST_LOGINS))
    return [(row.id, row.address, row.user_agent) for row in rows]


def about_others(connection: Connection, id_: int, after: int) -> list[Happening]:
    """Return the events about and by others, except those through the API; oldest first."""
    return _read(connection, _about_others(), {"me": id_, "after": after})


def by_api(connection: Connection, id_: int, after: int) -> list[Happening]:
    """Return the changes of other accounts through the API, newest first."""
    return _read(connection, _by_api(), {"me": id_, "after": after})


@cache
def _about() -> Any:
    # The login that opened the session has no session reference; its time identifies it.
    is_elsewhere = sa.and_(
        _c.session_ref != sa.bindparam("ref", type_=sa.Text),
        _c.at != sa.bindparam("opened_at", type_=Instant),
    )
    return _first(
        [_c.subject_id == _ME, _is(_c.event, event), is_elsewhere]
        for event in sorted(shown_to(Audience.ACCOUNT))
    )


@cache
def _about_others() -> Any:
    is_about_another = _c.subject_id.is_distinct_from(_ME) & _c.actor_id.is_distinct_from(_ME)
    by_another = _c.subject_id.is_distinct_from(_c.actor_id)
    shown = shown_to(Audience.OTHERS)
    return _first(
        [_is(_c.interface, interface), _is(_c.event, event), is_about_another,
         sa.true() if event in shown else by_another]
        for event in sorted(shown | DONE_BY_ANOTHER)
        for interface in sorted(set(Interface) - {Interface.API, Interface.GATEWAY})
    )  # fmt: skip


@cache
def _by_api() -> Any:
    is_other = _c.subject_id.is_distinct_from(_ME)
    return _first(
        (
            [_is(_c.interface, Interface.API), _is(_c.event, event), is_other]
            for event in sorted(BY_API)
        ),
        newest_first=True,
    )


def _is(column: sa.Column[str], value: AuditEvent | Interface) -> Any:
    # A literal: binding hundreds of parameters takes longer than the query.
    return column == sa.literal_column(f"'{value.value}'")


def _first(ranges: Iterable[Sequence[Any]], *, newest_first: bool = False) -> Any:
    """Return a query for the first rows of several ranges of an index together.

    Each range is read separately, at most MOST rows. For one condition with IN, a database reads
    and sorts every event that is not dismissed, or reads the whole log.
    """
    is_final = [_c.outcome != sa.literal_column(f"'{outcome}'") for outcome in ON_THE_WAY]
    limit: Any = sa.literal_column(str(MOST))

    def ordered(id_: Any) -> Any:
        return id_.desc() if newest_first else id_

    parts = [
        sa.select(*_COLUMNS).where(*each, _c.id > _AFTER, *is_final)
        .order_by(ordered(_c.id)).limit(limit).subquery()
        for each in ranges
    ]  # fmt: skip
    every = sa.union_all(*map(sa.select, parts)).subquery()
    return sa.select(every).order_by(ordered(every.c.id)).limit(limit)


def _read(connection: Connection, query: Any, values: dict[str, Any]) -> list[Happening]:
    return [
        Happening(
            row.id, row.at, AuditEvent(row.event), Interface(row.interface), row.actor_name,
            row.subject_id, row.subject_name, row.address, row.session_ref, row.user_agent,
        )
        for row in connection.execute(query, values)
    ]  # fmt: skip
