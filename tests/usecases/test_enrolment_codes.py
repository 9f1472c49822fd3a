"""Enrolment codes (setting `enrolment_proof`) while MFA is pending, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.acts import BY_CLI, CLI, CONSOLE, PASSWORD, Acts
from tests.support.failed_attempts import TYPED_ON_SQLITE, store_failures
from watchword.crypto.passwords import run
from watchword.domain.audit import AuditEvent as E
from watchword.domain.enrolment_code import MOST_FAILURES
from watchword.domain.errors import (
    AttemptEnded,
    CodeClosed,
    EnrolmentCodeMalformed,
    EnrolmentCodeWrong,
    Refusal,
    Throttled,
)
from watchword.domain.login import Step
from watchword.domain.mfa import Event, Status
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind, Throttle
from watchword.storage import throttles
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.account import own_mfa, own_password
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.audit import audit_log
from watchword.usecases.login import second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.mfa import enrolment_codes
from watchword.usecases.mfa.enrolment_codes import Issued
from watchword.usecases.operations import maintenance
from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.login_attempts import OpenAttempt
from watchword.usecases.sessions.sessions import LoggedIn

WRONG = "0000-0000-0000"


@pytest.fixture(params=["other_browser", "always"])
def asking(request: pytest.FixtureRequest, acts: Acts) -> Acts:
    """Alice's installation, where enrolment requires a code."""
    acts.here.with_settings(enrolment_proof=request.param)
    return acts


def enabled(acts: Acts, event: Event = Event.ENABLE) -> Issued:
    return own_mfa.change_own(acts.app, CONSOLE, acts.login(), event).issued


def given(acts: Acts, attempt: OpenAttempt, code: str) -> str:
    token = enrolment_codes.use_code(acts.app, CONSOLE, attempt, code, None)
    return token.reveal()


def steps_of(acts: Acts, issued: Issued) -> tuple[Step, Step]:
    """Return the login step in the browser that enabled MFA, and in any other browser."""
    token = issued.browser.reveal() if issued.browser else None
    return (acts.attempt(browser=Browser(enrolment=token)).step, acts.attempt().step)


@pytest.mark.parametrize(
    ("setting", "in_this_one", "elsewhere"),
    [
        ("off", Step.SHOW_SECRET, Step.SHOW_SECRET),
        ("other_browser", Step.SHOW_SECRET, Step.ASK_ENROLMENT_CODE),
        ("always", Step.ASK_ENROLMENT_CODE, Step.ASK_ENROLMENT_CODE),
    ],
)
@pytest.mark.parametrize("event", [Event.ENABLE, Event.RESET])
def test_login_asks_for_an_enrolment_code_depending_on_the_setting(
    acts: Acts, setting: str, in_this_one: Step, elsewhere: Step, event: Event
) -> None:
    if event is Event.RESET:
        acts.activate()
        acts.here.clock.next_step()
    acts.here.with_settings(enrolment_proof=setting)
    issued = enabled(acts, event)
    assert (issued.code is None) == (setting == "off")
    assert steps_of(acts, issued) == (in_this_one, elsewhere)


def test_enrolment_code_leads_to_the_qr_code_once(asking: Acts) -> None:
    issued = enabled(asking)
    assert issued.code is not None
    attempt = asking.attempt()
    token = given(asking, attempt, issued.code.reveal().lower())
    attempt = _again(asking, attempt)
    assert attempt.step is Step.SHOW_SECRET
    with pytest.raises(EnrolmentCodeWrong):
        given(asking, asking.attempt(), issued.code.reveal())
    # The browser that entered the code may start again; the code is used up.
    assert asking.attempt(browser=Browser(enrolment=token)).step is Step.SHOW_SECRET
    asking.phone = asking.secret_shown(attempt)
    asking.here.clock.next_step()
    asking.second_step(attempt)
    assert asking.status is Status.ACTIVE


def _again(acts: Acts, attempt: OpenAttempt) -> OpenAttempt:
    """Return the attempt as the next request of the same browser reads it."""
    from msgspec.structs import replace

    from watchword.storage import attempts as stored

    with acts.app.database.reading() as connection:
        digests, id_ = [attempt.attempt.token_digest], attempt.account.id
        found = stored.find(connection, digests, id_, acts.here.clock.now())
    assert found is not None
    step = Step.SHOW_SECRET if found.is_enrolment_proved else Step.ASK_ENROLMENT_CODE
    return replace(attempt, attempt=found, step=step)


