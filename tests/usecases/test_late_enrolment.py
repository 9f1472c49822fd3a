"""Enrolment with malformed codes, or after its end, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.support.acts import CLI, CONSOLE, Acts
from watchword.domain.errors import AttemptEnded, CodeMalformed
from watchword.domain.mfa import Event, Status
from watchword.storage.schema import enrolments
from watchword.usecases.mfa import enrolment
from watchword.usecases.operations import key_rotation


def test_malformed_code_neither_confirms_nor_ends_an_enrolment(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    for typed in ("", "12345", "1234567", "abcdef"):
        with pytest.raises(CodeMalformed):
            acts.second_step(attempt, typed or " ")
    acts.second_step(attempt)
    assert acts.status is Status.ACTIVE


@pytest.mark.parametrize("status", [Status.DISABLED, Status.ACTIVE])
def test_finish_now_without_pending_mfa_is_refused(acts: Acts, status: Status) -> None:
    """The page was open in one tab, and enrolment went on in another one."""
    principal = acts.login() if status is Status.DISABLED else acts.activate()
    with pytest.raises(AttemptEnded):
        enrolment.finish_now(acts.app, CONSOLE, principal)
    with acts.app.database.reading() as connection:
        assert connection.execute(sa.select(enrolments.c.id)).all() == []


def test_unconfirmed_secret_that_cannot_be_decrypted_has_no_owner(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    acts.attempt()
    with acts.app.database.writing() as connection:
        connection.execute(enrolments.update().values(secret=bytes(60)))
    result = key_rotation.rotate(acts.app, CLI, lambda _done, _total: None)
    assert {row.table for row in result.broken} == {"enrolments"}
    assert {key_rotation.name_of(acts.app, row) for row in result.broken} == {""}
