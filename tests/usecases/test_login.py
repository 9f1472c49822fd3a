"""Login with password, code and recovery code; the end of attempts and sessions."""

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


def test_username_and_password_without_mfa_open_a_session(acts: Acts) -> None:
    result = acts.password()
    assert isinstance(result, LoggedIn)
    assert acts.principal(result).account.username == "alice"


@pytest.mark.parametrize("name", ["ALICE", "ａｌｉｃｅ"])
def test_username_is_compared_by_its_key(acts: Acts, name: str) -> None:
    assert isinstance(acts.password(username=name), LoggedIn)


@pytest.mark.parametrize("name", ["bob", "", "al\0ice", "\ud800", "x" * 10_000, PASSWORD])
def test_unknown_username_is_refused_like_a_wrong_password(acts: Acts, name: str) -> None:
    with pytest.raises(LoginFailed):
        acts.password(username=name)


def test_disabled_account_is_refused_like_a_wrong_password(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE administrators SET is_disabled = TRUE")
    with pytest.raises(LoginFailed):
        acts.password()


@pytest.mark.parametrize("typed", [PASSWORD, "quite another password"])
def test_password_of_a_disabled_account_is_hashed_once(acts: Acts, typed: str) -> None:
    """Its hash is older than a key rotation, and no login can renew it."""
    key_rotation.rotate(acts.app, CLI, lambda *_progress: None)
    acts.create("bob")
    other_accounts.disable(acts.app, BY_CLI, "alice")
    hashing = password_login.password(
        acts.app, CONSOLE, username="alice", typed=Secret(typed), browser=Browser()
    )
    work = next(hashing)
    with pytest.raises(LoginFailed):
        hashing.send(hashed(work))


def test_password_is_compared_in_composed_form(acts: Acts) -> None:
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", Secret("cafe\u0301 otter pencil"), must_change=False))  # fmt: skip
    assert isinstance(acts.password("café otter pencil"), LoggedIn)


def test_login_while_pending_shows_the_secret_and_its_code_activates_mfa(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    assert attempt.step is Step.SHOW_SECRET
    acts.phone = acts.secret_shown(attempt)
    done = acts.second_step(attempt)
    assert acts.status is Status.ACTIVE
    assert len(done.recovery_codes) == 8


def test_each_attempt_has_its_own_secret_and_a_reload_shows_the_same_one(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    first, second = acts.attempt(), acts.attempt()
    assert acts.secret_shown(first) == acts.secret_shown(first)
    assert acts.secret_shown(first) != acts.secret_shown(second)


def test_only_the_secret_of_the_confirming_attempt_becomes_active(acts: Acts) -> None:
    """An attacker who opened the page earlier, with the password only, has no valid secret."""
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


def test_code_of_another_attempts_secret_does_not_confirm(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    first, second = acts.attempt(), acts.attempt()
    with pytest.raises(CodeWrong):
        acts.second_step(second, acts.code(acts.secret_shown(first)))
    assert acts.status is Status.PENDING


def test_code_works_once_across_logins(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.next_step()
    code = acts.code()
    acts.second_step(acts.attempt(), code)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), code)


def test_code_that_activated_mfa_is_used_up(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    acts.second_step(attempt)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt())


def test_earlier_code_is_refused_after_a_later_one(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=2))
    earlier = acts.code(steps=-1)
    acts.second_step(acts.attempt())
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), earlier)


def test_clock_that_goes_back_accepts_no_used_code_but_a_recovery_code(acts: Acts) -> None:
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
def test_code_one_step_off_is_accepted(acts: Acts, steps: int) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=5))
    acts.second_step(acts.attempt(), acts.code(steps=steps))


def test_wrong_clock_at_enrolment_is_reported_and_refused(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    with pytest.raises(CodeDrifted) as refused:
        acts.second_step(attempt, acts.code(acts.secret_shown(attempt), steps=4))
    assert refused.value.facts == {"seconds": 120}
    assert acts.status is Status.PENDING


def test_wrong_clock_at_login_is_not_reported(acts: Acts) -> None:
    """The message would show an attacker that a guess was close."""
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=5))
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), acts.code(steps=4))


