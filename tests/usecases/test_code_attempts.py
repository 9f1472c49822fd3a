"""Limits of code attempts for each browser and each month, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import BY_CLI, CLI, CONSOLE, PASSWORD, Acts, hashed
from tests.support.failed_attempts import store_failures
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import Refusal, SessionEnded, Throttled
from watchword.domain.secret import Secret
from watchword.domain.sessions import PROOF_FAILURES
from watchword.domain.throttle import Kind
from watchword.storage import sessions as stored
from watchword.storage import throttles
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.login import reauthentication, second_factor
from watchword.usecases.login.password_login import Browser
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn

HOUR = timedelta(hours=1)


def known(acts: Acts) -> Browser:
    """Return a recognised browser, after a complete login."""
    acts.here.clock.next_step()
    done = acts.second_step(acts.attempt())
    return Browser(known=done.browser_token.reveal())


def try_code(acts: Acts, browser: Browser, code: str | None = None) -> LoggedIn:
    attempt = acts.attempt(browser=browser)
    return second_factor.code(acts.app, CONSOLE, attempt, code or acts.code(), browser)


def guess(acts: Acts, times: int, *, wait: timedelta = timedelta(0)) -> None:
    """Enter wrong codes with the correct password, from an unknown browser."""
    for _ in range(times):
        acts.here.clock.advance(wait)
        with pytest.raises(Refusal):
            acts.second_step(acts.attempt(), "000000")


def test_attacker_with_the_password_cannot_block_the_owners_browser(acts: Acts) -> None:
    acts.activate()
    browser = known(acts)
    guess(acts, 5)
    with pytest.raises(Throttled):
        acts.second_step(acts.attempt())
    acts.here.clock.next_step()
    assert isinstance(try_code(acts, browser), LoggedIn)


def test_recognised_browser_has_five_attempts_of_its_own(
    acts: Acts,
) -> None:
    acts.activate()
    browser = known(acts)
    for _ in range(5):
        with pytest.raises(Refusal):
            try_code(acts, browser, "000000")
    with pytest.raises(Throttled):
        try_code(acts, browser)


def test_attempts_of_a_recognised_browser_count_in_the_totals(acts: Acts) -> None:
    acts.activate()
    browser = known(acts)
    for _ in range(3):
        with pytest.raises(Refusal):
            try_code(acts, browser, "000000")
    with acts.app.database.reading() as connection:
        subject = str(acts.account.id)
        assert throttles.get(connection, Kind.CODE, subject).failures == 3
    acts.here.clock.next_step()
    try_code(acts, browser)
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, subject).failures == 0


@pytest.mark.parametrize("here", ["sqlite"], indirect=True)
def test_unlock_resets_the_sixty_codes_of_the_month(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    store_failures(acts, Kind.CODE_MONTH, 59)
    other_accounts.unlock(acts.app, BY_CLI, "alice")
    guess(acts, 1)
    assert not acts.account.must_change_password


def test_sixty_wrong_codes_in_a_month_require_another_password(acts: Acts) -> None:
    """The owner's daily logins do not reset the month's count: otherwise an attacker could start
    again each morning.
    """
    acts.activate()
    for _day in range(12):
        guess(acts, 4, wait=HOUR)
        acts.here.clock.next_step()
        acts.second_step(acts.attempt())
        assert not acts.account.must_change_password
    # 48 failures so far, minus what the budget regained in those two days.
    while not acts.account.must_change_password:
        guess(acts, 1, wait=HOUR)
    warnings = audit_log.page(acts.app, CLI, AuditFilter(event=E.MFA_MANY_FAILURES.value), 5)
    failures = audit_log.page(acts.app, CLI, AuditFilter(event=E.MFA_FAIL.value), 500)
    assert len(warnings) == 1
    assert 60 < len(failures) <= 70


def test_owner_can_log_in_after_sixty_wrong_codes_and_must_change_the_password(acts: Acts) -> None:
    acts.activate()
    browser = known(acts)
    store_failures(acts, Kind.CODE_MONTH, 58)
    guess(acts, 1)
    acts.here.clock.next_step()
    acts.second_step(acts.attempt())
    assert acts.times(E.MFA_MANY_FAILURES) == 0
    guess(acts, 1)
    assert acts.times(E.MFA_MANY_FAILURES) == 1
    acts.here.clock.next_step()
    done = try_code(acts, browser)
    principal = sessions.find(acts.app, done.session_token.reveal())
    assert principal.account.must_change_password


@pytest.mark.parametrize("ended", ["another password meanwhile", "the five tries are used up"])
def test_code_that_was_not_checked_does_not_count(acts: Acts, ended: str) -> None:
    """At "Confirm it is you", where the session ends before the code is checked."""
    principal = acts.activate()
    acts.here.clock.next_step()
    answer = reauthentication.Answer(Secret(PASSWORD), acts.code())
    if ended == "the five tries are used up":
        with acts.app.database.writing() as connection:
            for _ in range(PROOF_FAILURES):
                stored.count_proof_failure(connection, principal.session.id)
    giving = reauthentication.give(acts.app, CONSOLE, principal, answer)
    if ended == "another password meanwhile":
        work = next(giving)
        run(
            other_accounts.set_password(
                acts.app, BY_CLI, acts.username, Secret("otters with pencils")
            )
        )
        with pytest.raises(SessionEnded):
            giving.send(hashed(work))
    else:
        with pytest.raises(SessionEnded):
            next(giving)
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, str(acts.account.id)).failures == 0
