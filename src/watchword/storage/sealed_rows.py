"""All sealed values, row by row, for the rotation of keys. This module opens none.

A sealed value begins with a head that names its key (crypto/keyring.py), so queries can find the
rows that are not sealed under a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.storage.schema import audit_chain, authenticators, enrolments, installation

_HEAD_BYTES: Final = 9
_COLUMNS: Final[Mapping[str, tuple[sa.Column[Any], sa.Column[Any]]]] = MappingProxyType(
    {
        "installation": (installation.c.id, installation.c.key_check),
        "authenticators": (authenticators.c.administrator_id, authenticators.c.secret),
        "enrolments": (enrolments.c.id, enrolments.c.secret),
        "audit_chain": (audit_chain.c.id, audit_chain.c.key),
    }
)
TABLES: Final = tuple(_COLUMNS)
"""The check value is first: a node with an outdated keyring notices it at its next check."""


class SealedRow(Struct, frozen=True):
    """One sealed value and its place; `key` is the id that its seal is bound to."""

    table: str
    column: str
    key: int | str
    value: bytes


def next_rows(
    connection: Connection,
    table: str,
    *,
    after: int | str | None,
    most: int,
    not_under: bytes | None = None,
) -> list[SealedRow]:
    """Return the rows after the key `after`, in the order of keys. With `not_under`, rows that are
    sealed under the key with this head are skipped.
    """
    key, value = _COLUMNS[table]
    query = sa.select(key, value).where(value.is_not(None)).order_by(key).limit(most)
    if after is not None:
        query = query.where(key > after)
    if not_under is not None:
        query = query.where(_head(value) != not_under)
    return [SealedRow(table, value.name, *row) for row in connection.execute(query)]


def replace(connection: Connection, row: SealedRow, value: bytes) -> bool:
    """Replace the row's sealed value. Returns False, without a change, when the row was changed or
    deleted after it was read.
    """
    key, column = _COLUMNS[row.table]
    done = connection.execute(
        sa.update(column.table)
        .where(key == row.key, column == row.value)
        .values({column.name: value})
    )
    return done.rowcount == 1


def count_not_under(connection: Connection, head: bytes) -> int:
    """Return how many values are not sealed under the key with this head."""
    return sum(_count(connection, v, _head(v) != head) for _, v in _COLUMNS.values())


def count_under(connection: Connection, head: bytes) -> int:
    """Return how many values are sealed under the key with this head."""
    return sum(_count(connection, v, _head(v) == head) for _, v in _COLUMNS.values())


def _count(connection: Connection, value: sa.Column[Any], condition: Any) -> int:
    # NULL is neither equal nor unequal to a head, so it is not counted.
    query = sa.select(sa.func.count()).select_from(value.table).where(condition)
    return int(connection.execute(query).scalar_one())


def _head(value: sa.Column[Any]) -> Any:
    return sa.func.substr(value, 1, _HEAD_BYTES, type_=sa.LargeBinary)