@pytest.mark.parametrize("typed", ["12345", "", "abcdef", "1" * 10_000])
def test_malformed_code_does_not_count_as_an_attempt(acts: Acts, typed: str) -> None:
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


def test_fifth_wrong_code_ends_the_attempt(acts: Acts) -> None:
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


def test_fifth_wrong_code_of_an_enrolment_ends_it_and_its_secret(acts: Acts) -> None:
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


def test_login_attempt_expires_after_five_minutes(acts: Acts) -> None:
    acts.activate()
    token = _token(acts)
    acts.here.clock.advance(timedelta(minutes=5))
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)


def test_enrolment_attempt_expires_after_ten_minutes(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    token = _token(acts)
    acts.here.clock.advance(timedelta(minutes=9, seconds=59))
    assert login_attempts.find(acts.app, token).step is Step.SHOW_SECRET
    acts.here.clock.advance(timedelta(seconds=1))
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)


def test_new_login_in_the_same_browser_ends_the_older_attempt(acts: Acts) -> None:
    acts.activate()
    first = _token(acts)
    second = acts.password(browser=Browser(attempt=first))
    assert isinstance(second, AttemptStarted)
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, first)
    found = login_attempts.find(acts.app, second.token.reveal())
    with pytest.raises(StartedAgainElsewhere):
        login_attempts.demand_same(found, "the older attempt's id")


def test_attempt_of_another_browser_stays_valid(acts: Acts) -> None:
    """Otherwise an attacker with the password could prevent the owner from enrolling."""
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
def test_mfa_change_ends_an_unfinished_login(acts: Acts, event: Event) -> None:
    principal = acts.activate()
    attempt = acts.attempt()
    acts.press(event, principal)
    acts.here.clock.next_step()
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt)


def test_password_change_ends_an_unfinished_login(acts: Acts) -> None:
    acts.activate()
    attempt = acts.attempt()
    new = Secret("another otter with pencils")
    run(other_accounts.set_password(acts.app, BY_CLI, "alice", new, must_change=False))
    acts.here.clock.next_step()
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt)


def test_recovery_code_works_once(acts: Acts) -> None:
    acts.activate()
    code = acts.recovery_codes[0].reveal()
    acts.by_recovery_code(acts.attempt(), code.lower())
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), code)
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[1].reveal())


@pytest.mark.parametrize(
    ("ahead", "is_taken"), [(timedelta(hours=3), False), (timedelta(days=400), True)]
)
def test_recovery_code_used_with_a_clock_far_ahead_uses_up_no_later_codes(
    acts: Acts, ahead: timedelta, is_taken: bool
) -> None:
    """With such a clock codes are wrong, and the owner uses a recovery code. A difference of less
    than a day could also be a clock that is behind now: codes that were seen would be valid again.
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


def test_recovery_code_uses_up_the_current_and_the_next_code(acts: Acts) -> None:
    acts.activate()
    acts.here.clock.advance(timedelta(minutes=5))
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    for steps in (0, 1):
        with pytest.raises(CodeWrong):
            acts.second_step(acts.attempt(), acts.code(steps=steps))


def test_codes_used_up_by_a_recovery_code_do_not_affect_a_new_secret(acts: Acts) -> None:
    acts.activate()
    result = acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    acts.press(Event.RESET, acts.principal(result))
    attempt = acts.attempt()
    acts.phone = acts.secret_shown(attempt)
    acts.second_step(attempt)
    assert acts.status is Status.ACTIVE
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt())


def test_recovery_code_of_another_account_is_refused(acts: Acts) -> None:
    acts.activate()
    theirs = acts.recovery_codes[0].reveal()
    acts.create("bob")
    acts.username = "bob"
    acts.activate()
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), theirs)


def test_five_wrong_recovery_codes_end_the_attempt_only(acts: Acts) -> None:
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


def test_session_ends_when_it_is_idle_or_old(acts: Acts) -> None:
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


def test_login_ends_the_browsers_older_session(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    acts.password(browser=Browser(session=first.session_token.reveal()))
    with pytest.raises(SessionEnded):
        acts.principal(first)


def test_outdated_hash_is_renewed_at_the_next_login(acts: Acts) -> None:
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


def test_database_contains_no_secret_in_plain_text(acts: Acts) -> None:
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
