"""The password step of a login at the console.

    correct password ----> MFA disabled: session
                           MFA active:   login attempt, asks for the code
                           MFA pending:  login attempt with a new secret, shows it (after the
                                         enrolment code, if the setting requires one)

A login attempt ends after five wrong codes, when it expires, with "Cancel", and with a change of
the account's `cred_ver`. A failure is committed before it is reported.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from watchword import time_zones
from watchword.crypto import token_macs, tokens
from watchword.crypto.passwords import Hashing
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator, username_key
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import Busy, LoginFailed
from watchword.domain.login import Factor, Step, next_step
from watchword.domain.secret import Secret
from watchword.domain.sessions import ENROLMENT_LIFE, LOGIN_ATTEMPT_LIFE
from watchword.domain.throttle import Kind, address_kinds
from watchword.storage import administrators, logins, throttles
from watchword.storage import attempts as stored_attempts
from watchword.storage.attempts import LoginAttempt
from watchword.usecases.audit import proxy_warnings, refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import enrolment, enrolment_codes
from watchword.usecases.sessions import login_attempts, sessions
from watchword.usecases.sessions.login_attempts import PASSWORD_ONLY
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import (
    known_browsers,
    password_attempts,
    password_spraying,
    reservations,
)
from watchword.usecases.unit_of_work import Unit, unit


class Browser(Struct, frozen=True):
    """The tokens that a browser has sent, and its time zone if it has one."""

    session: str | None = None
    attempt: str | None = None
    known: str | None = None
    enrolment: str | None = None
    time_zone: str = ""


class AttemptStarted(Struct, frozen=True):
    """The password was correct. The second step must be completed within `life`."""

    token: Secret
    life: timedelta


class _Found(Struct, frozen=True):
    account: Administrator | None
    stored_hash: str | None
    known_browser: str | None

    @property
    def id(self) -> int:
        """The account's id; 0 for an unknown name."""
        return self.account.id if self.account else 0


def password(
    app: Watchword,
    actor: Actor,
    *,
    username: str,
    typed: Secret,
    browser: Browser,
    return_target: str = "/",
) -> Hashing[LoggedIn | AttemptStarted]:
    """Check username and password. Raises LoginFailed, Throttled, LoginInProgress, Busy.

    An unknown name, a wrong password and a disabled account get the same answer after the same
    work.
    """
    found = _look_up(app, username, browser)
    held = yield from reservations.in_turn(app, _slots_for(app, actor, username, found))
    is_known = any(slot.kind is Kind.PASSWORD_KNOWN_BROWSER for slot in held)
    try:
        is_right = yield from app.pepper.verify(
            found.id, found.stored_hash, typed, is_known=is_known
        )
        rehashed = yield from _rehashed(app, found, typed, is_right=is_right)
    except Busy:
        reservations.give_back(app, held)
        raise
    with unit(app, actor) as u:
        # Also after a wrong password: otherwise the time would show that a disabled account's
        # password was correct.
        usable = still_usable(u, found.account)
        account = usable if is_right else None
        reservations.settle(u.connection, held, is_right=account is not None)
        if account is None:
            _record_failure(u, found.account, username)
            password_attempts.record_when_closed(u, found.account, held)
            known_browsers.forget_when_used_up(u, held)
            pause = 0 if found.known_browser else password_spraying.count(u, found.account)
        else:
            if rehashed and found.stored_hash:
                new = app.pepper.bound(account.id, rehashed)
                administrators.rehash(u.connection, account.id, old=found.stored_hash, new=new)
            proxy_warnings.note(u, account)
            result = go_on(u, account, browser, found.known_browser, return_target)
    if account is None:
        raise LoginFailed(pause=pause)
    return result


def _look_up(app: Watchword, username: str, browser: Browser) -> _Found:
    with app.database.reading() as connection:
        account = administrators.find(connection, username)
        known = known_browsers.find(app, connection, browser.known, account)
        # The statement is the same for an unknown name, because ids start at 1.
        stored = administrators.password_hash(connection, account.id if account else 0)
    return _Found(account, stored, known)


def password_subject(app: Watchword, account: Administrator | None, username: str) -> str:
    """Return the subject of a username's password throttle, whether the account exists or not.

    An unknown name may be a password typed into the wrong field, so only its MAC is stored.
    """
    if account is not None:
        return str(account.id)
    return throttles.UNKNOWN_NAME + app.keyring.mac("unknown-name", username_key(username))[:32]


def _slots_for(
    app: Watchword, actor: Actor, username: str, found: _Found
) -> list[tuple[Kind, str]]:
    """Return the slots that a login needs. A recognised browser has a slot of its own."""
    own = found.known_browser
    if own and not reservations.is_closed(app, Kind.PASSWORD_KNOWN_BROWSER, own):
        return [(Kind.PASSWORD_KNOWN_BROWSER, own)]
    return [
        (Kind.PASSWORD, password_subject(app, found.account, username)),
        *address_kinds(actor.address, is_shared=actor.is_shared),
    ]


