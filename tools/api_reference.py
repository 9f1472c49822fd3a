"""Writes the table of problem codes into docs/reference/api.md.

    .venv/bin/python tools/api_reference.py

tests/web/test_openapi.py fails while the table is out of date.
"""

from __future__ import annotations

from pathlib import Path

from watchword.web.http.problem_kinds import KINDS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "api.md"
BEGIN, END = "<!-- problem codes: begin -->\n", "<!-- problem codes: end -->\n"


def table() -> str:
    """Return the table, as Markdown."""
    rows = [f"| {f.status} | `{f.code}` | {f.title} |" for f in KINDS.values()]
    return "\n".join(["| status | code | |", "|---|---|---|", *rows]) + "\n"


def with_table(page: str) -> str:
    """Return the page with the current table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
