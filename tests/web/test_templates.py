"""The templates, as text: every sentence through gettext, every form with its token, the
fields as password managers know them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "src/watchword/web/console/templates"
FILES = sorted(TEMPLATES.glob("*.html"))
MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.S)
SPOKEN = re.compile(r'\b(?:title|placeholder|aria-label|alt)="([^"]*)"')


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_sentence_goes_through_gettext(file: Path) -> None:
    rest = MARKUP.sub("", file.read_text())
    spoken = [text for text in SPOKEN.findall(rest) if re.search(r"[^\W\d_]", text)]
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>", " ", rest))
    assert spoken == []
    assert words == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_nothing_inline_that_the_content_security_policy_refuses(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"<[^>]*\sstyle=", text)
    assert not re.search(r"<[^>]*\son[a-z]+=", text)
    assert all("nonce=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "http://" not in text
    assert not re.search(r'(?:src|href)="https?:', text)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_form_that_is_posted_carries_its_token(file: Path) -> None:
    for form in re.findall(r"<form.*?</form>", file.read_text(), re.S):
        if 'method="get"' in form:
            continue  # it asks, and changes nothing
        assert 'method="post"' in form
        assert "parts.token()" in form or "{{ token() }}" in form


def test_the_fields_are_those_that_password_managers_know() -> None:
    def holds(name: str, *parts: str) -> None:
        text = (TEMPLATES / name).read_text()
        for part in parts:
            assert part in text, f"{name}: {part}"

    holds("login.html", '"username"', 'autocomplete="username"', 'autocomplete="current-password"')
    holds("_parts.html", '"totp_code"', 'autocomplete="one-time-code"', 'inputmode="numeric"')
    holds("recovery_login.html", '"recovery_code"', "account_field(username)")
    for name in ("change_password.html", "confirm.html", "code.html", "enrol.html"):
        holds(name, "account_field(username)")
    text = (TEMPLATES / "change_password.html").read_text()
    assert text.count('autocomplete="new-password"') == 2
    assert text.count('autocomplete="current-password"') == 1
    # Two fields for codes on one page get three digits each from some managers.
    assert "recovery_code" not in (TEMPLATES / "code.html").read_text()


def test_no_field_blocks_pasting_or_other_digits() -> None:
    for file in FILES:
        assert "pattern=" not in file.read_text()
        assert "onpaste" not in file.read_text()
