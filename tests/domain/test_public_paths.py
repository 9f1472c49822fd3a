"""Public paths: what a rule matches, and the paths that no rule matches (statements 18 to 21)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.domain.public_paths import is_ambiguous, matching, rule_problem


@pytest.mark.parametrize(
    ("rule", "path", "is_matched"),
    [
        ("/public", "/public", True),
        ("/public", "/public/", False),
        ("/public", "/public/x", False),
        ("/public", "/publicity", False),
        ("/public/*", "/public", True),
        ("/public/*", "/public/", True),
        ("/public/*", "/public/x/y.css", True),
        ("/public/*", "/publicity", False),
        ("/public/*", "/publi", False),
        ("/public/*", "/Public/x", False),
        ("/public/*", "/x/public/x", False),
        ("/", "/", True),
        ("/", "/x", False),
        ("/%C3%B6", "/%C3%B6", True),
        ("/%C3%B6", "/%c3%b6", False),
    ],
)
def test_rule_matches_the_exact_path_or_below_a_segment(
    rule: str, path: str, is_matched: bool
) -> None:
    assert rule_problem(rule) is None
    assert matching(["/other", rule], path) == (rule if is_matched else None)


SPELLINGS = [
    "/public/../admin", "/public/..", "/public/./admin", "/public/.", "/public/%2e%2e/admin",
    "/public/%2E%2E/admin", "/public/.%2e/admin", "/public/..%2fadmin", "/public/..%2Fadmin",
    "/public/%252e%252e/admin", "/public//admin", "//public/x", "/public/x;/../admin", "/public/;x",
    "/public\\..\\admin", "/public/%5c..%5cadmin", "/public/%5Cx", "/public/x%00", "/public/x#y",
    "/public/%23", "/public/%3b", "/public/%3Fx", "/public/%", "/public/%2", "/public/%zz",
    "/public/\xe4", "/public/ä", "/public/x y", "/public/\x7f", "public/x", "", "*",
    "https://wiki.example/public/x",
]  # fmt: skip
"""Spellings that a proxy or a tool may read as another path."""
OTHER = ["/PUBLIC/x", "/p%75blic/x", "/%70ublic/x"]


@pytest.mark.parametrize("path", SPELLINGS)
def test_ambiguous_path_matches_no_rule(path: str) -> None:
    assert is_ambiguous(path)
    assert matching([path, "/public/*", "/*"], path) is None


@pytest.mark.parametrize("path", OTHER)
def test_path_in_another_spelling_matches_no_rule(path: str) -> None:
    assert not is_ambiguous(path)
    assert matching(["/public/*"], path) is None


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("/*", "everything-public"),
        ("public", "not-a-path"),
        ("", "not-a-path"),
        ("*", "not-a-path"),
        ("/a?b", "query-in-path"),
        ("/a*", "star-inside"),
        ("/*/a", "star-inside"),
        ("/a/*/*", "star-inside"),
        ("/a/../b", "ambiguous-path"),
        ("/a//*", "ambiguous-path"),
        ("//*", "ambiguous-path"),
        ("/a%2fb", "ambiguous-path"),
        ("/ö", "ambiguous-path"),
        ("/a b", "ambiguous-path"),
        ("/" + "a" * 1024, "path-too-long"),
    ],
)
def test_rule_that_is_not_valid_names_the_condition(rule: str, problem: str) -> None:
    assert rule_problem(rule) == problem


@given(st.text(st.sampled_from("/.%25eEfF;\\#ab"), max_size=12))
def test_matched_path_has_no_second_reading(tail: str) -> None:
    path = "/public/" + tail
    if matching(["/public/*"], path):
        assert not {"", ".", ".."} & set(tail.rstrip("/").split("/")[:-1])
        assert not any(c in tail for c in ";\\#")
        assert "%2" not in tail or tail.lower().count("%2") == sum(
            tail.lower().count(f"%2{c}") for c in "ab"
        )
