"""The audit log: rows are added in the transaction of what they tell, and never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.audit import AuditEvent, Recorded
from watchword.storage.database import insert_ignoring
from watchword.storage.schema import Instant, audit_chain, audit_events

Link = Callable[[str, Sequence[str | int | None]], str]
"""From the MAC before and a row's values to the row's MAC."""
BEFORE_THE_CHAIN: Final = frozenset({"0001", "0002"})
"""Revisions of the schema that had none: the chain begins with the upgrade from them."""
MOST_READ: Final = 1000
"""Of the events of one kind, the newest. Beyond that, how many there are makes no difference."""
_ONLY: Final = 1
_LINKED: Final = tuple(c for c in audit_events.c if c.name not in ("mac", "node"))


@dataclass(frozen=True)
class Showing:
    """One time and place at which something happened: a showing of a page, a login."""

    at: datetime
    address: str


def append(connection: Connection, recorded: Iterable[Recorded], node: str, link: Link) -> None:
    """Write the rows of a node, as the last thing in their transaction: until its end nobody else adds
    any. Facts are short words and numbers, never a secret.
    """
    chain = connection.execute(sa.select(audit_chain).with_for_update()).one()
    # A row that somebody put there past us must not stop the log; `verify` tells of it.
    number, mac = max(chain.last_id, newest_id(connection)), chain.mac
    for each in recorded:
        number += 1
        values = {**_values(number, each), "node": node}
        mac = link(mac, _linked(values))
        connection.execute(audit_events.insert().values(**values, mac=mac))
    connection.execute(audit_chain.update().values(last_id=number, mac=mac))


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
    """Return a row's values as they are linked: in the order of the columns, times as numbers.
    Rows of before there were nodes were linked without one.
    """
    linked = [
        _number(values[c.name]) if isinstance(c.type, Instant) else values[c.name] for c in _LINKED
    ]
    return [*linked, values["node"]] if values["node"] else linked


def _number(time: datetime) -> int:
    return int((time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))


# --- the chain -------------------------------------------------------------------------------
@dataclass(frozen=True)
class ChainState:
    """The chain as stored: its sealed key, its first and last event, the last one's MAC, and what
    was found when it was followed.
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
    """Begin the chain behind the events there are; False when another node has just done so."""
    newest = newest_id(connection)
    row = {"id": _ONLY, "key": key, "first_id": newest + 1, "last_id": newest, "mac": start}
    return insert_ignoring(connection, audit_chain, row) == 1


@dataclass(frozen=True)
class LinkedRow:
    """An event as the chain sees it."""

    id: int
    linked: tuple[str | int | None, ...]
    mac: str


def may_begin_chain(connection: Connection, first_id: int) -> bool:
    """Return whether the event records the upgrade with which the log became a chain, or that an
    operator started the chain again. Raises ValueError where its facts are no JSON.
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
    """Return events from a number on, oldest first."""
    query = sa.select(audit_events).where(audit_events.c.id >= first_id)
    rows = connection.execute(query.order_by(audit_events.c.id).limit(limit))
    return [LinkedRow(r.id, tuple(_linked(dict(r._mapping))), r.mac) for r in rows]


@dataclass(frozen=True)
class OldEvent:
    """An event at the log's beginning."""

    id: int
    at: datetime
    mac: str


def oldest(connection: Connection, most: int) -> list[OldEvent]:
    """Return the first events that are still there, oldest first."""
    c = audit_events.c
    rows = connection.execute(sa.select(c.id, c.at, c.mac).order_by(c.id).limit(most))
    return [OldEvent(**row._mapping) for row in rows]


def delete_through(connection: Connection, last_id: int) -> int:
    """Delete the events up to and with this one. Returns how many that were."""
    return connection.execute(audit_events.delete().where(audit_events.c.id <= last_id)).rowcount


def newest_id(connection: Connection) -> int:
    """Return the number of the newest event; 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.max(audit_events.c.id))).scalar() or 0)


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


def newest(*conditions: Any) -> Any:
    """Return a subquery for the newest events under conditions that an index answers.

    No index orders the events of one kind by time. With a condition on the time alone a database
    reads all of them, however old.
    """
    query = sa.select(audit_events).where(*conditions).order_by(audit_events.c.id.desc())
    return query.limit(MOST_READ).subquery()


def has_happened(
    connection: Connection, subject_id: int, event: AuditEvent, since: datetime
) -> bool:
    """Return whether the event happened to the account since a time."""
    c = audit_events.c
    found = newest(c.subject_id == subject_id, c.event == event.value).c
    query = sa.select(found.id).where(found.at >= since).limit(1)
    return connection.execute(query).first() is not None


def newest_address(
    connection: Connection, event: AuditEvent, since: datetime, *, of: str | None = None
) -> str | None:
    """Return the address of the newest event of that name since a time; with `of` only of those
    from that address.
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
    *,
    besides: str | None = None,
    most: int = 20,
) -> list[Showing]:
    """Return when and to which address the enrolment page was shown, newest first; leaving out
    those of the set-up `besides`. A reload is no other showing: of each set-up, the first one at
    each address counts.
    """
    is_shown = audit_events.c.event == AuditEvent.MFA_ENROL_SHOWN.value
    c = newest(audit_events.c.subject_id == administrator_id, is_shown).c
    query = sa.select(c.at, c.address, c.facts).where(c.at >= since).order_by(c.id)
    first: dict[tuple[str, str], Showing] = {}
    for row in connection.execute(query):
        set_up = str(json.loads(row.facts).get("set_up"))
        if set_up != besides:
            first.setdefault((set_up, row.address), Showing(row.at, row.address))
    return list(reversed(first.values()))[:most]


def newest_facts(
    connection: Connection, event: AuditEvent, outcome: str
) -> Mapping[str, str | int] | None:
    """Return the facts of the newest event of that name and outcome."""
    found = newest_told(connection, event, outcome)
    return found[1] if found else None


def newest_told(
    connection: Connection, event: AuditEvent, outcome: str
) -> tuple[int, Mapping[str, str | int]] | None:
    """Return the number and the facts of the newest event of that name and outcome."""
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
    where there is none.
    """
    c = audit_events.c
    if event is None:
        query: Any = sa.select(sa.func.max(c.at))
    else:
        query = sa.select(c.at).where(c.event == event.value).order_by(c.id.desc()).limit(1)
    found: datetime | None = connection.execute(query).scalar()
    return found


def database_time(connection: Connection) -> datetime:
    """Return the time as PostgreSQL's host has it."""
    now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return now
