"""Pages of the audit log, newest first.

The paging is by key: the next page starts below the last id of this one, so page 100 costs as
much as page 1. A log can have millions of events, so no filter may read all of them. Each filter
has an index that ends in the event's id. Several events are read as one range of the index for
each event: for one condition with IN, a database sorts every matching event. A time range is
translated to a range of ids by the index of times. Ids need not be in the order of times: clocks of
nodes differ and are corrected.

Two frequent values that never occur together would be looked for in the whole log. audit_search.py
limits the events that a page of the console reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy.engine import Connection
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from watchword.storage.administrators import is_storable
from watchword.storage.schema import Instant, audit_events

_FEW: Final = 10_000
"""Events of one account or address that a database reads in some milliseconds."""
Equal = tuple[sa.Column[str], str]
"""A column and its value."""


class AuditRow(Struct, frozen=True):
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


class AuditFilter(Struct, frozen=True):
    """Conditions on events; an empty value is no condition. `account` is actor or subject. `event`
    is one event, and `events` are those of a category; with both, an event meets both.
    """

    account: str = ""
    event: str = ""
    interface: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = field(default=None)
    from_id: int | None = field(default=None)
    address: str = ""
    events: frozenset[str] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """The events that meet both conditions on the event; empty without a condition."""
        return frozenset({self.event}) if self.event else self.events

    @property
    def is_contradictory(self) -> bool:
        """Whether the event is not one of `events`, so that no event can match."""
        return bool(self.event and self.events and self.event not in self.events)


class Range(Struct, frozen=True):
    """A range of an index, and the conditions that are checked for each of its rows."""

    of_index: list[Any]
    of_rows: list[Any]

    @property
    def all(self) -> list[Any]:
        """All conditions."""
        return [*self.of_index, *self.of_rows]


def can_match(wanted: AuditFilter) -> bool:
    """Return whether a stored event can contain the values."""
    texts = (wanted.account, wanted.event, wanted.interface, wanted.address)
    return not wanted.is_contradictory and all(map(is_storable, texts))


def audit_page(connection: Connection, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first."""
    if not can_match(wanted) or (bounded := within(connection, wanted)) is None:
        return []
    return rows_of(connection, ranges_of(connection, wanted), bounded, limit)


def rows_of(
    connection: Connection, ranges: list[Range], bounded: AuditFilter, limit: int
) -> list[AuditRow]:
    """Return the newest events of the ranges within the ids and times of `bounded`."""
    found = _newest(ranges, _span(bounded), limit)
    return [
        AuditRow(
            row.id, row.at, row.event, row.outcome, row.interface, row.actor_name, row.subject_name,
            row.address, row.user_agent, row.request_id, row.session_ref, json.loads(row.facts),
            row.node, row.actor_id, row.subject_id,
        )
        for row in connection.execute(found)
    ]  # fmt: skip


def is_named(connection: Connection, account: str) -> bool:
    """Return whether an account of exactly this name is actor or subject of an event."""
    return is_storable(account) and any(
        connection.execute(sa.select(audit_events.c.id).where(name == account).limit(1)).first()
        for name in (audit_events.c.subject_name, audit_events.c.actor_name)
    )


def _newest(ranges: list[Range], span: list[Any], limit: int) -> Any:
    """Return the query for the newest events of all ranges, each of which is read separately."""
    c = audit_events.c

    def ordered(columns: Any, conditions: list[Any]) -> Any:
        return sa.select(columns).where(*conditions).order_by(c.id.desc()).limit(limit)

    if len(ranges) == 1:
        return ordered(audit_events, [*ranges[0].all, *span])
    # Only ids, which most ranges read from their index without the rows.
    parts = [ordered(c.id, [*each.all, *span]).subquery() for each in ranges]
    ids = sa.union(*(sa.select(part) for part in parts)).subquery()
    newest = sa.select(ids.c.id).order_by(ids.c.id.desc()).limit(limit)
    return sa.select(audit_events).where(c.id.in_(newest)).order_by(c.id.desc())


def ranges_of(connection: Connection, wanted: AuditFilter) -> list[Range]:
    """Return the ranges that contain all matching events. For one query with OR, a database sorts every event of
    the account.
    """
    c = audit_events.c
    at = [(c.address, wanted.address)] if wanted.address else []
    if not wanted.account:
        return _ranges_of(connection, wanted, at)
    names = (c.subject_name, c.actor_name)
    return [
        each
        for name in names
        for each in _ranges_of(connection, wanted, [(name, wanted.account), *at])
    ]


def _ranges_of(connection: Connection, wanted: AuditFilter, asked: list[Equal]) -> list[Range]:
    """Return ranges of the index of the most selective condition: an account or address with few
    events, then the events, then other accounts and addresses, then the interface.
    """
    c = audit_events.c
    interface = [(c.interface, wanted.interface)] if wanted.interface else []
    kinds = sorted(wanted.kinds)
    is_choice = len(asked) + bool(kinds) > 1
    few = [equal for equal in asked if not (is_choice and _has_many(connection, *equal))]
    if kinds and not few:
        others = [_unused(connection, column) == value for column, value in asked]
        exact = [column == value for column, value in interface]
        return [Range([c.event == kind, *exact], others) for kind in kinds]
    conditions = [*few, *(equal for equal in asked if equal not in few), *interface]
    first, rest = conditions[:1], conditions[1:]
    is_kind = [_unused(connection, c.event).in_(kinds)] if kinds else []
    others = [_unused(connection, column) == value for column, value in rest]
    return [Range([column == value for column, value in first], [*others, *is_kind])]


def _unused(connection: Connection, column: sa.Column[str]) -> Any:
    """Return the column so that SQLite does not use its index. SQLite has no statistics, and of
    several indexes it uses the newest: that of an interface, with half a million events.
    """
    if connection.dialect.name != "sqlite":
        return column
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def _has_many(connection: Connection, column: sa.Column[str], value: str) -> bool:
    # In the order of the index; otherwise PostgreSQL reads half of the table for a frequent value.
    newest = sa.select(column).where(column == value).order_by(audit_events.c.id.desc())
    first = newest.limit(_FEW + 1).subquery()
    count: int = connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one()
    return count > _FEW


def within(connection: Connection, wanted: AuditFilter) -> AuditFilter | None:
    """Return the filter with the ids of the first and the last event in its time range; None when
    the range has no event. The query reads one index entry for each event in the range, so a range
    that contains every event is no condition.
    """
    wanted = without_idle_limits(connection, wanted)
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


def without_idle_limits(connection: Connection, wanted: AuditFilter) -> AuditFilter:
    """Return the filter without a limit of time that no event is beyond."""
    at = audit_events.c.at
    if wanted.since is not None:
        is_idle = (
            connection.execute(sa.select(at).where(at < wanted.since).limit(1)).first() is None
        )
        wanted = replace(wanted, since=None) if is_idle else wanted
    if wanted.until is not None:
        is_idle = (
            connection.execute(sa.select(at).where(at >= wanted.until).limit(1)).first() is None
        )
        wanted = replace(wanted, until=None) if is_idle else wanted
    return wanted


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
