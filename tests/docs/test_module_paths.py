"""Module paths in the documentation: each names an existing file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
_PATH = re.compile(r"`([a-z_]+(?:/[a-z_]+)+\.(?:py|js|css|html))`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_module_path_on_a_page_exists(page: Path) -> None:
    missing = [
        path
        for path in _PATH.findall(page.read_text())
        if not any((root / path).exists() for root in (ROOT, ROOT / "src" / "watchword"))
    ]
    assert missing == []
