"""Rows to delete or to change in batches.

One statement over millions of rows would hold SQLite's only write lock for seconds, and logins
would fail meanwhile. So the keys are read in a snapshot, and each batch of them is a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

Key = tuple[Any, ...]
"""The values of a primary key."""


class Rows(Struct, frozen=True):
    """The rows of a table that meet a condition."""

    table: sa.Table
    condition: Any

    def among(self, keys: Sequence[Key]) -> Any:
        """Return the condition that a row has one of the keys and still meets the condition."""
        return sa.and_(sa.tuple_(*self.table.primary_key).in_(keys), self.condition)


def keys(connection: Connection, rows: Rows, most: int) -> list[Key]:
    """Return the keys of the rows, at most `most`, in no order: ordering by a text would read the
    table in the order of its index, which is slow.
    """
    query = sa.select(*rows.table.primary_key).where(rows.condition).limit(most)
    return [tuple(row) for row in connection.execute(query)]


def delete_unlocked(connection: Connection, rows: Rows, keys: Sequence[Key]) -> int:
    """Delete those rows with one of the keys that no other transaction has locked. Returns how many
    there were.

    It waits for no row, so it can lock rows in any order; a later call deletes the others.
    """
    key = sa.tuple_(*rows.table.primary_key)
    unlocked = sa.select(*rows.table.primary_key).where(rows.among(keys))
    query = rows.table.delete().where(key.in_(unlocked.with_for_update(skip_locked=True)))
    return connection.execute(query).rowcount
