"""Logging in: what is let in, what is not, and what is counted."""

from __future__ import annotations

import pytest

from tests.support.acts import Acts
from watchword.domain.errors import CodeWrong, LoginFailed
from watchword.domain.login import Step
from watchword.domain.mfa import Event, Status
from watchword.usecases.sessions import LoggedIn


def test_without_mfa_username_and_password_open_a_session(acts: Acts) -> None:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    assert acts.principal(result).account.username == "alice"


def test_a_wrong_password_is_refused(acts: Acts) -> None:
    with pytest.raises(LoginFailed):
        acts.password("otter pencil gravel monsoom")


def test_while_pending_the_secret_is_shown_and_its_code_activates(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    assert attempt.step is Step.SHOW_SECRET
    acts.phone = acts.secret_shown(attempt)
    done = acts.second_step(attempt)
    assert acts.status is Status.ACTIVE
    assert len(done.recovery_codes) == 8


def test_a_code_works_once_also_across_logins(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    code = acts.code()
    acts.second_step(acts.attempt(), code)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), code)
