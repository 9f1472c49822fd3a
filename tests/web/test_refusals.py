"""Texts of refusals, problems and notices at each interface that can show them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.refusals import every, received_by
from watchword.cli.messages import TEXTS
from watchword.domain import accounts, errors
from watchword.domain.errors import OPERATOR, PERSON, SCRIPT, Problem, Refusal
from watchword.web.console.frame import flash, form_errors
from watchword.web.console.frame.flash import Notice
from watchword.web.http.problem_kinds import KINDS
from watchword.web.http.refusal_messages import ANSWERS, answer_for, duration


def test_refusal_has_rows_exactly_for_its_audiences() -> None:
    """The API has one 401 for every cause, so LoginFailed has no kind of its own."""
    assert [kind for kind in every() if not kind.audiences] == []
    assert set(ANSWERS) == received_by(PERSON | SCRIPT)
    kinds = {type(kind.refusal) for kind in KINDS.values() if kind.refusal}
    assert kinds | {errors.LoginFailed} == received_by(SCRIPT)
    assert set(TEXTS) == received_by(OPERATOR)


FACTS: dict[str, Any] = {"status": "active", "retry_after": 3, "seconds": 120, "username": "mia",
                         "application": "wiki", "host": "wiki.example", "most": 1000}  # fmt: skip


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda k: k.code)
def test_refusal_of_a_web_interface_has_a_status_a_title_and_a_sentence(
    kind: type[Refusal],
) -> None:
    refusal = errors.Invalid()
    if kind is not errors.Invalid:
        refusal = kind(**FACTS)  # type: ignore[assignment]
    row = answer_for(refusal)
    assert 400 <= row.status < 600
    assert row.title
    assert "%(" not in row.sentence


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in every()]
    assert len(codes) == len(set(codes))


BROKEN = [
    *accounts.username_problems("-x"),
    *(p for name in ("", "x" * 65, "\0", "\u0378", " x", ".", "pаy")
      for p in accounts.username_problems(name)),
    *accounts.email_problems("x"),
    *accounts.full_name_problems("x" * 201),
    *(p for word in ("", "short", "x" * 2000, "ab" * 9, "a\0" * 9, "alice" * 3)
      for p in accounts.password_problems(word, shortest=15, context=["alice" * 3])),
    Problem("password", "guessable"), Problem("repeat_password", "not-the-same"),
    Problem("current_password", "wrong"), Problem("password", "like-an-api-password"),
    Problem("username", "unstable"), Problem("since", "not-a-time"),
    Problem("event", "not-a-choice"), Problem("interface", "not-a-choice"),
    Problem("until", "before-since"),
]  # fmt: skip


@pytest.mark.parametrize("problem", BROKEN, ids=lambda p: f"{p.field}-{p.rule}")
def test_every_problem_has_a_sentence_with_its_field(problem: Problem) -> None:
    (found,) = form_errors.of(errors.Invalid(problem))
    assert found.field == problem.field
    assert "%(" not in found.message
    assert ":" in found.message


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_has_a_sentence(notice: Notice) -> None:
    reported = flash.message_of(flash.stored(notice))
    assert reported is not None
    assert reported.sentence.endswith(".")


WITHOUT_NAME = {
    Notice.MFA_ENABLED, Notice.MFA_DISABLED, Notice.SECRET_RESET, Notice.API_PASSWORD_REVOKED,
    Notice.PASSWORD_CHANGED, Notice.PASSWORD_CHANGED_API_TOO, Notice.SESSION_ENDED,
    Notice.OTHER_SESSIONS_ENDED, Notice.BROWSER_FORGOTTEN, Notice.OLD_API_PASSWORD_ENDED,
    Notice.TIME_ZONE_SAVED, Notice.TYPE_PASSWORD_AGAIN, Notice.LOGGED_OUT,
    Notice.FIRST_ADMINISTRATOR_CREATED,
}  # fmt: skip


@pytest.mark.parametrize("notice", Notice)
def test_notice_names_its_account(notice: Notice) -> None:
    """Names may contain colons and percent signs, which are kept."""
    reported = flash.message_of(flash.stored(notice, "a:b%(c)s"))
    assert reported == flash.Message(reported.sentence if reported else "", "a:b%(c)s")
    assert ("%(name)s" in reported.sentence) is (notice not in WITHOUT_NAME)


@pytest.mark.parametrize("kept", ["", "gone-notice", "gone-notice:alice", ":alice"])
def test_unknown_notice_has_no_text(kept: str) -> None:
    assert flash.message_of(kept) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [("x" * 40, "x" * 40), ("b" * 50 + "e" * 14, "b" * 29 + "…" + "e" * 10),
     ("b" * 53 + "e\u0301" + "f" * 9, "b" * 29 + "…" + "e\u0301" + "f" * 9)],
)  # fmt: skip
def test_long_name_is_shortened_in_the_middle(name: str, shown: str) -> None:
    assert flash.shortened(name) == shown


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "1 second"), (90, "90 seconds"), (120, "2 minutes"),
                          (3600, "60 minutes"), (7200, "2 hours")]
)  # fmt: skip
def test_duration_is_written_in_seconds_minutes_or_hours(seconds: int, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(121, "3 minutes"), (8999, "3 hours")])
def test_wait_is_rounded_up(seconds: int, said: str) -> None:
    assert duration(seconds, is_wait=True) == said
    assert said in answer_for(errors.Throttled(retry_after=seconds)).sentence
