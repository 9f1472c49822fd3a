"""Applications: the rules for entered values, and who may enter."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from watchword.domain.applications import Admission, Application, Level, checked, name_key
from watchword.domain.errors import Invalid, Problem
from watchword.web.http import field_messages

WIKI = Application("wiki", ("wiki.example",))


def problems_of(application: Application) -> list[Problem]:
    with pytest.raises(Invalid) as refused:
        checked(application)
    return list(refused.value.problems)


def test_new_application_admits_nobody_and_asks_for_mfa() -> None:
    assert not WIKI.who.permits(1, ["staff"])
    assert WIKI.level is Level.MFA
    assert not WIKI.accepts_api_password(of_administrator=False)


@pytest.mark.parametrize(
    ("who", "account", "groups", "is_permitted"),
    [
        (Admission(everyone=True), 1, [], True),
        (Admission(groups=frozenset({"staff"})), 1, ["x", "staff"], True),
        (Admission(groups=frozenset({"staff"})), 1, ["Staff"], False),
        (Admission(accounts=frozenset({1, 2})), 2, [], True),
        (Admission(accounts=frozenset({1})), 2, ["1"], False),
    ],
)
def test_who_may_enter(who: Admission, account: int, groups: list[str], is_permitted: bool) -> None:
    assert who.permits(account, groups) is is_permitted


@pytest.mark.parametrize(
    ("accepts", "of_administrators", "member", "administrator"),
    [
        (False, False, False, False),
        (True, False, True, False),
        (True, True, True, True),
        (False, True, False, False),
    ],
)
def test_api_passwords_of_administrators_are_accepted_by_a_setting_of_their_own(
    accepts: bool, of_administrators: bool, member: bool, administrator: bool
) -> None:
    wiki = replace(
        WIKI,
        accept_api_passwords=accepts,
        accept_administrators_api_passwords=of_administrators,
    )
    assert wiki.accepts_api_password(of_administrator=False) is member
    assert wiki.accepts_api_password(of_administrator=True) is administrator


def test_entered_values_get_one_spelling() -> None:
    entered = replace(
        WIKI,
        hosts=(" Wiki.Example.:443", "wiki.example", "Bücher.example"),
        public_paths=(" /favicon.ico ", "/favicon.ico", "/static/*"),
    )
    stored = checked(entered)
    assert stored.hosts == ("wiki.example", "xn--bcher-kva.example")
    assert stored.public_paths == ("/favicon.ico", "/static/*")
    assert checked(stored) == stored
    assert name_key("Wiki") == name_key("wiki")


BROKEN = [
    (replace(WIKI, name=""), "name", "required"),
    (replace(WIKI, name="x" * 65), "name", "too-long"),
    *((replace(WIKI, name=name), "name", "name-characters")
      for name in ("a b", "-a", ".", "..", "a/b", "ä", "a\n", "a%2f", "٣")),
    (replace(WIKI, hosts=()), "hosts", "required"),
    (replace(WIKI, hosts=tuple(f"h{n}.example" for n in range(51))), "hosts", "too-many"),
    (replace(WIKI, hosts=("a b",)), "hosts", "not-a-host"),
    (replace(WIKI, hosts=("",)), "hosts", "not-a-host"),
    (replace(WIKI, hosts=("https://wiki.example/",)), "hosts", "host-with-path"),
    (replace(WIKI, hosts=("*.example",)), "hosts", "host-with-star"),
    *((replace(WIKI, public_paths=(path,)), "public_paths", rule)
      for path, rule in (("/*", "everything-public"), ("a", "not-a-path"), ("/a?b", "query-in-path"),
                         ("/a*", "star-inside"), ("/a/../b", "ambiguous-path"),
                         ("/" + "a" * 1024, "path-too-long"))),
    (replace(WIKI, public_paths=("/a",) * 101), "public_paths", "too-many"),
    (replace(WIKI, max_login_age=59), "max_login_age", "seconds-out-of-range"),
    (replace(WIKI, idle_seconds=0), "idle_seconds", "seconds-out-of-range"),
    (replace(WIKI, absolute_seconds=10**9), "absolute_seconds", "seconds-out-of-range"),
    (replace(WIKI, idle_seconds=3600, absolute_seconds=600), "idle_seconds", "longer-than-session"),
]  # fmt: skip


@pytest.mark.parametrize(("entered", "field", "rule"), BROKEN)
def test_invalid_value_has_a_problem_with_a_sentence(
    entered: Application, field: str, rule: str
) -> None:
    (problem,) = problems_of(entered)
    assert (problem.field, problem.rule) == (field, rule)
    assert "%(" not in field_messages.sentence(problem)
    assert field_messages.sentence(problem).endswith(".")


def test_all_problems_are_reported_and_values_are_shown_without_controls() -> None:
    entered = replace(
        WIKI, name="", hosts=("a\x1b[31m", "b c", "*"), public_paths=("x",), idle_seconds=1
    )
    problems = problems_of(entered)
    assert [(p.field, p.rule) for p in problems] == [
        ("name", "required"),
        ("hosts", "not-a-host"),
        ("hosts", "host-with-star"),
        ("public_paths", "not-a-path"),
        ("idle_seconds", "seconds-out-of-range"),
    ]
    assert problems[1].facts == {"value": "a?[31m"}
