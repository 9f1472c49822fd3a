"""The table of administrators, page by page: searched, sorted. Keyset paging: the next page
starts at the place where this one ended, so that page 100 costs what page 1 does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.domain.search import Asked
from watchword.storage.administrators import (
    NEVER,
    administrator_of,
    domain_columns,
    is_storable,
)
from watchword.storage.schema import administrators, api_passwords, search_words


class Sort(StrEnum):
    """What the table can be sorted by."""

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
_LAST_CHARACTER: Final = "\U0010ffff"
_MOST_DIGITS: Final = 18
_MICROSECOND: Final = timedelta(microseconds=1)
_PLACE: Final = re.compile(r"(\d{1,18})\.(.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Listed:
    """One row of the table; `place` is what the page behind it starts after.

    `api_created_at` is None where there is no API password.
    """

    account: Administrator
    place: str
    api_created_at: datetime | None
    api_last_used_at: datetime | None

    @property
    def has_api_password(self) -> bool:
        """Whether the account has one."""
        return self.api_created_at is not None


def administrators_page(
    connection: Connection,
    words: Sequence[Asked],
    sort: Sort,
    *,
    descending: bool,
    after: str,
    limit: int,
) -> list[Listed]:
    """Return administrators that have a word beginning like each of `words`, or like its parts.

    `after` is a `place`; one that is none of this order starts at the beginning.
    """
    if not all(is_storable(word.whole) for word in words):
        return []  # no name holds it
    key, id_ = _COLUMNS[sort], administrators.c.id
    query = sa.select(
        *domain_columns,
        key.label("place_key"),
        api_passwords.c.created_at.label("api_created_at"),
        api_passwords.c.last_used_at.label("api_last_used_at"),
    ).select_from(administrators.join(api_passwords))
    if (behind := _behind(sort, after, descending=descending)) is not None:
        query = query.where(behind)
    for word in words:
        query = query.where(id_.in_(_having(word)))
    order = (key.desc(), id_.desc()) if descending else (key, id_)
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [
        Listed(administrator_of(r), _place_of(r), r.api_created_at, r.api_last_used_at)
        for r in rows
    ]


def is_place(text: str) -> bool:
    """Return whether it is the `place` of a row, in the order of the usernames."""
    return is_storable(text) and _PLACE.fullmatch(text) is not None


def _behind(sort: Sort, after: str, *, descending: bool) -> Any:
    """Return the condition that a row lies behind a place; None when it is none of this order."""
    found = _PLACE.fullmatch(after) if is_storable(after) else None
    if found is None:
        return None
    number, text = int(found[1]), found[2]
    column = _COLUMNS[sort]
    if sort is Sort.LAST_LOGIN:
        if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            return None
        seen: Any = NEVER + int(text) * _MICROSECOND
    else:
        seen = text
    here = sa.tuple_(column, administrators.c.id)
    there = sa.tuple_(sa.literal(seen, column.type), sa.literal(number, administrators.c.id.type))
    return here < there if descending else here > there


def _having(word: Asked) -> Any:
    """Return the numbers of those that have it, as a query that walks the index of the words."""
    if not word.parts:
        return _beginning(word.whole)
    by_parts = _beginning(word.parts[0], *map(_beginning, word.parts[1:]))
    return sa.union(_beginning(word.whole), by_parts)


def _beginning(text: str, *others: Any) -> Any:
    words = search_words.alias()
    query = sa.select(words.c.administrator_id).where(
        words.c.word >= text, words.c.word < text + _LAST_CHARACTER
    )
    return query.where(*(words.c.administrator_id.in_(other) for other in others))


def _place_of(row: Any) -> str:
    key = row.place_key
    return f"{row.id}.{key if isinstance(key, str) else (key - NEVER) // _MICROSECOND}"
