"""Links with an anchor lead to a heading of their page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES, ROOT

ALL = sorted({*PAGES, *ROOT.glob("*.md")})
ANCHORED = re.compile(r"\]\(([^)#:\s]*)#([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    words = (re.sub(r"[^\w\- ]", "", line) for line in re.findall(r"^#+ (.*)$", text, re.M))
    return {line.strip().lower().replace(" ", "-") for line in words}


def dead_links(page: Path) -> list[str]:
    found = ANCHORED.findall(page.read_text())
    return [f"{to}#{at}" for to, at in found if at not in anchors(page.parent / to if to else page)]


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_link_with_an_anchor_leads_to_a_heading(page: Path) -> None:
    assert dead_links(page) == []


def test_link_without_its_heading_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `b`, (c)\n\n[1](#a-b-c) [2](page.md#a-b) [3](https://example.org/#x)\n")
    assert dead_links(page) == ["page.md#a-b"]
