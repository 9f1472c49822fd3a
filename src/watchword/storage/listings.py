"""Pages of long lists: administrators, audit events, sessions. Keyset paging: the next page
starts after the last key of this one, so that page 100 costs what page 1 does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.storage.administrators import (
    administrator_of,
    is_storable,
    joined_columns,
    joined_tables,
)
from watchword.storage.schema import administrators, api_passwords, audit_events


@dataclass(frozen=True)
class Listed:
    """One row of the table of administrators."""

    account: Administrator
    key: str
    has_api_password: bool


def administrators_page(
    connection: Connection, *, search: str = "", after: str = "", limit: int
) -> list[Listed]:
    """Return administrators by name: those behind the key `after` whose name, full name or
    e-mail address holds the words searched for.
    """
    if not is_storable(search):
        return []  # no name holds it
    after = after if is_storable(after) else ""
    query = (
        sa.select(*joined_columns, api_passwords.c.mac.is_not(None).label("has_api_password"))
        .select_from(joined_tables.join(api_passwords))
        .where(administrators.c.username_key > after)
        .order_by(administrators.c.username_key)
        .limit(limit)
    )
    if search:
        pattern = f"%{_literally(search)}%"
        columns = (administrators.c.username_key, administrators.c.full_name,
                   administrators.c.email)  # fmt: skip
        query = query.where(sa.or_(*(c.ilike(pattern, escape="\\") for c in columns)))
    return [
        Listed(administrator_of(row), row.username_key, bool(row.has_api_password))
        for row in connection.execute(query)
    ]


def _literally(text: str) -> str:
    for character in ("\\", "%", "_"):
        text = text.replace(character, "\\" + character)
    return text


@dataclass(frozen=True)
class AuditRow:
    """One event, as it is shown and exported."""

    id: int
    at: datetime
    event: str
    outcome: str
    door: str
    actor: str
    subject: str
    address: str
    user_agent: str
    request_id: str
    session: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class AuditFilter:
    """Which events are wanted; an empty value wants all. `account` is actor or subject."""

    account: str = ""
    event: str = ""
    door: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = field(default=None)


def audit_page(connection: Connection, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first."""
    c = audit_events.c
    query = sa.select(audit_events).order_by(c.id.desc()).limit(limit)
    if wanted.account:
        query = query.where(
            sa.or_(c.subject_name == wanted.account, c.actor_name == wanted.account)
        )
    conditions: list[tuple[object, Any]] = [
        (wanted.event, c.event == wanted.event),
        (wanted.door, c.door == wanted.door),
        (wanted.since, c.at >= wanted.since if wanted.since else None),
        (wanted.until, c.at < wanted.until if wanted.until else None),
        (wanted.before_id, c.id < wanted.before_id if wanted.before_id else None),
    ]
    for value, condition in conditions:
        if value:
            query = query.where(condition)
    return [
        AuditRow(
            row.id, row.at, row.event, row.outcome, row.door, row.actor_name, row.subject_name,
            row.address, row.user_agent, row.request_id, row.session_ref, json.loads(row.facts),
        )
        for row in connection.execute(query)
    ]  # fmt: skip
