"""The search for accounts by beginnings of words."""

from __future__ import annotations

import pytest

from watchword.domain.search import MOST_ASKED, MOST_CHARACTERS, Asked, asked, words_of


def is_found(search: str, *texts: str) -> bool:
    """Match like the storage: each word by its own beginning, or by those of all its parts."""
    words = words_of(*texts)

    def has(beginning: str) -> bool:
        return any(word.startswith(beginning) for word in words)

    return all(
        has(each.whole) or (bool(each.parts) and all(map(has, each.parts)))
        for each in asked(search)
    )


@pytest.mark.parametrize(
    ("search", "username", "full_name", "email"),
    [
        ("ops:ali", "ops:alice", "", ""),
        ("team:nig", "ops:team:night", "", ""),
        ("O'Brien", "miles", "Miles O'Brien", ""),
        ("o'bri mil", "miles", "Miles O'Brien", ""),
        ("Jean-Luc", "jlp", "Jean-Luc Picard", ""),
        ("Müller-Lü", "m", "Anna Müller-Lüdenscheidt", ""),
        ("हिन्दी", "h", "हिन्दी नाम", ""),
        ("alice@exam", "a", "", "alice@example.org"),
        ("example.o", "a", "", "alice@example.org"),
        ("a.b", "x", "", "a.b@example.org"),
        ("🦊", "🦊fox", "", ""),
        ("=su", "=SUM(A1)", "", ""),
    ],
)
def test_name_is_found_as_written(search: str, username: str, full_name: str, email: str) -> None:
    assert is_found(search, username, full_name, email)


@pytest.mark.parametrize("search", ["ller", "'", "o'brian", "brien:x", "%", "_"])
def test_text_inside_a_word_finds_no_account(search: str) -> None:
    assert not is_found(search, "miles", "Miles O'Brien Müller", "miles@example.org")


def test_search_terms_are_limited() -> None:
    assert len(asked("a b c d e f g h")) == MOST_ASKED
    assert len(asked("a-b-c-d-e-f-g-h")[0].parts) == MOST_ASKED
    assert asked("x" * 999) == (Asked("x" * MOST_CHARACTERS),)
    assert asked(" \t ") == ()
