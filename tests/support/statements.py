"""The statements that the database is sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from watchword.usecases.context import Watchword


@contextmanager
def noted(app: Watchword) -> Iterator[list[str]]:
    """Note every statement for as long as the block lasts."""
    made: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        made.append(statement)

    sa.event.listen(app.database.engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        sa.event.remove(app.database.engine, "before_cursor_execute", note)
