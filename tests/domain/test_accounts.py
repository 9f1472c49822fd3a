"""Examples for the rules of names and passwords."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain import api_password
from watchword.domain.accounts import (
    email_problems,
    full_name_problems,
    password_problems,
    prepared,
    username_key,
    username_problems,
)

API = api_password.assemble("0" * 32)


def rules(problems: list[object]) -> list[str]:
    return [getattr(p, "rule") for p in problems]  # noqa: B009


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("alice", None),
        ("do:main", None),
        (":", None),
        ("jürgen", None),
        ("管理者", None),
        ("ops 🦊", None),
        ("a" * 64, None),
        ("", "required"),
        ("   ", "required"),
        ("a" * 65, "too-long"),
        ("al\0ice", "unseen"),
        ("al\tice", "unseen"),
        ("alice\u200b", "unseen"),
        ("\u202eecila", "unseen"),
        ("alice\ufe0f", "unseen"),
        ("\ud800", "unseen"),
        ("\u0378", "unassigned"),
        (" alice", "space-at-end"),
        ("alice ", "space-at-end"),
        ("-rf", "leading-hyphen"),
        (".", "dots"),
        ("..", "dots"),
        ("pаypal", "mixed-scripts"),
        ("αlice", "mixed-scripts"),
    ],
)
def test_username_breaks_at_most_the_expected_rule(name: str, rule: str | None) -> None:
    assert rules([*username_problems(name)]) == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alice", "alice"), ("ＡＬＩＣＥ", "alice"), ("STRASSE", "straße"), ("ﬁx", "fix")],
)
def test_names_with_the_same_look_have_the_same_key(one: str, other: str) -> None:
    assert username_key(one) == username_key(other)


@given(st.text(max_size=64))
def test_accepted_name_has_a_stable_key(name: str) -> None:
    if not username_problems(name):
        assert username_key(username_key(name)) == username_key(name)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("otter pencil gravel", None),
        ("пароль из многих слов", None),
        ("", "required"),
        ("fourteen chars", "too-short"),
        ("x" * 1025, "too-long"),
        ("ab" * 10, "few-characters"),
        ("otter pencil\0gravel", "unseen"),
        ("watchword-ops-alice"[::-1], "context-word"),
        ("WATCHWORD-ops-alice", "context-word"),
        (API, "like-an-api-password"),
        ("anything:" + API, "like-an-api-password"),
    ],
)
def test_password_breaks_at_most_the_expected_rule(password: str, rule: str | None) -> None:
    found = password_problems(password, shortest=15, context=["watchword-ops-alice", ""])
    assert rules([*found]) == ([rule] if rule else [])


def test_password_length_counts_characters() -> None:
    assert not password_problems("密" * 5 + "码" * 5 + "安全强大吗", shortest=15, context=[])


def test_composition_is_the_only_change_before_hashing() -> None:
    assert prepared("é") == prepared("é")
    assert prepared(" A b ") == b" A b "


@pytest.mark.parametrize(
    ("email", "is_good"),
    [
        ("", True),
        ("a@example.org", True),
        ("a", False),
        ("@example.org", False),
        ("a@", False),
        ("a@b@c", False),
        ("a b@example.org", False),
        ("a@example.org\r\nBcc: x@y", False),
        ("a@" + "b" * 300, False),
    ],
)
def test_email_address_is_empty_or_has_the_form_of_one(email: str, is_good: bool) -> None:
    assert (not email_problems(email)) == is_good


@pytest.mark.parametrize(
    ("full_name", "is_good"),
    [("", True), ("Zoë Ångström", True), ("x" * 201, False), ("a\nb", False), ("a\0", False)],
)
def test_full_name_is_printable(full_name: str, is_good: bool) -> None:
    assert (not full_name_problems(full_name)) == is_good


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("ｐаｙｐаｌ", "mixed-scripts"),
        ("𝐩а", "mixed-scripts"),
        ("－rf", "leading-hyphen"),
        ("．", "dots"),
        ("‥", "dots"),
        ("a：b", "unseen-colon"),
        ("ﷺ" * 8, "too-long"),
    ],
)
def test_username_rules_apply_to_the_normalised_name(name: str, rule: str) -> None:
    assert rules([*username_problems(name)]) == [rule]


def test_password_length_counts_composed_characters() -> None:
    decomposed = "e\u0301o\u0308a\u030a" * 3
    assert rules([*password_problems(decomposed, shortest=15, context=[])]) == ["too-short"]
