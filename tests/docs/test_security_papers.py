"""What the papers on security claim is there: the tests they cite, the pages they link to, the
numbers they print.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from watchword.crypto import tokens
from watchword.domain.throttle import POLICIES, Kind, Policy

ROOT = Path(__file__).parents[2]
PAPERS = [*sorted((ROOT / "docs" / "security").glob("*.md")), ROOT / "SECURITY.md",
          ROOT / "docs" / "how-to" / "rotate-keys.md"]  # fmt: skip
CITED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)")


def _by_name(paper: Path) -> str:
    return paper.name


@pytest.mark.parametrize("paper", PAPERS, ids=_by_name)
def test_every_test_that_is_cited_is_there(paper: Path) -> None:
    missing = [
        f"{file}::{name}"
        for file, name in CITED.findall(paper.read_text())
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text()
    ]
    assert missing == []
    files = re.findall(r"`((?:tests|src|docs)/[\w/]+\.(?:py|md))`", paper.read_text())
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=_by_name)
def test_every_page_that_is_linked_to_is_there(paper: Path) -> None:
    links = [link for link in LINK.findall(paper.read_text()) if "//" not in link]
    assert [link for link in links if not (paper.parent / link).exists()] == []


def test_security_md_leads_to_every_paper() -> None:
    linked = LINK.findall((ROOT / "SECURITY.md").read_text())
    papers = {f"docs/security/{p.name}" for p in (ROOT / "docs" / "security").glob("*.md")}
    assert papers <= set(linked)


def _seconds(wait: timedelta) -> str:
    return f"{wait.total_seconds():.0f} s" if wait else "-"


def _row(policy: Policy) -> list[str]:
    if policy.window is not None:
        budget = f"{policy.window_limit} in {_seconds(policy.window)}"
        return ["-", "-", "-", "-", budget]
    closed = str(policy.ceiling) if policy.ceiling else "-"
    waits = [_seconds(policy.first_wait), _seconds(policy.longest_wait)]
    return [str(policy.free), *waits, closed, "-"]


@pytest.mark.parametrize("kind", Kind)
def test_the_table_of_throttles_is_the_codes(kind: Kind) -> None:
    paper = (ROOT / "docs" / "security" / "throttling.md").read_text()
    (line,) = [row for row in paper.splitlines() if row.startswith(f"| {kind.value}:")]
    assert [cell.strip() for cell in line.strip("|").split("|")][1:] == _row(POLICIES[kind])


@pytest.mark.parametrize("page", ["reference/api.md", "security/incident.md"])
def test_the_pattern_for_secret_scanners_finds_an_api_password(page: str) -> None:
    (pattern,) = re.findall(r"`(wwp_\[[^`]*)`", (ROOT / "docs" / page).read_text())
    password = tokens.new_api_password().reveal()
    assert re.findall(pattern, f'{{"token": "{password}", "other": "wwp_abc"}}') == [password]


def test_a_citation_of_nothing_would_be_found() -> None:
    assert CITED.findall("`tests/a/test_b.py::test_c`") == [("tests/a/test_b.py", "test_c")]
    assert LINK.findall("[a](b.md#c) [d](https://e)") == ["b.md"]
