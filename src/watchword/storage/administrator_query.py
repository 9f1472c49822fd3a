"""Pages of the table of administrators, searched and sorted.

The paging is by key: the next page starts after the last row of this one, so page 100 costs as
much as page 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.domain.roles import Role
from watchword.domain.search import Asked
from watchword.storage import account_groups, name_search
from watchword.storage.administrator_filters import (
    Counts,
    Only,
    condition,
    counts,
    is_of,
    unindexed,
)
from watchword.storage.administrators import (
    NEVER,
    administrator_of,
    domain_columns,
    is_storable,
)
from watchword.storage.schema import administrators, api_passwords


class Sort(StrEnum):
    """The columns that the table can be sorted by."""

    USERNAME = "username"
    FULL_NAME = "full_name"
    EMAIL = "email"
    LAST_LOGIN = "last_login"


_COLUMNS: Final = {
    Sort.USERNAME: administrators.c.username_key,
    Sort.FULL_NAME: administrators.c.full_name_key,
    Sort.EMAIL: administrators.c.email_key,
    Sort.LAST_LOGIN: administrators.c.last_login_at,
}
WALKED: Final = 2000
"""Accounts that a search with broad terms reads in the order of the table. If too few of them
match, the terms are looked up in the index of the words, which takes time for broad ones.
"""
_MOST_DIGITS: Final = 18
_MICROSECOND: Final = timedelta(microseconds=1)
_PLACE: Final = re.compile(r"(\d{1,18})\.(.*)", re.ASCII | re.DOTALL)


class Listed(Struct, frozen=True):
    """One row of the table. `place` is its position in the order, for the page that follows.

    `api_created_at` is None without an API password. `groups` are read for members only.
    """

    account: Administrator
    place: str
    api_created_at: datetime | None
    api_last_used_at: datetime | None
    groups: tuple[str, ...] = ()

    @property
    def has_api_password(self) -> bool:
        """Whether the account has an API password."""
        return self.api_created_at is not None


def administrators_page(
    connection: Connection,
    words: Sequence[Asked],
    sort: Sort,
    *,
    descending: bool,
    after: str = "",
    before: str = "",
    only: Only | None = None,
    is_rare: bool = False,
    role: Role = Role.ADMINISTRATOR,
    limit: int,
) -> list[Listed]:
    """Return accounts of a role. Each of `words`, or its parts, must be the beginning of one of their
    words.

    `after` and `before` are a `place`; the rows before one are the nearest to it. A text that is
    no place of this order starts at the first row. `is_rare` says that a search or the filter
    `only` finds few accounts.
    """
    if not all(is_storable(word.whole) for word in words):
        return []  # no stored name contains it
    key, id_ = _COLUMNS[sort], administrators.c.id
    query = _rows(key)
    is_rare = is_rare and only is not None and not words
    # Otherwise SQLite reads the accounts in this order instead of the few that the filter finds.
    key = unindexed(connection, key) if is_rare else key
    turned = _behind(key, sort, before, descending=not descending)
    behind = turned if turned is not None else _behind(key, sort, after, descending=descending)
    if behind is not None:
        query = query.where(behind)
    if only is not None:
        query = query.where(_filtered(connection, only, sort, is_rare=is_rare))
    falls = descending if turned is None else not descending
    query = query.order_by(*((key.desc(), id_.desc()) if falls else (key, id_))).limit(limit)
    broad = [word for word in words if name_search.is_broad(connection, word)]
    rows = None
    if broad and len(broad) == len(words):
        edge = _edge(connection, role, sort, behind, falls=falls)
        rows = _walked(connection, query.where(is_of(connection, role)), broad, edge, limit)
    if rows is None:
        by_role = not words and not (is_rare and only is Only.NO_API_PASSWORD)
        query = query.where(is_of(connection, role, is_indexed=by_role))
        rows = _looked_up(connection, query, words, broad)
    return _listed(connection, role, rows if turned is None else [*reversed(rows)])


def _listed(connection: Connection, role: Role, rows: Sequence[Any]) -> list[Listed]:
    ids = [r.id for r in rows] if role is Role.MEMBER else []
    groups = account_groups.of_accounts(connection, ids) if ids else {}
    return [
        Listed(
            administrator_of(r), _place_of(r), r.api_created_at, r.api_last_used_at,
            groups.get(r.id, ()),
        )
        for r in rows
    ]  # fmt: skip


def _rows(key: Any) -> sa.Select[Any]:
    return sa.select(
        *domain_columns,
        key.label("place_key"),
        api_passwords.c.created_at.label("api_created_at"),
        api_passwords.c.last_used_at.label("api_last_used_at"),
    ).select_from(administrators.join(api_passwords))


def _looked_up(
    connection: Connection, query: sa.Select[Any], words: Sequence[Asked], broad: Sequence[Asked]
) -> Sequence[sa.Row[Any]]:
    """Return the rows that contain the words, found by the words that few accounts have."""
    narrow = [word for word in words if word not in broad]
    return connection.execute(query.where(*name_search.conditions(narrow, broad))).all()


def counts_of(connection: Connection, words: Sequence[Asked], role: Role) -> Counts:
    """Return how many accounts of a role a search finds, in all and by each filter."""
    if not all(is_storable(word.whole) for word in words):
        return Counts(0, dict.fromkeys(Only, 0))
    return counts(connection, role, name_search.conditions(words))


def _walked(
    connection: Connection, query: sa.Select[Any], words: Sequence[Asked], edge: Any, limit: int
) -> Sequence[Any] | None:
    """Return a page of a search with broad terms only, from the accounts before the edge; None when
    too few of these accounts match.
    """
    own = query.where(*map(name_search.own, words))
    rows = connection.execute(own if edge is None else own.where(edge)).all()
    return rows if edge is None or len(rows) == limit else None


def _edge(connection: Connection, role: Role, sort: Sort, behind: Any, *, falls: bool) -> Any:
    """Return the condition that a row is among the first WALKED ones; None when all are."""
    key, id_ = _COLUMNS[sort], administrators.c.id
    query = sa.select(key, id_).where(administrators.c.role == role.value)
    query = query.order_by(*((key.desc(), id_.desc()) if falls else (key, id_)))
    if behind is not None:
        query = query.where(behind)
    last = connection.execute(query.offset(WALKED).limit(1)).first()
    return None if last is None else _beyond(key, *last, falls=not falls)


def _filtered(connection: Connection, only: Only, sort: Sort, *, is_rare: bool) -> Any:
    # These filters have an index that begins with them and continues in this order.
    by_index = {
        Only.NEVER_LOGGED_IN: Sort.LAST_LOGIN,
        Only.MFA_OFF: Sort.USERNAME,
        Only.PENDING: Sort.USERNAME,
        Only.ACTIVE: Sort.USERNAME,
    }
    return condition(connection, only, is_indexed=is_rare or by_index.get(only) is sort)


def is_place(text: str) -> bool:
    """Return whether the text is the `place` of a row, in the order of the usernames."""
    return is_storable(text) and _PLACE.fullmatch(text) is not None


def _behind(column: Any, sort: Sort, after: str, *, descending: bool) -> Any:
    """Return the condition that a row follows a place; None when it is no place of this order."""
    found = _PLACE.fullmatch(after) if is_storable(after) else None
    if found is None:
        return None
    number, text = int(found[1]), found[2]
    if sort is Sort.LAST_LOGIN:
        if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            return None
        seen: Any = NEVER + int(text) * _MICROSECOND
    else:
        seen = text
    return _beyond(column, seen, number, falls=descending)


def _beyond(column: Any, key: Any, number: int, *, falls: bool) -> Any:
    """Return the condition that a row follows the row with these values."""
    id_ = administrators.c.id
    here = sa.tuple_(column, id_)
    there = sa.tuple_(sa.literal(key, column.type), sa.literal(number, id_.type))
    return here < there if falls else here > there


def _place_of(row: Any) -> str:
    key = row.place_key
    return f"{row.id}.{key if isinstance(key, str) else (key - NEVER) // _MICROSECOND}"
