"""Second-line checks: each one tested without the check in front of it.

A change of an account deletes its sessions and tokens and also invalidates them by `cred_ver`.
These tests leave the deletion out. The others compare whole values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from msgspec.structs import replace

from tests.support import statements
from tests.support.acts import API, BY_CLI, CONSOLE, PASSWORD, Acts, basic_header, hashed
from watchword.crypto.passwords import Hashing, run
from watchword.domain import basic_auth, totp
from watchword.domain.api_password import assemble
from watchword.domain.errors import (
    AttemptEnded,
    Busy,
    ChangedMeanwhile,
    CodeWrong,
    LoginFailed,
    RecoveryCodeWrong,
    Refusal,
    SessionEnded,
)
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.domain.sessions import LOGIN_ATTEMPT_LIFE
from watchword.domain.throttle import Kind
from watchword.storage import (
    administrators,
    attempts,
    authenticators,
    credentials,
    schema,
    throttles,
)
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.administrators.authorization import By
from watchword.usecases.api import api_password, authentication
from watchword.usecases.api.authentication import Caller
from watchword.usecases.login import password_login, reauthentication
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.mfa import enrolment, lifecycle
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.unit_of_work import unit

# These checks do not depend on the database, so one is enough.
pytestmark = pytest.mark.parametrize("here", ["sqlite"], indirect=True)


def change_only_cred_ver(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        administrators.raise_cred_ver(connection, acts.account.id)


def disable_only(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        administrators.set_disabled(connection, acts.account.id, is_disabled=True)


def token_of(acts: Acts) -> str:
    started = acts.password()
    assert isinstance(started, AttemptStarted)
    return started.token.reveal()


# --- bound to cred_ver -----------------------------------------------------------------------
def test_attempt_older_than_a_change_is_not_found(acts: Acts) -> None:
    acts.activate()
    token = token_of(acts)
    login_attempts.find(acts.app, token)
    change_only_cred_ver(acts)
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)


@pytest.mark.parametrize("by", ["code", "recovery-code"])
def test_attempt_found_before_a_change_cannot_be_finished(acts: Acts, by: str) -> None:
    acts.activate()
    attempt = acts.attempt()
    change_only_cred_ver(acts)
    acts.here.clock.next_step()
    code = acts.recovery_codes[0].reveal()
    finish = {
        "code": lambda: acts.second_step(attempt),
        "recovery-code": lambda: acts.by_recovery_code(attempt, code),
    }
    with pytest.raises(AttemptEnded):
        finish[by]()


def _disable(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        administrators.set_disabled(connection, acts.account.id, is_disabled=True)


def _delete_attempts(acts: Acts) -> None:
    with acts.app.database.writing() as connection:
        attempts.delete_all_of(connection, acts.account.id)


@pytest.mark.parametrize(
    "end",
    [_disable, _delete_attempts, lambda acts: acts.here.clock.advance(LOGIN_ATTEMPT_LIFE)],
    ids=["disabled", "cancelled", "expired"],
)
def test_code_of_an_attempt_that_ended_since_it_was_found_is_refused_and_not_counted(
    acts: Acts, end: Callable[[Acts], None]
) -> None:
    acts.activate()
    attempt = acts.attempt()
    acts.here.clock.next_step()
    end(acts)
    with pytest.raises(AttemptEnded):
        acts.second_step(attempt)
    with acts.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, str(acts.account.id)).failures == 0
        assert authenticators.totp_of(connection, acts.account.id) == attempt.totp


def test_session_older_than_a_change_is_ended(acts: Acts) -> None:
    entered = acts.password()
    assert isinstance(entered, LoggedIn)
    acts.principal(entered)
    change_only_cred_ver(acts)
    with pytest.raises(SessionEnded):
        acts.principal(entered)


def test_enrolment_older_than_a_change_is_ended(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    acts.secret_shown(attempt)
    change_only_cred_ver(acts)
    with pytest.raises(AttemptEnded):
        enrolment.show(acts.app, CONSOLE, acts.account, attempt.attempt.enrolment_id)


def test_enrolment_of_another_account_is_refused(acts: Acts) -> None:
    bob = Acts(acts.here, "bob")
    for each in (acts, bob):
        each.press(Event.ENABLE)
    attempt = bob.attempt()
    account = replace(acts.account, cred_ver=bob.account.cred_ver)
    with pytest.raises(AttemptEnded):
        enrolment.show(acts.app, CONSOLE, account, attempt.attempt.enrolment_id)
    bob.secret_shown(attempt)


def test_enrolment_is_refused_unless_pending(acts: Acts) -> None:
    acts.press(Event.ENABLE)
    attempt = acts.attempt()
    for status in ("active", "disabled"):
        mfa = replace(acts.account.mfa, status=type(acts.account.mfa.status)(status))
        account = replace(acts.account, mfa=mfa)
        with pytest.raises(AttemptEnded):
            enrolment.show(acts.app, CONSOLE, account, attempt.attempt.enrolment_id)


def test_browser_is_not_recognised_after_a_change(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    known = Browser(known=first.browser_token.reveal())
    change_only_cred_ver(acts)
    for _ in range(5):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong")
    with pytest.raises(Refusal) as refused:
        acts.password(browser=known)
    assert refused.value.code == "throttled"


@pytest.mark.parametrize("event", [Event.RESET, Event.DISABLE])
def test_change_of_mfa_deletes_recognised_browsers(acts: Acts, event: Event) -> None:
    """The browser that made the change is recognised again, with a new token."""
    principal = acts.activate()
    with acts.app.database.reading() as connection:
        (old,) = connection.execute(schema.known_browsers.select()).all()
    acts.press(event, principal)
    with acts.app.database.reading() as connection:
        (left,) = connection.execute(schema.known_browsers.select()).all()
    assert left.token_digest != old.token_digest
    assert left.cred_ver == acts.account.cred_ver


def test_password_changed_during_the_check_is_refused(acts: Acts) -> None:
    """The hash is computed between two transactions; the second one checks the account again."""
    hashing = password_login.password(acts.app, CONSOLE, username="alice", typed=Secret(PASSWORD),
                             browser=Browser())  # fmt: skip
    work = next(hashing)
    change_only_cred_ver(acts)
    with pytest.raises(LoginFailed):
        hashing.send(hashed(work))


def begun_at_the_api(acts: Acts) -> tuple[Hashing[Caller], bytes]:
    """Start an API call with the correct regular password, up to its computed hash."""
    given = basic_auth.parse(basic_header("alice", PASSWORD))
    assert given is not None
    hashing = authentication.authenticate(acts.app, API, given)
    return hashing, hashed(next(hashing))


@pytest.mark.parametrize("change", ["disabled", "changed", "MFA", "deleted"])
def test_change_during_the_hash_of_an_api_call_refuses_it(acts: Acts, change: str) -> None:
    acts.create("bob")
    hashing, derived = begun_at_the_api(acts)
    if change == "disabled":
        other_accounts.disable(acts.app, BY_CLI, "alice")
    elif change == "changed":
        change_only_cred_ver(acts)
    elif change == "MFA":
        other_credentials.change_mfa(acts.app, BY_CLI, "alice", Event.ENABLE)
    else:
        other_accounts.delete(acts.app, BY_CLI, "alice")
    with pytest.raises(LoginFailed):
        hashing.send(derived)


def test_login_ends_the_older_session_of_the_browser(acts: Acts) -> None:
    first = acts.password()
    assert isinstance(first, LoggedIn)
    old = first.session_token.reveal()
    acts.password(browser=Browser(session=old))
    with pytest.raises(SessionEnded):
        sessions.find(acts.app, old)


def test_caller_older_than_a_change_cannot_manage_others(acts: Acts) -> None:
    """The API has no session whose end would prevent the act."""
    acts.create("bob")
    by = By(API.known_as(acts.account), acts.account)
    change_only_cred_ver(acts)
    with pytest.raises(SessionEnded):
        other_accounts.disable(acts.app, by, "bob")


def test_transition_from_an_outdated_status_is_refused(acts: Acts) -> None:
    """Each change locks the account's row; the status is compared in addition."""
    before = acts.account
    acts.press(Event.ENABLE)
    with pytest.raises(ChangedMeanwhile), unit(acts.app, CONSOLE) as u:
        lifecycle.apply(u, before, Event.ENABLE)


