"""Lists for texts that no row can contain, and for invalid places, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.acts import Acts
from watchword.domain.search import Asked
from watchword.storage.administrator_query import Sort, administrators_page
from watchword.storage.audit_query import AuditFilter, audit_page

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
