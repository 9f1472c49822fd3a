"""Pages of the audit log, newest first.

The paging is by key: the next page starts below the last id of this one, so page 100 costs as
much as page 1. A log can have millions of events, so no filter may read all of them. Each filter
has an index that ends in the event's id. A time range is translated to a range of ids by the index
of times. Ids need not be in the order of times: clocks of nodes differ and are corrected.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from watchword.storage.administrators import is_storable
from watchword.storage.schema import Instant, audit_events

_FEW: Final = 2000
"""Events of one account that a database reads in a few milliseconds."""


@dataclass(frozen=True)
class AuditRow:
    """One event, as it is shown and exported."""

    id: int
    at: datetime
    event: str
    outcome: str
    interface: str
    actor: str
    subject: str
    address: str
    user_agent: str
    request_id: str
    session: str
    facts: Mapping[str, Any]
    node: str
    actor_id: int | None
    subject_id: int | None


@dataclass(frozen=True)
class AuditFilter:
    """Conditions on events; an empty value is no condition. `account` is actor or subject."""

    account: str = ""
    event: str = ""
    interface: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = field(default=None)
    from_id: int | None = field(default=None)


def audit_page(connection: Connection, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first."""
    if not all(map(is_storable, (wanted.account, wanted.event, wanted.interface))):
        return []  # no stored event contains it
    if (bounded := within(connection, wanted)) is None:
        return []
    span = _span(bounded)
    if wanted.account:
        rows = _of_account(connection, wanted, span, limit)
    else:
        rows = list(connection.execute(_newest(limit, [*_equal(connection, wanted), *span])))
    return [
        AuditRow(
            row.id, row.at, row.event, row.outcome, row.interface, row.actor_name, row.subject_name,
            row.address, row.user_agent, row.request_id, row.session_ref, json.loads(row.facts),
            row.node, row.actor_id, row.subject_id,
        )
        for row in rows
    ]  # fmt: skip


def is_named(connection: Connection, account: str) -> bool:
    """Return whether an account of exactly this name is actor or subject of an event."""
    return is_storable(account) and any(
        connection.execute(sa.select(audit_events.c.id).where(name == account).limit(1)).first()
        for name in (audit_events.c.subject_name, audit_events.c.actor_name)
    )


def _newest(limit: int, conditions: Iterable[Any]) -> Any:
    query = sa.select(audit_events).where(*conditions)
    return query.order_by(audit_events.c.id.desc()).limit(limit)


def _of_account(
    connection: Connection, wanted: AuditFilter, span: list[Any], limit: int
) -> list[Row[Any]]:
    """Merge the newest events by subject with the newest by actor. For one query with OR, a
    database sorts every event of the account.
    """
    found: dict[int, Row[Any]] = {}
    for name in (audit_events.c.subject_name, audit_events.c.actor_name):
        for row in connection.execute(_newest(limit, [*_equal(connection, wanted, name), *span])):
            found[row.id] = row
    return [found[id_] for id_ in sorted(found, reverse=True)[:limit]]


def _equal(
    connection: Connection, wanted: AuditFilter, name: sa.Column[str] | None = None
) -> list[Any]:
    """Return the conditions of equality, the most selective first: account, event, interface.

    PostgreSQL has statistics of the values. SQLite has none, and of several indexes it uses the
    newest: that of an interface, with half a million events. So on SQLite only the first condition
    may use an index. The event comes before an account with many events.
    """
    c = audit_events.c
    asked = [] if name is None else [(name, wanted.account)]
    asked += [(c.event, wanted.event)] if wanted.event else []
    asked += [(c.interface, wanted.interface)] if wanted.interface else []
    if connection.dialect.name != "sqlite":
        return [column == value for column, value in asked]
    if name is not None and wanted.event and _has_many(connection, name, wanted.account):
        asked = [asked[1], asked[0], *asked[2:]]
    return [
        (column if is_first else _walked_by_none(column)) == value
        for is_first, (column, value) in zip([True, False, False], asked, strict=False)
    ]


def _walked_by_none(column: sa.Column[str]) -> Any:
    # A unary plus before a column keeps SQLite from using its indexes.
    return UnaryExpression(column, operator=operators.custom_op("+"))


def _has_many(connection: Connection, name: sa.Column[str], account: str) -> bool:
    first = sa.select(name).where(name == account).limit(_FEW + 1).subquery()
    count: int = connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one()
    return count > _FEW


def within(connection: Connection, wanted: AuditFilter) -> AuditFilter | None:
    """Return the filter with the ids of the first and the last event in its time range; None when
    the range has no event. The query reads one index entry for each event in the range.
    """
    if wanted.from_id is not None or (wanted.since is None and wanted.until is None):
        return wanted
    c = audit_events.c
    conditions = [c.at >= wanted.since] if wanted.since is not None else []
    conditions += [c.at < wanted.until] if wanted.until is not None else []
    # With the plain column PostgreSQL would look for the minimum along the primary key, from id 1.
    number = c.id + 0
    query = sa.select(sa.func.min(number), sa.func.max(number)).where(*conditions)
    first, last = connection.execute(query).one()
    if first is None:
        return None
    return replace(wanted, from_id=first, before_id=min(wanted.before_id or last + 1, last + 1))


def _span(bounded: AuditFilter) -> list[Any]:
    c = audit_events.c
    # Without the cast the planner uses the index of times and sorts.
    at = sa.type_coerce(sa.cast(c.at, sa.BigInteger), Instant)
    asked: list[tuple[Any, Any]] = [
        (bounded.since, lambda since: at >= since),
        (bounded.until, lambda until: at < until),
        (bounded.from_id, lambda first: c.id >= first),
        (bounded.before_id, lambda before: c.id < before),
    ]
    return [condition(value) for value, condition in asked if value is not None]
