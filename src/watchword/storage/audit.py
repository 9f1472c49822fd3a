"""The audit log. Rows are added in the transaction of the change they record, and never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent, Recorded
from watchword.storage.database import insert_ignoring
from watchword.storage.schema import Instant, audit_chain, audit_events

Link = Callable[[str, Sequence[str | int | None]], str]
"""Returns a row's MAC from the MAC of the row before and the row's values."""
BEFORE_THE_CHAIN: Final = frozenset({"0001", "0002"})
"""Revisions of the schema without a chain. The chain begins with the upgrade from them."""
_ONLY: Final = 1
_LINKED: Final = tuple(c for c in audit_events.c if c.name not in ("mac", "node"))


class ChainEnd(Struct, frozen=True):
    """The last event of the chain and its MAC."""

    last_id: int
    mac: str


def append(
    connection: Connection,
    recorded: Sequence[Recorded],
    node: str,
    link: Link,
    seen: ChainEnd | None = None,
) -> ChainEnd:
    """Append a node's events to the log and return the new end of the chain.

    Append last: this locks the single chain row until the transaction ends. `seen` is the end as
    this process wrote it before; the chain is read only when another process has appended since.
    Facts are short words and numbers, never a secret.
    """
    if seen is not None:
        rows, end = _linked_rows(recorded, node, link, seen)
        if _move_end(connection, seen, end):
            connection.execute(audit_events.insert(), rows)
            return end
    rows, end = _linked_rows(recorded, node, link, _locked_end(connection))
    connection.execute(audit_chain.update().values(asdict(end)))
    connection.execute(audit_events.insert(), rows)
    return end


def _move_end(connection: Connection, seen: ChainEnd, end: ChainEnd) -> bool:
    """Store the new end of the chain if the present one is still as seen, and no row follows it."""
    c = audit_chain.c
    follows = sa.select(audit_events.c.id).where(audit_events.c.id > seen.last_id).exists()
    is_as_seen = (c.last_id == seen.last_id, c.mac == seen.mac, ~follows)
    return (
        connection.execute(audit_chain.update().where(*is_as_seen).values(asdict(end))).rowcount
        == 1
    )


def _locked_end(connection: Connection) -> ChainEnd:
    newest = sa.select(sa.func.max(audit_events.c.id)).scalar_subquery()
    query = sa.select(audit_chain.c.last_id, audit_chain.c.mac, newest.label("newest_id"))
    row = connection.execute(query.with_for_update(of=audit_chain)).one()
    # A row that was inserted past this server must not stop the log; `verify` reports it.
    return ChainEnd(max(row.last_id, row.newest_id or 0), row.mac)


def _linked_rows(
    recorded: Sequence[Recorded], node: str, link: Link, end: ChainEnd
) -> tuple[list[dict[str, Any]], ChainEnd]:
    """Return the rows that continue the chain after `end`, and its end after them."""
    rows = []
    for each in recorded:
        values = {**_values(end.last_id + 1, each), "node": node}
        end = ChainEnd(end.last_id + 1, link(end.mac, _linked(values)))
        rows.append({**values, "mac": end.mac})
    return rows, end


def _values(number: int, recorded: Recorded) -> dict[str, Any]:
    actor = recorded.actor
    return {
        "id": number,
        "at": recorded.at,
        "event": recorded.event.value,
        "outcome": recorded.outcome,
        "interface": actor.interface.value,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "subject_id": recorded.subject_id,
        "subject_name": recorded.subject_name,
        "address": actor.address,
        "user_agent": actor.user_agent,
        "request_id": actor.request_id,
        "session_ref": actor.session_ref,
        "facts": json.dumps(dict(recorded.facts), ensure_ascii=False, sort_keys=True),
    }


def _linked(values: Mapping[str, Any]) -> list[str | int | None]:
    """Return the values that a row's MAC covers: in the order of the columns, times as numbers.
    Rows older than the node column are MACed without it.
    """
    linked = [
        _number(values[c.name]) if isinstance(c.type, Instant) else values[c.name] for c in _LINKED
    ]
    return [*linked, values["node"]] if values["node"] else linked


def _number(time: datetime) -> int:
    return int((time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))


# --- the chain -------------------------------------------------------------------------------
class ChainState(Struct, frozen=True):
    """The stored chain: its sealed key, its first and last event, the MAC of the last one, and the
    event at which a check found it broken.
    """

    key: bytes
    first_id: int
    last_id: int
    mac: str
    broken_event_id: int | None
    broken_found_at: datetime | None


def chain_state(connection: Connection) -> ChainState | None:
    """Return the chain; None before it was begun."""
    columns = [c for c in audit_chain.c if c.name != "id"]
    row = connection.execute(sa.select(*columns)).first()
    return ChainState(**row._mapping) if row else None


def begin_chain(connection: Connection, key: bytes, start: str) -> bool:
    """Begin the chain after the existing events. Returns False when another node has begun it."""
    newest = newest_id(connection)
    row = {"id": _ONLY, "key": key, "first_id": newest + 1, "last_id": newest, "mac": start}
    return insert_ignoring(connection, audit_chain, row) == 1


class LinkedRow(Struct, frozen=True):
    """An event with the values that its MAC covers."""

    id: int
    linked: tuple[str | int | None, ...]
    mac: str


def may_begin_chain(connection: Connection, first_id: int) -> bool:
    """Return whether the event is one of the two with which a chain may begin: the upgrade from a
    schema without a chain, or the restart of the chain by an operator. Raises ValueError when its
    facts are not JSON.
    """
    query = sa.select(audit_events.c.event, audit_events.c.facts)
    row = connection.execute(query.where(audit_events.c.id == first_id)).first()
    if row is not None and row.event == AuditEvent.AUDIT_CHAIN_RESTARTED.value:
        return True
    if row is None or row.event != AuditEvent.SYSTEM_UPGRADED.value:
        return False
    match json.loads(row.facts):
        case {"old": str(old)}:
            return old in BEFORE_THE_CHAIN
        case _:
            return False


def linked_rows(connection: Connection, first_id: int, limit: int) -> list[LinkedRow]:
    """Return the events from `first_id` on, oldest first."""
    query = sa.select(audit_events).where(audit_events.c.id >= first_id)
    rows = connection.execute(query.order_by(audit_events.c.id).limit(limit))
    return [LinkedRow(r.id, tuple(_linked(dict(r._mapping))), r.mac) for r in rows]


class OldEvent(Struct, frozen=True):
    """An event at the beginning of the log."""

    id: int
    at: datetime
    mac: str


def oldest(connection: Connection, most: int) -> list[OldEvent]:
    """Return the oldest events that are stored, oldest first."""
    c = audit_events.c
    rows = connection.execute(sa.select(c.id, c.at, c.mac).order_by(c.id).limit(most))
    return [OldEvent(**row._mapping) for row in rows]


def delete_through(connection: Connection, last_id: int) -> int:
    """Delete the events up to `last_id` (inclusive). Returns how many."""
    return connection.execute(audit_events.delete().where(audit_events.c.id <= last_id)).rowcount


def newest_id(connection: Connection) -> int:
    """Return the id of the newest event; 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.max(audit_events.c.id))).scalar() or 0)


def database_time(connection: Connection) -> datetime:
    """Return the time of PostgreSQL's host."""
    now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now
