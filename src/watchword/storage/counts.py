"""Counts of stored rows for monitoring, without names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.mfa import Status
from watchword.storage.schema import (
    administrators,
    api_passwords,
    audit_chain,
    sessions,
)

MOST_COUNTED: Final = 10_000
"""Accounts that a page counts."""


class Figures(Struct, frozen=True):
    """Accounts by MFA status, disabled accounts, live sessions, API passwords, and whether a check
    found the audit log's chain broken.
    """

    by_mfa_status: Mapping[Status, int]
    disabled: int
    sessions: int
    api_passwords: int
    is_chain_broken: bool


class AdministratorCounts(Struct, frozen=True):
    """Numbers of accounts, up to one above MOST_COUNTED; `usable` ones are not disabled (at most 2).
    Accounts with MFA are those where it is active or pending.
    """

    total: int
    with_mfa: int
    usable: int


def of_administrators(connection: Connection) -> AdministratorCounts:
    """Count the accounts, those with MFA, and those that are not disabled, by their indexes."""
    c = administrators.c

    def rows(most: int, *conditions: sa.ColumnElement[bool]) -> sa.Label[int]:
        found = sa.select(c.id).where(*conditions).limit(most).subquery()
        return sa.select(sa.func.count()).select_from(found).scalar_subquery().label(None)

    has_mfa = c.mfa_status.in_((Status.PENDING.value, Status.ACTIVE.value))
    is_usable = c.is_disabled.is_(False)
    counted = (rows(MOST_COUNTED + 1), rows(MOST_COUNTED + 1, has_mfa), rows(2, is_usable))
    return AdministratorCounts(*connection.execute(sa.select(*counted)).one())


def count(connection: Connection, now: datetime, idle_since: datetime) -> Figures:
    """Count the rows. Expired sessions do not count, although they may not be deleted yet."""
    by_status = dict.fromkeys(Status, 0)
    status = administrators.c.mfa_status
    grouped = sa.select(status, sa.func.count()).group_by(status)
    for found, number in connection.execute(grouped):
        by_status[Status(found)] = number

    def rows(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(*conditions)
        return int(connection.execute(query).scalar_one())

    is_live = (sessions.c.expires_at > now, sessions.c.last_seen_at > idle_since)
    return Figures(
        by_mfa_status=by_status,
        disabled=rows(administrators, administrators.c.is_disabled.is_(True)),
        sessions=rows(sessions, *is_live),
        # An index has the accounts without one, so no row of the table is read.
        api_passwords=rows(api_passwords) - rows(api_passwords, api_passwords.c.mac.is_(None)),
        is_chain_broken=rows(audit_chain, audit_chain.c.broken_event_id.is_not(None)) > 0,
    )
