"""The pages on security: the tests they cite, the pages they link and the numbers they print."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from watchword.crypto import tokens
from watchword.domain.throttle import POLICIES, Kind, Policy

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs" / "security").glob("*.md")), ROOT / "SECURITY.md",
          ROOT / "docs" / "how-to" / "rotate-keys.md"]  # fmt: skip
CITED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)")


def _by_name(page: Path) -> str:
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=_by_name)
def test_every_cited_test_exists(page: Path) -> None:
    missing = [
        f"{file}::{name}"
        for file, name in CITED.findall(page.read_text())
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text()
    ]
    assert missing == []
    files = re.findall(r"`((?:tests|src|docs)/[\w/]+\.(?:py|md))`", page.read_text())
    assert [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_by_name)
def test_every_linked_page_exists(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "//" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_security_md_links_every_security_page() -> None:
    linked = LINK.findall((ROOT / "SECURITY.md").read_text())
    linked_pages = {f"docs/security/{p.name}" for p in (ROOT / "docs" / "security").glob("*.md")}
    assert linked_pages <= set(linked)


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
def test_table_of_throttles_matches_the_code(kind: Kind) -> None:
    page = (ROOT / "docs" / "security" / "throttling.md").read_text()
    (line,) = [row for row in page.splitlines() if row.startswith(f"| {kind.value}:")]
    assert [cell.strip() for cell in line.strip("|").split("|")][1:] == _row(POLICIES[kind])


@pytest.mark.parametrize("page", ["reference/api.md", "security/incident.md"])
def test_secret_scanner_pattern_matches_api_passwords(page: str) -> None:
    (pattern,) = re.findall(r"`(wwp_\[[^`]*)`", (ROOT / "docs" / page).read_text())
    password = tokens.new_api_password().reveal()
    assert re.findall(pattern, f'{{"token": "{password}", "other": "wwp_abc"}}') == [password]


def test_citation_and_link_patterns_match() -> None:
    assert CITED.findall("`tests/a/test_b.py::test_c`") == [("tests/a/test_b.py", "test_c")]
    assert LINK.findall("[a](b.md#c) [d](https://e)") == ["b.md"]