def _rehashed(
    app: Watchword, found: _Found, typed: Secret, *, is_right: bool
) -> Hashing[str | None]:
    """Hash a correct password with the current parameters, if its hash is outdated. Not for a
    disabled account: the time of a second hash would show that the password was correct.
    """
    stored = found.stored_hash
    if not (is_right and stored and app.pepper.is_outdated(stored)):
        return None
    if found.account is None or found.account.is_disabled:
        return None
    return (yield from app.pepper.hash(typed))


def still_usable(u: Unit, before: Administrator | None) -> Administrator | None:
    """Return the account, locked, unless it is disabled or was changed during the hash."""
    account = administrators.get(u.connection, before.id if before else 0, for_change=True)
    if account is None or before is None or account.is_disabled:
        return None
    return account if account.cred_ver == before.cred_ver else None


def _record_failure(u: Unit, account: Administrator | None, username: str) -> None:
    if account is not None:
        reason = "disabled" if account.is_disabled else "wrong-password"
        refused_logins.record(u, AuditEvent.PASSWORD_FAIL, account, reason=reason)
        return
    who = password_subject(u.app, None, username)
    facts = {"reason": "unknown-name", "name_digest": who}
    refused_logins.record(u, AuditEvent.PASSWORD_FAIL, None, **facts)


def go_on(
    u: Unit,
    account: Administrator,
    browser: Browser,
    known_browser: str | None,
    return_target: str,
    *,
    is_proved: bool = False,
) -> LoggedIn | AttemptStarted:
    """Continue after the correct password with the step that the account's MFA asks for.
    `is_proved` when a recovery code replaces the enrolment code.
    """
    login_attempts.end(u, browser.attempt)
    if known_browser:
        # A login from a recognised browser ends the waits that other clients have caused.
        throttles.clear(u.connection, Kind.PASSWORD, str(account.id))
    is_proved = is_proved or enrolment_codes.is_given(u, account, browser.enrolment)
    step = next_step(PASSWORD_ONLY, account.mfa.status, is_enrolment_proved=is_proved)
    if step is Step.DONE:
        is_known = known_browser is not None
        return finish(u, account, PASSWORD_ONLY, browser, return_target, is_known=is_known)
    token = tokens.owned_token(account.id)
    half = LoginAttempt(
        id=tokens.identifier(),
        token_digest=token_macs.stored(u.app.keyring, Token.ATTEMPT, token.reveal()),
        administrator_id=account.id,
        enrolment_id=None,
        cred_ver=account.cred_ver,
        created_at=u.now,
        expires_at=u.now + LOGIN_ATTEMPT_LIFE,
        failures=0,
        is_known_browser=known_browser is not None,
        is_enrolment_proved=is_proved,
        return_target=return_target,
    )
    half = _with_secret(u, account, half, step)
    stored_attempts.put(u.connection, half)
    u.record(AuditEvent.PASSWORD_OK, account, next=step.value)
    if step is Step.ASK_ENROLMENT_CODE:
        enrolment_codes.record_demand(u, account)
    return AttemptStarted(token, half.expires_at - u.now)


def _with_secret(u: Unit, account: Administrator, half: LoginAttempt, step: Step) -> LoginAttempt:
    """Give an attempt that shows the QR code a secret of its own, and time to scan it."""
    if step is not Step.SHOW_SECRET:
        return half
    enrolment_id = enrolment.start(u, account)
    return replace(half, enrolment_id=enrolment_id, expires_at=u.now + ENROLMENT_LIFE)


def finish(
    u: Unit,
    account: Administrator,
    factors: frozenset[Factor],
    browser: Browser,
    return_target: str,
    recovery_codes: tuple[Secret, ...] = (),
    *,
    is_known: bool,
) -> LoggedIn:
    """Record a complete login and open its session. The account is locked.

    `is_known` says whether the browser was recognised. A login from another browser is recorded
    as such.
    """
    administrators.note_login(u.connection, account.id, u.actor.address, u.now)
    return open_session(
        u, account, factors, browser, return_target, recovery_codes, is_known=is_known
    )


def open_session(
    u: Unit,
    account: Administrator,
    factors: frozenset[Factor],
    browser: Browser,
    return_target: str,
    recovery_codes: tuple[Secret, ...] = (),
    *,
    is_known: bool,
) -> LoggedIn:
    """Do the same after `administrators.record_login`."""
    before = logins.before(u.connection, account.id)
    if before.failures:
        u.record(AuditEvent.LOGIN_AFTER_FAIL, account, failures=before.failures)
    token = sessions.start(u, account, factors, browser.session, open_sessions=before.sessions)
    if not is_known and account.last_login_at is not None:
        u.record(AuditEvent.NEW_BROWSER, account)
    if browser.time_zone != account.browser_time_zone and browser.time_zone in time_zones.names():
        administrators.set_browser_time_zone(u.connection, account.id, browser.time_zone)
    known = known_browsers.remember(u, account, browser.known)
    return LoggedIn(account.username, token, known, return_target, recovery_codes)