def test_totp_code_without_the_enrolment_code_is_refused(asking: Acts) -> None:
    """Also when the client posts directly to the second step."""
    enabled(asking)
    attempt = asking.attempt()
    assert attempt.attempt.enrolment_id is None
    with pytest.raises(AttemptEnded):
        second_factor.code(asking.app, CONSOLE, attempt, "123456", Browser())
    with pytest.raises(AttemptEnded):
        second_factor.recovery_code(asking.app, CONSOLE, attempt, "0" * 24, Browser())
    assert asking.status is Status.PENDING


def test_administrator_who_enables_mfa_receives_the_enrolment_code(asking: Acts) -> None:
    bob = Acts(asking.here, "bob")
    changed = other_credentials.change_mfa(asking.app, BY_CLI, "bob", Event.ENABLE)
    assert changed.enrolment_code is not None
    attempt = bob.attempt()
    assert attempt.step is Step.ASK_ENROLMENT_CODE
    given(bob, attempt, changed.enrolment_code.reveal())
    assert _again(bob, attempt).step is Step.SHOW_SECRET


def test_enrolment_code_of_another_account_is_refused(asking: Acts) -> None:
    bob = Acts(asking.here, "bob")
    theirs = other_credentials.change_mfa(asking.app, BY_CLI, "bob", Event.ENABLE).enrolment_code
    assert theirs is not None
    enabled(asking)
    with pytest.raises(EnrolmentCodeWrong):
        given(asking, asking.attempt(), theirs.reveal())
    given(bob, bob.attempt(), theirs.reveal())


@pytest.mark.parametrize(
    ("age", "opens"), [(timedelta(hours=71, minutes=59), True), (timedelta(hours=72), False)]
)
def test_enrolment_code_expires_after_three_days(asking: Acts, age: timedelta, opens: bool) -> None:
    issued = enabled(asking)
    assert issued.code is not None
    asking.here.clock.advance(age)
    attempt = asking.attempt()
    if opens:
        given(asking, attempt, issued.code.reveal())
    else:
        with pytest.raises(EnrolmentCodeWrong):
            given(asking, attempt, issued.code.reveal())


def test_malformed_enrolment_code_does_not_count_as_an_attempt(asking: Acts) -> None:
    enabled(asking)
    attempt = asking.attempt()
    for _ in range(7):
        with pytest.raises(EnrolmentCodeMalformed):
            given(asking, attempt, "not a code")
    with pytest.raises(EnrolmentCodeWrong):
        given(asking, attempt, WRONG)


def test_five_wrong_enrolment_codes_end_the_login_and_count_as_codes(asking: Acts) -> None:
    enabled(asking)
    attempt = asking.attempt()
    for _ in range(4):
        with pytest.raises(EnrolmentCodeWrong):
            given(asking, attempt, WRONG)
    with pytest.raises(AttemptEnded):
        given(asking, attempt, WRONG)
    with pytest.raises(Throttled):
        given(asking, asking.attempt(), WRONG)


def test_login_that_ends_before_the_check_uses_neither_code_nor_attempt(
    asking: Acts,
) -> None:
    """The login is cancelled between reading the attempt and checking the code."""
    code = enabled(asking).code
    assert code is not None
    started = asking.password()
    assert isinstance(started, AttemptStarted)
    found = login_attempts.find(asking.app, started.token.reveal())
    login_attempts.cancel(asking.app, CONSOLE, started.token.reveal())
    before = throttle_of(asking)
    with pytest.raises(AttemptEnded):
        given(asking, found, code.reveal())
    assert throttle_of(asking) == before
    failures = audit_log.page(asking.app, CLI, AuditFilter(event=E.MFA_ENROL_CODE_FAILED.value), 9)
    assert [(e.outcome, dict(e.facts)) for e in failures] == [
        ("refused", {"reason": "attempt-ended"})
    ]
    given(asking, asking.attempt(), code.reveal())


def throttle_of(acts: Acts) -> Throttle:
    with acts.app.database.reading() as connection:
        return throttles.get(connection, Kind.CODE, str(acts.account.id))


def test_twenty_wrong_enrolment_codes_void_the_code_and_are_recorded(asking: Acts) -> None:
    issued = enabled(asking)
    assert issued.code is not None
    for _ in range(MOST_FAILURES):
        asking.here.clock.advance(timedelta(hours=1))
        with pytest.raises(Refusal):
            given(asking, asking.attempt(), WRONG)
    asking.here.clock.advance(timedelta(hours=1))
    with pytest.raises(EnrolmentCodeWrong):
        given(asking, asking.attempt(), issued.code.reveal())
    found = audit_log.page(asking.app, CLI, AuditFilter(event=E.MFA_ENROL_CODE_VOID.value), 5)
    assert len(found) == 1


