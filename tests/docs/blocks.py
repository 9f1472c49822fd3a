"""Fenced blocks of the Markdown pages. Their info strings say how tests use them:

sh                    a command block: a test runs it
sh needs=systemd      the block needs a machine that the tests do not have; it is not run
sh exit=2             the last command ends with that exit code
sh fresh              the test starts a new server before the block
sh server=stopped     the server is stopped while the block runs
sh on=postgresql      the block runs on PostgreSQL, not on SQLite
python file=NAME      a file that later blocks use
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^( *)```(.*?)\n(.*?)^\1```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """One block of a page."""

    page: Path
    line: int
    language: str
    marks: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_run(self) -> bool:
        return self.language == "sh" and "needs" not in self.marks

    @property
    def database(self) -> str:
        return self.marks.get("on", "sqlite")


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for found in _FENCED.finditer(text):
        language, *marks = found[2].split() or [""]
        pairs = (mark.partition("=") for mark in marks)
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, language, {k: v for k, _, v in pairs}, dedent(found[3]))


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
