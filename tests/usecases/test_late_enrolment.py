"""Enrolling when it is over, or with what is no code; both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.support.acts import CLI, CONSOLE, Acts
from watchword.domain.errors import AttemptEnded, CodeMalformed
from watchword.domain.mfa import Event, Status
from watchword.storage.schema import enrolments
from watchword.usecases.mfa import enrolment
from watchword.usecases.operations import key_rotation


def test_what_is_no_code_confirms_nothing_and_ends_nothing(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    for typed in ("", "12345", "1234567", "abcdef"):
        with pytest.raises(CodeMalformed):
            acts.second_step(attempt, typed or " ")
    acts.second_step(attempt)
    assert acts.status is Status.ACTIVE


@pytest.mark.parametrize("status", [Status.DISABLED, Status.ACTIVE])
def test_where_nothing_is_pending_there_is_nothing_to_finish(acts: Acts, status: Status) -> None:
    """The page stood open in one tab, and in another one the person went on."""
    principal = acts.login() if status is Status.DISABLED else acts.activate()
    with pytest.raises(AttemptEnded):
        enrolment.finish_now(acts.app, CONSOLE, principal)
    with acts.app.database.reading() as connection:
        assert connection.execute(sa.select(enrolments.c.id)).all() == []


def test_a_secret_that_nobody_has_confirmed_and_that_opens_no_more_is_nobodys(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    acts.attempt()
    with acts.app.database.writing() as connection:
        connection.execute(enrolments.update().values(secret=bytes(60)))
    result = key_rotation.rotate(acts.app, CLI, lambda _done, _total: None)
    assert {row.table for row in result.broken} == {"enrolments"}
    assert {key_rotation.name_of(acts.app, row) for row in result.broken} == {""}
