"""Lists for unusual searches and for invalid places, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.support import many_rows
from tests.support.acts import CLI, Acts
from watchword.domain.search import Asked
from watchword.storage import administrator_query, name_search
from watchword.storage.administrator_query import Sort, administrators_page
from watchword.storage.audit_query import AuditFilter, audit_page
from watchword.usecases.administrators import other_accounts

UNSTORABLE = ["\0", "a\0", "\ud800"]


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize("field", ["account", "event", "interface"])
def test_audit_filter_with_unstorable_text_finds_no_event(
    acts: Acts, text: str, field: str
) -> None:
    """Both databases raise an error for half a surrogate pair, and PostgreSQL for NUL."""
    changed: dict[str, Any] = {field: text}
    wanted = replace(AuditFilter(), **changed)
    with acts.app.database.reading() as connection:
        assert audit_page(connection, wanted, 9) == []
        assert audit_page(connection, AuditFilter(), 9) != []


@pytest.mark.parametrize("text", UNSTORABLE)
def test_search_for_unstorable_text_finds_no_account(acts: Acts, text: str) -> None:
    with acts.app.database.reading() as connection:
        found = administrators_page(
            connection, [Asked(text)], Sort.USERNAME, descending=False, after="", limit=9
        )
    assert found == []


@pytest.mark.parametrize("after", ["1.alice", "1.", "1.-5", "1.٣", "1." + "9" * 19, "1.\0", "x"])
def test_invalid_place_starts_at_the_first_row(acts: Acts, after: str) -> None:
    with acts.app.database.reading() as connection:
        found = administrators_page(
            connection, [], Sort.LAST_LOGIN, descending=False, after=after, limit=9
        )
    assert [each.account.username for each in found] == ["alice"]


TERMS = ["n", "full na", "full'name", "n@", "name000007 f", "n f 2", "name000003@ops", "z", "n z"]


@pytest.mark.parametrize(("sort", "descending"), [(Sort.USERNAME, False), (Sort.EMAIL, True)])
def test_broad_terms_find_the_same_accounts_as_narrow_ones(
    acts: Acts, monkeypatch: pytest.MonkeyPatch, sort: Sort, descending: bool
) -> None:
    """Each limit changes where the terms are looked up; the accounts and their order stay."""
    many_rows.fill(acts.app, 20, 10, acts.account)

    def found(term: str) -> list[str]:
        names, place = [], ""
        while page := other_accounts.page(
            acts.app, CLI, search=term, sort=sort, descending=descending, after=place, limit=6
        ):
            names += [row.account.username for row in page]
            place = page[-1].place
        return names

    narrow = {term: found(term) for term in TERMS}
    assert [len(each) for each in narrow.values()] == [20, 20, 20, 20, 1, 3, 1, 0, 0]
    for most_narrow, walked in ((0, 1000), (0, 6), (3, 7)):
        monkeypatch.setattr(name_search, "MOST_NARROW", most_narrow)
        monkeypatch.setattr(administrator_query, "WALKED", walked)
        assert {term: found(term) for term in TERMS} == narrow
