"""Groups of accounts: their names, and how they are read."""

from __future__ import annotations

import pytest

from watchword.domain.roles import MOST_GROUPS, groups_of, groups_problems, normal_groups


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", ()),
        ("staff", ("staff",)),
        ("wiki-editors, Staff ops.eu\nstaff", ("ops.eu", "staff", "wiki-editors")),
        (" , ,", ()),
    ],
)
def test_groups_are_separated_by_commas_and_spaces_and_stored_in_lower_case(
    text: str, groups: tuple[str, ...]
) -> None:
    assert groups_of(text) == groups


@pytest.mark.parametrize(
    ("groups", "rule"),
    [
        ([f"g{n}" for n in range(MOST_GROUPS)], None),
        ([f"g{n}" for n in range(MOST_GROUPS + 1)], "too-many-groups"),
        (["a" * 64], None),
        (["a" * 65], "long-group"),
        *((["staff", bad], "not-a-group") for bad in (
            "a,b", "a b", "a\r\nRemote-User: root", "é", "-a", ".a", "a:b", "a\0", "ſ",
        )),
    ],
)  # fmt: skip
def test_names_of_groups_are_short_and_have_no_character_with_a_meaning_in_a_header(
    groups: list[str], rule: str | None
) -> None:
    problems = groups_problems(normal_groups(groups))
    assert [problem.rule for problem in problems] == ([rule] if rule else [])
