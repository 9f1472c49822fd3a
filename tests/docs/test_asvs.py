"""docs/security/asvs.md: each requirement of levels 1 and 2 appears once, with its level."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.asvs_levels import LEVELS, numbers

PAGE = Path(__file__).parents[2] / "docs" / "security" / "asvs.md"
_BEFORE, _, _TABLE = PAGE.read_text().partition("| number |")
_NOT_HERE = _BEFORE.partition("Not applicable")[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _TABLE.splitlines()
    if re.match(r"\| \d", line)
]


def test_every_requirement_is_named_once() -> None:
    named = Counter(numbers(_NOT_HERE))
    for first, *_ in ROWS:
        named.update(numbers(first))
    assert set(LEVELS) - set(named) == set()
    assert [number for number, times in named.items() if times > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_row_has_level_status_and_evidence(row: list[str]) -> None:
    found, level, met, where = row
    levels = sorted({LEVELS.get(number, 3) for number in numbers(found)})
    assert level == "-".join(map(str, sorted({levels[0], levels[-1]})))
    assert met.strip("*") in {"yes", "part", "no"}
    assert where
    # The claim "yes" needs the test that shows it, or the page that documents it.
    if met == "yes" and levels[0] < 3:
        assert "`" in where or "](" in where or len(where) > len("see 4.1.2")


def test_requirement_numbers_are_parsed() -> None:
    assert list(numbers("1.2.5 to 1.2.7, 1.4.1-2 and 6.8.1")) == [
        "1.2.5", "1.2.6", "1.2.7", "1.4.1", "1.4.2", "6.8.1",
    ]  # fmt: skip
    assert (len(LEVELS), LEVELS["6.2.12"], LEVELS["6.2.8"]) == (210, 2, 1)
