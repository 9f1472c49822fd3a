"""Logging in: what is let in, what is not, and what dies with what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import BY_CLI, CLI, CONSOLE, PASSWORD, Acts, hashed
from watchword import bootstrap
from watchword.crypto.passwords import Parameters, run
from watchword.domain.audit import AuditEvent
from watchword.domain.errors import (
    AttemptEnded,
    CodeDrifted,
    CodeMalformed,
    CodeWrong,
    LoginFailed,
    RecoveryCodeMalformed,
    RecoveryCodeWrong,
    SessionEnded,
    StartedAgainElsewhere,
)
from watchword.domain.login import Step
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.totp import base32
from watchword.storage import administrators
from watchword.usecases.administrators import other_accounts
from watchword.usecases.login import password_login
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.operations import key_rotation, maintenance
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.sessions import LoggedIn


def test_without_mfa_username_and_password_open_a_session(acts: Acts) -> None:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    assert acts.principal(result).account.username == "alice"


@pytest.mark.parametrize("name", ["ALICE", "ａｌｉｃｅ"])
def test_a_name_is_compared_by_its_key(acts: Acts, name: str) -> None:
    assert isinstance(acts.password(username=name), LoggedIn)


@pytest.mark.parametrize("name", ["bob", "", "al\0ice", "\ud800", "x" * 10_000, PASSWORD])
def test_an_unknown_name_is_refused_like_a_wrong_password(acts: Acts, name: str) -> None:
    with pytest.raises(LoginFailed):
        acts.password(username=name)


def test_a_disabled_account_is_refused_like_a_wrong_password(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE administrators SET is_disabled = TRUE")
    with pytest.raises(LoginFailed):
        acts.password()


@pytest.mark.parametrize("typed", [PASSWORD, "quite another password"])
def test_a_disabled_accounts_password_is_hashed_once_right_or_wrong(acts: Acts, typed: str) -> None:
    """Its hash is of before a rotation of keys, and nobody can renew it."""
    key_rotation.rotate(acts.app, CLI, lambda *_told: None)
    acts.create("bob")
    other_accounts.disable(acts.app, BY_CLI, "alice")
    hashing = password_login.password(
        acts.app, CONSOLE, username="alice", typed=Secret(typed), browser=Browser()
    )
    work = next(hashing)
    with pytest.raises(LoginFailed):
        hashing.send(hashed(work))


def test_the_password_is_compared_composed(acts: Acts) -> None:
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", Secret("cafe\u0301 otter pencil"), must_change=False))  # fmt: skip
    assert isinstance(acts.password("café otter pencil"), LoggedIn)


def test_while_pending_the_secret_is_shown_and_its_code_activates(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    assert attempt.step is Step.SHOW_SECRET
    acts.phone = acts.secret_shown(attempt)
    done = acts.second_step(attempt)
    assert acts.status is Status.ACTIVE
    assert len(done.recovery_codes) == 8


def test_each_attempt_has_a_secret_of_its_own_and_a_reload_shows_the_same(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    first, second = acts.attempt(), acts.attempt()
    assert acts.secret_shown(first) == acts.secret_shown(first)
    assert acts.secret_shown(first) != acts.secret_shown(second)


def test_only_the_confirming_attempts_secret_becomes_active(acts: Acts) -> None:
    """Whoever opened the page before, with the password alone, has nothing."""
    acts.press(Event.ENABLE)
    intruder = acts.attempt()
    seen_by_intruder = acts.secret_shown(intruder)
    acts.login()
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, intruder.attempt.token_digest)
    acts.here.clock.next_step()
    attempt = acts.attempt()
    with pytest.raises(CodeWrong):
        acts.second_step(attempt, acts.code(seen_by_intruder))


def test_a_code_of_another_attempts_secret_does_not_confirm(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    first, second = acts.attempt(), acts.attempt()
    with pytest.raises(CodeWrong):
        acts.second_step(second, acts.code(acts.secret_shown(first)))
    assert acts.status is Status.PENDING


def test_a_code_works_once_also_across_logins(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    code = acts.code()
    acts.second_step(acts.attempt(), code)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), code)


def test_the_code_that_finalized_is_used_up(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    acts.second_step(attempt)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt())


def test_an_earlier_code_is_dead_once_a_later_one_was_used(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=2))
    earlier = acts.code(steps=-1)
    acts.second_step(acts.attempt())
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), earlier)


def test_a_clock_that_goes_back_revives_no_code_and_locks_nobody_out_for_good(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=10))
    code = acts.code()
    acts.second_step(acts.attempt(), code)
    acts.here.clock.advance(timedelta(seconds=-60))
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), code)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt())
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_that_is_one_step_off_is_accepted(acts: Acts, steps: int) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=5))
    acts.second_step(acts.attempt(), acts.code(steps=steps))


def test_at_enrolment_a_wrong_clock_is_told_and_not_accepted(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    with pytest.raises(CodeDrifted) as told:
        acts.second_step(attempt, acts.code(acts.secret_shown(attempt), steps=4))
    assert told.value.facts == {"seconds": 120}
    assert acts.status is Status.PENDING


def test_at_login_a_wrong_clock_is_not_told(acts: Acts) -> None:
    """It would tell an attacker that a guess was near."""
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=5))
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), acts.code(steps=4))


@pytest.mark.parametrize("typed", ["12345", "", "abcdef", "1" * 10_000])
def test_what_is_no_code_uses_up_no_try(acts: Acts, typed: str) -> None:
    acts.activate()
    attempt = acts.attempt()
    for _ in range(10):
        with pytest.raises(CodeMalformed):
            acts.second_step(attempt, typed) if typed else acts.second_step(attempt, " ")
    acts.here.clock.next_step()
    acts.second_step(login_attempts.find(acts.app, _token(acts)))


def _token(acts: Acts) -> str:
    started = acts.password()
    assert isinstance(started, AttemptStarted)
    return started.token.reveal()


def test_the_fifth_wrong_code_ends_the_attempt(acts: Acts) -> None:
    acts.activate()
    attempt = acts.attempt()
    for _ in range(4):
        with pytest.raises(CodeWrong):
            acts.second_step(attempt, "000000")
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt, "000000")
    acts.here.clock.advance(timedelta(minutes=2))
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt)


def test_the_fifth_wrong_code_of_an_enrolment_ends_it_and_its_secret(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    for _ in range(4):
        with pytest.raises(CodeWrong):
            acts.second_step(attempt, "000000")
    for code in ("000000", acts.code()):
        with pytest.raises(AttemptEnded):
            acts.second_step(attempt, code)
    assert acts.status is Status.PENDING


def test_an_attempt_dies_after_its_minutes(acts: Acts) -> None:
    acts.activate()
    token = _token(acts)
    acts.here.clock.advance(timedelta(minutes=5))
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)


def test_an_enrolment_page_has_ten_minutes(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    token = _token(acts)
    acts.here.clock.advance(timedelta(minutes=9, seconds=59))
    assert login_attempts.find(acts.app, token).step is Step.SHOW_SECRET
    acts.here.clock.advance(timedelta(seconds=1))
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)


def test_a_new_login_in_the_same_browser_ends_the_older_attempt(acts: Acts) -> None:
    acts.activate()
    first = _token(acts)
    second = acts.password(browser=Browser(attempt=first))
    assert isinstance(second, AttemptStarted)
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, first)
    found = login_attempts.find(acts.app, second.token.reveal())
    with pytest.raises(StartedAgainElsewhere):
        login_attempts.demand_same(found, "the older attempt's id")


def test_an_attempt_of_another_browser_goes_on(acts: Acts) -> None:
    """Otherwise whoever knows the password could keep the owner from ever finishing."""
    acts.press(Event.ENABLE)
    mine = acts.attempt()
    acts.phone = acts.secret_shown(mine)
    acts.attempt()
    acts.second_step(mine)
    assert acts.status is Status.ACTIVE


def test_cancel_ends_the_attempt(acts: Acts) -> None:
    acts.activate()
    token = _token(acts)
    login_attempts.cancel(acts.app, CONSOLE, token)
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)
    login_attempts.cancel(acts.app, CONSOLE, token)
    login_attempts.cancel(acts.app, CONSOLE, None)
    assert acts.times(AuditEvent.ATTEMPT_CANCELLED) == 1


@pytest.mark.parametrize("event", [Event.RESET, Event.DISABLE])
def test_a_half_finished_login_does_not_survive_a_change_of_mfa(acts: Acts, event: Event) -> None:
    principal = acts.activate()
    attempt = acts.attempt()
    acts.press(event, principal)
    acts.here.clock.next_step()
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt)


def test_a_half_finished_login_does_not_survive_a_change_of_password(acts: Acts) -> None:
    acts.activate()
    attempt = acts.attempt()
    new = Secret("another otter with pencils")
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", new, must_change=False))
    acts.here.clock.next_step()
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt)


def test_a_recovery_code_logs_in_once(acts: Acts) -> None:
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    acts.by_recovery_code(acts.attempt(), code.lower())
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), code)
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[1].reveal())


@pytest.mark.parametrize(
    ("ahead", "is_taken"), [(timedelta(hours=3), False), (timedelta(days=400), True)]
)
def test_a_recovery_code_used_while_the_clock_ran_far_ahead_burns_no_later_codes(
    acts: Acts, ahead: timedelta, is_taken: bool
) -> None:
    """Codes are wrong by such a clock, so that is when one is used. By less than a day it is not
    told from a clock that runs behind now: codes that were seen would be good again.
    """
    acts.activate()
    acts.here.clock.advance(ahead)
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    acts.here.clock.advance(-ahead)
    seen = [acts.code(steps=step) for step in (-1, 0, 1)]
    maintenance.sweep(acts.app)
    attempt = acts.attempt()
    for code in seen:
        with pytest.raises(CodeWrong):
            acts.second_step(attempt, code)
    for _ in range(2):
        acts.here.clock.next_step()
    if is_taken:
        assert isinstance(acts.second_step(attempt), LoggedIn)
        return
    with pytest.raises(CodeWrong):
        acts.second_step(attempt)


def test_a_recovery_code_burns_the_current_and_the_next_code(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=5))
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    for steps in (0, 1):
        with pytest.raises(CodeWrong):
            acts.second_step(acts.attempt(), acts.code(steps=steps))


def test_the_codes_a_recovery_code_burnt_are_not_those_of_a_new_phone(acts: Acts) -> None:
    acts.activate()
    result = acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    acts.press(Event.RESET, acts.principal(result))
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    acts.second_step(attempt)
    assert acts.status is Status.ACTIVE
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt())


def test_a_recovery_code_of_somebody_else_is_worth_nothing(acts: Acts) -> None:
    acts.activate()
    theirs = acts.recovery_codes[0].reveal()
    acts.create("bob")
    acts.username = "bob"
    acts.activate()
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), theirs)


def test_five_wrong_recovery_codes_end_the_attempt_but_not_the_way(acts: Acts) -> None:
    acts.activate()
    attempt = acts.attempt()
    with pytest.raises(RecoveryCodeMalformed):
        acts.by_recovery_code(attempt, "0000")
    for _ in range(4):
        with pytest.raises(RecoveryCodeWrong):
            acts.by_recovery_code(attempt, "0" * 24)
    with pytest.raises(AttemptEnded):
        acts.by_recovery_code(attempt, "0" * 24)
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())


def test_a_session_ends_when_it_is_idle_or_old(acts: Acts) -> None:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    acts.here.clock.advance(timedelta(minutes=15))
    with pytest.raises(SessionEnded):  # idle
        sessions.find(acts.app, result.session_token.reveal())
    result = acts.password()
    assert isinstance(result, LoggedIn)
    token = result.session_token
    for _ in range(39):
        acts.here.clock.advance(timedelta(minutes=12))
        token = sessions.find(acts.app, token.reveal()).new_token or token
    acts.here.clock.advance(timedelta(minutes=12))
    with pytest.raises(SessionEnded):
        sessions.find(acts.app, token.reveal())


def test_a_login_ends_the_browsers_older_session(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    acts.password(browser=Browser(session=first.session_token.reveal()))
    with pytest.raises(SessionEnded):
        acts.principal(first)


def test_an_outdated_hash_is_renewed_at_the_next_login(acts: Acts) -> None:
    dearer = bootstrap.open(
        acts.here.settings, clock=acts.here.clock, hashing=Parameters(memory=16, passes=1, lanes=1)
    )
    acts.here.app.close()
    acts.here.app = dearer
    acts.password()
    with acts.app.database.reading() as connection:
        stored = administrators.password_hash(connection, acts.account.id)
    assert stored is not None
    assert "m=16," in stored
    assert isinstance(acts.password(), LoggedIn)


def test_the_database_holds_no_secret_in_the_clear(acts: Acts) -> None:
    acts.activate()
    token = base32(acts.phone)
    with acts.app.database.reading() as connection:
        for table in ("authenticators", "enrolments", "recovery_codes", "administrators"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()
            text = repr(rows)
            assert token not in text
            assert repr(acts.phone)[2:-1] not in text
            assert all(code.reveal() not in text for code in acts.recovery_codes)
            assert PASSWORD not in text