def test_session_older_than_a_change_cannot_change_its_own_account(acts: Acts) -> None:
    entered = acts.password()
    assert isinstance(entered, LoggedIn)
    stale = acts.principal(entered)
    change_only_cred_ver(acts)
    with pytest.raises(SessionEnded):
        acts.press(Event.ENABLE, stale)


# --- disabled --------------------------------------------------------------------------------
def test_account_with_only_the_disabled_flag_is_refused_everywhere(acts: Acts) -> None:
    """Disabling also ends sessions and attempts; the flag must be sufficient without that."""
    principal = acts.activate()
    key = acts.generate_api_password(principal)
    acts.here.clock.next_step()
    entered = acts.second_step(acts.attempt())
    token = token_of(acts)
    disable_only(acts)
    with pytest.raises(SessionEnded):
        acts.principal(entered)
    with pytest.raises(AttemptEnded):
        login_attempts.find(acts.app, token)
    with pytest.raises(LoginFailed):
        acts.call_api(key)
    with pytest.raises(LoginFailed):
        acts.password()


# --- whole values ----------------------------------------------------------------------------
def test_stored_password_is_compared_completely(acts: Acts) -> None:
    with acts.app.database.reading() as connection:
        stored = administrators.password_hash(connection, acts.account.id) or ""
    other = stored[:-1] + ("0" if stored[-1] != "0" else "1")
    pepper, id_ = acts.app.pepper, acts.account.id
    assert run(pepper.verify(id_, stored, Secret(PASSWORD)))
    assert not run(pepper.verify(id_, other, Secret(PASSWORD)))
    assert not run(pepper.verify(id_, stored[:-1], Secret(PASSWORD)))


