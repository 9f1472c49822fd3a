"""Lists with words that no row can hold, and places that are of no list; on both databases."""

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
def test_no_event_holds_what_no_database_does(acts: Acts, text: str, field: str) -> None:
    """PostgreSQL takes no NUL, neither takes half a character: asking would be a crash."""
    changed: dict[str, Any] = {field: text}
    wanted = replace(AuditFilter(), **changed)
    with acts.app.database.reading() as connection:
        assert audit_page(connection, wanted, 9) == []
        assert audit_page(connection, AuditFilter(), 9) != []


@pytest.mark.parametrize("text", UNSTORABLE)
def test_nobody_is_found_by_what_no_database_holds(acts: Acts, text: str) -> None:
    with acts.app.database.reading() as connection:
        found = administrators_page(
            connection, [Asked(text)], Sort.USERNAME, descending=False, after="", limit=9
        )
    assert found == []


@pytest.mark.parametrize("after", ["1.alice", "1.", "1.-5", "1.٣", "1." + "9" * 19, "1.\0", "x"])
def test_a_place_that_is_none_of_the_order_starts_at_the_beginning(acts: Acts, after: str) -> None:
    with acts.app.database.reading() as connection:
        found = administrators_page(
            connection, [], Sort.LAST_LOGIN, descending=False, after=after, limit=9
        )
    assert [each.account.username for each in found] == ["alice"]