def test_login_after_ninety_days_requires_the_enrolment_code_in_any_browser(acts: Acts) -> None:
    """An attacker with the password could otherwise enrol on a dormant account."""
    acts.here.with_settings(enrolment_proof="other_browser")
    principal = acts.login()
    acts.here.clock.advance(timedelta(days=91))
    with acts.app.database.writing():
        pass
    issued = Issued()
    with pytest.raises(Refusal):
        own_mfa.change_own(acts.app, CONSOLE, principal, Event.ENABLE)
    issued = enabled(acts)
    assert issued.browser is not None
    acts.here.clock.advance(timedelta(days=13))
    assert acts.attempt(browser=Browser(enrolment=issued.browser.reveal())).step is (
        Step.SHOW_SECRET
    )
    acts.here.clock.advance(timedelta(days=78))
    assert acts.attempt(browser=Browser(enrolment=issued.browser.reveal())).step is (
        Step.ASK_ENROLMENT_CODE
    )


def test_new_password_ends_the_enrolment_code(asking: Acts) -> None:
    changed = other_credentials.change_mfa(asking.app, BY_CLI, "alice", Event.ENABLE)
    assert changed.enrolment_code is not None
    new = Secret("another otter with pencils")
    run(other_accounts.set_password(asking.app, BY_CLI, "alice", new, must_change=False))
    started = asking.password(new.reveal())
    assert isinstance(started, AttemptStarted)
    attempt = login_attempts.find(asking.app, started.token.reveal())
    with pytest.raises(EnrolmentCodeWrong):
        given(asking, attempt, changed.enrolment_code.reveal())


def test_own_password_change_while_pending_issues_another_enrolment_code(asking: Acts) -> None:
    """There may be no other administrator who could issue a code."""
    logged_in = asking.password()
    assert isinstance(logged_in, LoggedIn)
    old = own_mfa.change_own(asking.app, CONSOLE, asking.principal(logged_in), Event.ENABLE).issued
    new = Secret("another otter with pencils")
    me = asking.principal(logged_in)
    tokens = run(
        own_password.change(
            asking.app, CONSOLE, me, current=Secret(PASSWORD), new=new, repeated=new
        )
    )
    assert old.code is not None
    assert tokens.issued.code is not None
    for code, is_taken in ((old.code, False), (tokens.issued.code, True)):
        started = asking.password(new.reveal())
        assert isinstance(started, AttemptStarted)
        attempt = login_attempts.find(asking.app, started.token.reveal())
        if is_taken:
            assert given(asking, attempt, code.reveal())
        else:
            with pytest.raises(EnrolmentCodeWrong):
                given(asking, attempt, code.reveal())


# --- pending for long -------------------------------------------------------------------------
def test_mfa_pending_for_two_weeks_is_recorded_once_and_stays_pending(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    acts.here.clock.advance(timedelta(days=13, hours=23))
    assert maintenance.record_long_pending(acts.app) == 0
    acts.here.clock.advance(timedelta(hours=1))
    assert maintenance.record_long_pending(acts.app) == 1
    acts.here.clock.advance(timedelta(days=1))
    assert maintenance.record_long_pending(acts.app) == 0
    assert acts.account.mfa.is_enabled
    acts.login()
    assert acts.status is Status.ACTIVE


@TYPED_ON_SQLITE
def test_limit_of_wrong_codes_locks_the_code_and_not_the_account(acts: Acts, typed: bool) -> None:
    acts.activate()
    if not typed:
        store_failures(acts, Kind.CODE, 98)
    for _ in range(100 if typed else 2):
        acts.here.clock.advance(timedelta(hours=1))
        with pytest.raises(Refusal):
            acts.second_step(acts.attempt(), "000000")
    acts.here.clock.advance(timedelta(days=2))
    with pytest.raises(CodeClosed):
        acts.second_step(acts.attempt())
    events = audit_log.page(acts.app, CLI, AuditFilter(event=E.MFA_LOCKED.value), 5)
    assert len(events) == 1
    # The factor is locked until it is bound again: an unlock does not do that, a new secret does.
    assert other_accounts.unlock(acts.app, BY_CLI, "alice")
    with pytest.raises(CodeClosed):
        acts.second_step(acts.attempt())
    other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.RESET)
    acts.login()
    acts.here.clock.next_step()
    acts.second_step(acts.attempt())
    assert not other_accounts.unlock(acts.app, BY_CLI, "alice")
