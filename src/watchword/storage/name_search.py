"""Conditions of the search for accounts by the beginnings of their words.

A narrow term is looked up in the index of the words. A broad one, such as a single letter, has up
to a million words there: it is looked up among the own words of each account that is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.search import Asked
from watchword.storage.schema import administrators, search_words

MOST_NARROW: Final = 1000
"""Words of a narrow term."""
_LAST_CHARACTER: Final = "\U0010ffff"


def is_broad(connection: Connection, word: Asked) -> bool:
    """Return whether many words begin with the term."""
    if _has_many(connection, word.whole):
        return True
    return bool(word.parts) and all(_has_many(connection, part) for part in word.parts)


def _has_many(connection: Connection, text: str) -> bool:
    query = sa.select(search_words.c.word).where(_begins(search_words, text))
    beyond = query.order_by(search_words.c.word).offset(MOST_NARROW).limit(1)
    return connection.execute(beyond).first() is not None


def conditions(words: Sequence[Asked], broad: Sequence[Asked] = ()) -> list[Any]:
    """Return the conditions that an account has all the words. Those of broad terms are looked up
    among the account's own words, unless there is no other term.
    """
    if not words:
        words, broad = broad, ()
    return [*map(indexed, words), *map(own, broad)]


def indexed(word: Asked) -> Any:
    """Return the condition that an account has the word, by the index of the words. Of the parts,
    the longest one is looked up there: it is probably the most selective.
    """
    found = _beginning(word.whole)
    if word.parts:
        longest = max(word.parts, key=len)
        others = [part for part in word.parts if part != longest]
        found = sa.union(found, _beginning(longest, *others))
    return administrators.c.id.in_(found)


def _beginning(text: str, *others: str) -> Any:
    words = search_words.alias()
    query = sa.select(words.c.administrator_id).where(_begins(words, text))
    return query.where(*(_has_own(words.c.administrator_id, other) for other in others))


def own(word: Asked) -> Any:
    """Return the condition that an account has the word, by the account's own words."""
    id_ = administrators.c.id
    whole, parts = _has_own(id_, word.whole), [_has_own(id_, part) for part in word.parts]
    return sa.or_(whole, sa.and_(*parts)) if parts else whole


def _has_own(administrator_id: Any, text: str) -> Any:
    words = search_words.alias()
    is_own = words.c.administrator_id == administrator_id
    first = sa.select(words.c.word).where(is_own, _begins(words, text)).limit(1)
    # For EXISTS, PostgreSQL may read all words that begin so, and join them.
    return first.scalar_subquery().is_not(None)


def _begins(words: Any, text: str) -> Any:
    return sa.and_(words.c.word >= text, words.c.word < text + _LAST_CHARACTER)
