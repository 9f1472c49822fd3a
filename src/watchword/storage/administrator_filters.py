"""The filters of the table of administrators, and how many accounts each one finds.

A count stops at MOST_COUNTED. A filter that finds fewer accounts is rare: a page reads them all
by the filter's index, and sorts them. The accounts of another filter are frequent in every order,
so a page reads the index of the order and leaves out the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from watchword.domain.mfa import Status
from watchword.domain.roles import Role
from watchword.storage.administrators import NEVER
from watchword.storage.counts import MOST_COUNTED
from watchword.storage.schema import administrators, api_passwords


class Only(StrEnum):
    """The filters, as their values in the address of the table."""

    MFA_OFF = "mfa-off"
    PENDING = "mfa-pending"
    ACTIVE = "mfa-active"
    NO_API_PASSWORD = "no-api-password"
    DISABLED = "account-disabled"
    NEVER_LOGGED_IN = "never-logged-in"


_STATUS: Final = {
    Only.MFA_OFF: Status.DISABLED,
    Only.PENDING: Status.PENDING,
    Only.ACTIVE: Status.ACTIVE,
}


class Counts(Struct, frozen=True):
    """The number of accounts, of all and of each filter, up to one above `MOST_COUNTED`.

    `are_minimum` if only the first accounts of a search were counted.
    """

    total: int
    of: Mapping[Only, int]
    are_minimum: bool = False

    def is_rare(self, only: Only | None) -> bool:
        """Return whether all accounts of the filter may be read for one page."""
        return only is not None and self.of[only] <= MOST_COUNTED and not self.are_minimum


def condition(connection: Connection, only: Only, *, is_indexed: bool) -> Any:
    """Return the condition on a row of accounts joined with their API passwords. Unless
    `is_indexed`, SQLite uses no index for it: without statistics, it expects few rows of every
    value.
    """
    c = administrators.c
    if only is Only.NO_API_PASSWORD:
        if is_indexed:
            none = sa.select(api_passwords.c.administrator_id).where(api_passwords.c.mac.is_(None))
            return c.id.in_(none)
        return unindexed(connection, api_passwords.c.mac).is_(None)
    value: tuple[sa.Column[Any], Any]
    if only is Only.DISABLED:
        value = c.is_disabled, sa.true()
    elif only is Only.NEVER_LOGGED_IN:
        value = c.last_login_at, NEVER
    else:
        value = c.mfa_status, _STATUS[only].value
    column = value[0] if is_indexed else unindexed(connection, value[0])
    return column == value[1]


def is_of(connection: Connection, role: Role, *, is_indexed: bool = True) -> Any:
    """Return the condition that an account has the role. All indexes of the table begin with it:
    unless `is_indexed`, SQLite finds the rows by another condition.
    """
    c = administrators.c.role
    return (c if is_indexed else unindexed(connection, c)) == role.value


def unindexed(connection: Connection, column: sa.Column[Any]) -> Any:
    """Return the column so that SQLite uses no index for it."""
    # PostgreSQL has statistics, and no such operator for texts.
    if connection.dialect.name != "sqlite":
        return column
    return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)


def counts(connection: Connection, role: Role, matching: Sequence[Any]) -> Counts:
    """Return the counts of the accounts of a role that meet all conditions of a search, if there
    are any.
    """
    if matching:
        return _of_search(connection, [is_of(connection, role, is_indexed=False), *matching])
    row = connection.execute(
        sa.select(
            _bounded(administrators, is_of(connection, role)),
            *(_bounded(*_rows_of(connection, role, only)) for only in Only),
        )
    ).one()
    return Counts(row[0], dict(zip(Only, row[1:], strict=True)))


def _rows_of(connection: Connection, role: Role, only: Only) -> tuple[Any, Any, Any]:
    if only is Only.NO_API_PASSWORD:
        is_role = is_of(connection, role, is_indexed=False)
        return administrators.join(api_passwords), api_passwords.c.mac.is_(None), is_role
    return administrators, condition(connection, only, is_indexed=True), is_of(connection, role)


def _bounded(table: Any, *conditions: Any) -> Any:
    first = sa.select(sa.literal(1).label("n")).select_from(table).where(*conditions)
    rows = first.limit(MOST_COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(rows).scalar_subquery()


def _of_search(connection: Connection, matching: Sequence[Any]) -> Counts:
    marks = [
        sa.case((condition(connection, only, is_indexed=False), 1), else_=0).label(only.name)
        for only in Only
    ]
    found = sa.select(*marks).select_from(administrators.join(api_passwords)).where(*matching)
    rows = found.limit(MOST_COUNTED + 1).subquery()
    sums = [sa.func.coalesce(sa.func.sum(rows.c[only.name]), 0) for only in Only]
    total, *of = connection.execute(sa.select(sa.func.count(), *sums).select_from(rows)).one()
    numbers = {only: int(number) for only, number in zip(Only, of, strict=True)}
    return Counts(int(total), numbers, are_minimum=total > MOST_COUNTED)