def test_stored_mac_is_compared_completely(acts: Acts) -> None:
    ring, parts = acts.app.keyring, ("api-password", "1", "x")
    stored = ring.mac(*parts)
    assert ring.is_mac_of(stored, *parts)
    for other in (stored[:-1], stored[:-1] + ("0" if stored[-1] != "0" else "1"), stored + "0"):
        assert not ring.is_mac_of(other, *parts)


def test_account_without_api_password_accepts_none(acts: Acts) -> None:
    with acts.app.database.reading() as connection:
        for id_ in (acts.account.id, 0):
            stored = credentials.api_password(connection, id_)
            for password in ("", "x"):
                assert api_password.matching(acts.app.keyring, stored, Secret(password)) is None


def test_api_password_moved_to_another_account_is_refused(acts: Acts) -> None:
    """An attacker with write access cannot turn one account's API password into another's."""
    bob = Acts(acts.here, "bob")
    mine = acts.generate_api_password()
    bob.generate_api_password()
    with acts.app.database.writing() as connection:
        mac = credentials.api_password(connection, acts.account.id).mac
        table = schema.api_passwords
        his = table.c.administrator_id == bob.account.id
        connection.execute(table.update().where(his).values(mac=mac))
    with pytest.raises(LoginFailed):
        bob.call_api(mine)
    assert acts.call_api(mine).account.id == acts.account.id


@pytest.mark.parametrize("position", range(totp.DIGITS))
def test_code_is_compared_in_every_digit(acts: Acts, position: int) -> None:
    acts.activate()
    acts.here.clock.next_step()
    right = {acts.code(steps=n) for n in (-1, 0, 1)}
    changes = ((int(acts.code()[position]) + n) % 10 for n in range(1, 10))
    codes = (acts.code()[:position] + str(d) + acts.code()[position + 1 :] for d in changes)
    with pytest.raises(CodeWrong):
        acts.second_step(acts.attempt(), next(c for c in codes if c not in right))
    acts.second_step(acts.attempt())


def test_recovery_code_belongs_to_one_account(acts: Acts) -> None:
    """Even with the MAC of another account's code: the statement names the account."""
    bob = Acts(acts.here, "bob")
    acts.activate()
    bob.activate()
    with acts.app.database.writing() as connection:
        table = schema.recovery_codes
        mine = table.c.administrator_id == acts.account.id
        connection.execute(table.delete().where(mine))
        macs = [row.mac for row in connection.execute(table.select())]
        assert not credentials.use_recovery_code(connection, acts.account.id, macs[:1])
        assert credentials.use_recovery_code(connection, bob.account.id, macs[:1])
    with pytest.raises(RecoveryCodeWrong):
        acts.by_recovery_code(acts.attempt(), bob.recovery_codes[1].reveal())


