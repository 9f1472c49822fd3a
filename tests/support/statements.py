"""Recorded SQL: the statements and transactions that an installation sends to its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from watchword.usecases.context import Watchword


@contextmanager
def noted(app: Watchword) -> Iterator[list[str]]:
    """Record every statement that is sent while the block runs."""
    made: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        made.append(statement)

    sa.event.listen(app.database.engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sa.event.remove(app.database.engine, "before_cursor_execute", note)


@dataclass
class Counted:
    """The statements and transactions of a block.

    `transactions` counts each BEGIN, which on PostgreSQL carries the settings of the transaction.
    `statements` contains every other call of a cursor; rows inserted together are one call. It
    leaves out COMMIT and ROLLBACK, which the driver sends without a cursor, and PRAGMA, which
    sets the waiting time of an SQLite connection and reads no table.
    """

    statements: list[str] = field(default_factory=list)
    transactions: int = 0


@contextmanager
def counted(app: Watchword) -> Iterator[Counted]:
    """Count statements and transactions of the installation while the block runs."""
    found = Counted()
    with noted(app) as sent:
        yield found
    found.transactions = sum(statement.startswith("BEGIN") for statement in sent)
    found.statements = [each for each in sent if not each.startswith(("BEGIN", "PRAGMA"))]
