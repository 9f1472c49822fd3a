"""Counts of stored rows for monitoring, without names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.mfa import Status
from watchword.domain.roles import Role
from watchword.storage.schema import (
    administrators,
    api_passwords,
    audit_chain,
    sessions,
)

MOST_COUNTED: Final = 10_000
"""Accounts that a page counts."""


class Figures(Struct, frozen=True):
    """Administrators by MFA status, disabled ones, the same of members, live sessions and API
    passwords of all accounts, and whether a check found the audit log's chain broken.
    """

    by_mfa_status: Mapping[Status, int]
    disabled: int
    members_by_mfa_status: Mapping[Status, int]
    disabled_members: int
    sessions: int
    api_passwords: int
    is_chain_broken: bool


class AdministratorCounts(Struct, frozen=True):
    """Numbers of administrators, up to one above MOST_COUNTED; `usable` ones are not disabled (at
    most 2). Those with MFA are those where it is active or pending.
    """

    total: int
    with_mfa: int
    usable: int


def of_administrators(connection: Connection) -> AdministratorCounts:
    """Count the administrators, those with MFA, and those that are not disabled, by their
    indexes.
    """
    c = administrators.c

    def rows(most: int, *conditions: sa.ColumnElement[bool]) -> sa.Label[int]:
        found = sa.select(c.id).where(_is(Role.ADMINISTRATOR), *conditions).limit(most).subquery()
        return sa.select(sa.func.count()).select_from(found).scalar_subquery().label(None)

    has_mfa = c.mfa_status.in_((Status.PENDING.value, Status.ACTIVE.value))
    is_usable = c.is_disabled.is_(False)
    counted = (rows(MOST_COUNTED + 1), rows(MOST_COUNTED + 1, has_mfa), rows(2, is_usable))
    return AdministratorCounts(*connection.execute(sa.select(*counted)).one())


def _is(role: Role) -> sa.ColumnElement[bool]:
    return administrators.c.role == role.value


def _by_status(connection: Connection, role: Role) -> dict[Status, int]:
    by_status = dict.fromkeys(Status, 0)
    status = administrators.c.mfa_status
    grouped = sa.select(status, sa.func.count()).where(_is(role)).group_by(status)
    for found, number in connection.execute(grouped):
        by_status[Status(found)] = number
    return by_status


def count(connection: Connection, now: datetime, idle_since: datetime) -> Figures:
    """Count the rows. Expired sessions do not count, although they may not be deleted yet."""

    def rows(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(*conditions)
        return int(connection.execute(query).scalar_one())

    is_disabled = administrators.c.is_disabled.is_(True)
    is_live = (sessions.c.expires_at > now, sessions.c.last_seen_at > idle_since)
    return Figures(
        by_mfa_status=_by_status(connection, Role.ADMINISTRATOR),
        disabled=rows(administrators, _is(Role.ADMINISTRATOR), is_disabled),
        members_by_mfa_status=_by_status(connection, Role.MEMBER),
        disabled_members=rows(administrators, _is(Role.MEMBER), is_disabled),
        sessions=rows(sessions, *is_live),
        # An index has the accounts without one, so no row of the table is read.
        api_passwords=rows(api_passwords) - rows(api_passwords, api_passwords.c.mac.is_(None)),
        is_chain_broken=rows(audit_chain, audit_chain.c.broken_event_id.is_not(None)) > 0,
    )
