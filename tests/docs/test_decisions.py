"""The form of the pages in docs/decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "docs" / "decisions").glob("*.md"))


def _file_name(number: int, title: str) -> str:
    words = re.sub(r"['\"`]", "", title.lower())
    return f"{number:04}-{re.sub(r'[^a-z0-9]+', '-', words)}.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem[:4])
def test_decision_has_its_title_as_file_name_and_three_sections(page: Path) -> None:
    title, *sections = re.findall(r"^#+ .*", page.read_text(), re.M)
    found = re.fullmatch(r"# (\d+)\. (.+)", title)
    assert found is not None
    assert page.name == _file_name(int(found[1]), found[2])
    assert sections == ["## Context", "## Decision", "## Consequences"]


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in PAGES] == [*range(1, len(PAGES) + 1)]