@pytest.mark.parametrize("window", [0, 1, 2])
def test_recovery_code_uses_up_every_acceptable_totp_code(acts: Acts, window: int) -> None:
    """A code that an attacker observed must not be usable after this login."""
    acts.here.with_settings(drift_window=window)
    acts.activate()
    acts.here.clock.next_step()
    acts.by_recovery_code(acts.attempt(), acts.recovery_codes[0].reveal())
    for steps in range(-window, window + 1):
        with pytest.raises(CodeWrong):
            acts.second_step(acts.attempt(), acts.code(steps=steps))


@pytest.mark.parametrize("event", [Event.RESET, Event.DISABLE])
def test_secret_is_stored_only_while_active(acts: Acts, event: Event) -> None:
    principal = acts.activate()
    with acts.app.database.reading() as connection:
        query = schema.authenticators.select()
        assert connection.execute(query).one().secret is not None
    acts.press(event, principal)
    with acts.app.database.reading() as connection:
        assert connection.execute(query).all() == []


# --- counted ---------------------------------------------------------------------------------
def test_unchecked_answer_releases_only_its_own_attempt(acts: Acts) -> None:
    """Filling the queue of hashes must not give an attacker more attempts."""
    principal = acts.login()
    wrong = reauthentication.Answer(Secret("wrong wrong wrong"))
    waiting = reauthentication.give(acts.app, CONSOLE, principal, wrong)
    next(waiting)
    for _ in range(2):
        with pytest.raises(Refusal):
            run(reauthentication.give(acts.app, CONSOLE, principal, wrong))
    with pytest.raises(Busy):
        waiting.throw(Busy(retry_after=2))
    with acts.app.database.reading() as connection:
        assert connection.execute(schema.sessions.select()).one().proof_failures == 2


def test_regular_password_at_the_api_changes_no_counter_with_mfa(acts: Acts) -> None:
    """It does not add failures, which an old script could cause, and does not remove any."""
    acts.activate()
    for _ in range(3):
        with pytest.raises(LoginFailed):
            acts.password("wrong wrong wrong")
    for password in ("wrong wrong wrong", PASSWORD):
        with pytest.raises(LoginFailed):
            acts.call_api(password)
        with acts.app.database.reading() as connection:
            counted = throttles.get(connection, Kind.PASSWORD, str(acts.account.id))
        assert counted.failures == 3


# --- the same work ---------------------------------------------------------------------------
def statements_of(acts: Acts, act: Callable[[], object]) -> list[str]:
    """Return all statements of a refused login."""
    with statements.noted(acts.app) as made, pytest.raises(LoginFailed):
        act()
    return made


@pytest.mark.parametrize("interface", ["login", "api", "api-password"])
def test_refused_login_runs_the_same_statements_for_every_kind_of_name(
    acts: Acts, interface: str
) -> None:
    """An additional query is measurable over the network (`python -m bench timing-bare`)."""
    for name in ("disabled", "with-mfa"):
        acts.create(name)
    with acts.app.database.writing() as connection:
        account = administrators.find(connection, "disabled")
        assert account is not None
        administrators.set_disabled(connection, account.id, is_disabled=True)
    other_credentials.change_mfa(acts.app, BY_CLI, "with-mfa", Event.ENABLE)
    acts.generate_api_password()
    wrong = assemble("A" * 32) if interface == "api-password" else "wrong wrong wrong"
    tries = [("nobody", wrong), ("alice", wrong), ("disabled", wrong), ("disabled", PASSWORD)]
    tries += (
        [("with-mfa", wrong)]
        if interface != "api"
        else [("with-mfa", wrong), ("with-mfa", PASSWORD)]
    )
    enter = acts.password if interface == "login" else acts.call_api
    made = {
        (name, password): statements_of(acts, partial(enter, password, username=name))
        for name, password in tries
        if interface != "api-password" or password == wrong
    }
    first = made["nobody", wrong]
    assert first
    assert {key: found == first for key, found in made.items()} == dict.fromkeys(made, True)
