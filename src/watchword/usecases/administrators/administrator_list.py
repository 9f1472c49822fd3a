"""One page of the table of administrators or of members, with the counts of its filters."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from watchword.domain.audit import Actor
from watchword.domain.roles import Role
from watchword.domain.search import asked
from watchword.storage.administrator_filters import Counts, Only
from watchword.storage.administrator_query import (
    Listed,
    Sort,
    administrators_page,
    counts_of,
)
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import reading


class Wanted(Struct, frozen=True):
    """Search, filter, order and position. `after` or `before` is the `place` of a row."""

    search: str = ""
    only: Only | None = None
    sort: Sort = Sort.USERNAME
    descending: bool = False
    after: str = ""
    before: str = ""
    role: Role = Role.ADMINISTRATOR


class ListPage(Struct, frozen=True):
    """The rows of a page, and whether there are rows before and after it."""

    rows: list[Listed]
    counts: Counts
    has_previous: bool
    has_next: bool


def read(app: Watchword, actor: Actor, wanted: Wanted, limit: int) -> ListPage:
    """Return a page of at most `limit` accounts. Raises SessionEnded."""
    with reading(app, actor) as connection:
        counted = counts_of(connection, asked(wanted.search), wanted.role)
        if wanted.before:
            rows = _rows(connection, wanted, counted, limit + 1)
            if len(rows) >= limit:
                return ListPage(rows[-limit:], counted, len(rows) > limit, has_next=True)
            # Fewer rows than a page: show the first page, which is full.
        start = wanted.after if not wanted.before else ""
        first = replace(wanted, after=start, before="")
        rows = _rows(connection, first, counted, limit + 1)
        return ListPage(rows[:limit], counted, bool(start), len(rows) > limit)


def _rows(connection: Connection, wanted: Wanted, counted: Counts, limit: int) -> list[Listed]:
    return administrators_page(
        connection,
        asked(wanted.search),
        wanted.sort,
        descending=wanted.descending,
        after=wanted.after,
        before=wanted.before,
        only=wanted.only,
        role=wanted.role,
        is_rare=counted.is_rare(wanted.only),
        limit=limit,
    )
