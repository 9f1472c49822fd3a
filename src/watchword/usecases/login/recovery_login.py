"""Login by password and recovery code together, for an account whose password login other clients
have slowed or closed to unrecognised browsers.

    look up the code ----- wrong ----> refused; the password is not checked
           |
        correct ----> one of ten attempts ----> check the password ----> session

The code is checked first. 120 random bits need no throttle, and a lookup costs two MACs and an
indexed read. Therefore:

- A client without a recovery code learns nothing about a password, neither from the answer nor
  from its time. For every username the statements are the same, and nothing is hashed.
- A client cannot make the server hash without a correct code.
- A client without a code cannot use up the ten attempts. They limit an attacker with a stolen
  list of codes: a correct code with a wrong password is not used up, because its owner may have
  mistyped the password. So at most ten guesses are added to the hundred.

This login is always open, so its page shows nothing about a username. The limits of an address
are the same as for the login.
"""

from __future__ import annotations

from msgspec import Struct

from watchword.crypto.passwords import Hashing
from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import Busy, LoginByRecoveryCodeFailed, RecoveryCodeMalformed
from watchword.domain.mfa import Status
from watchword.domain.secret import Secret
from watchword.domain.throttle import Kind, address_kinds
from watchword.storage import administrators, credentials, throttles
from watchword.usecases.audit import proxy_warnings, refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_login, second_factor
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.mfa import lifecycle
from watchword.usecases.sessions import login_attempts
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import password_spraying, reservations
from watchword.usecases.unit_of_work import Unit, unit


class Given(Struct, frozen=True):
    """The fields of the page."""

    username: str
    password: Secret
    recovery_code: str


class _Found(Struct, frozen=True):
    account: Administrator | None
    stored_hash: str | None
    is_code_right: bool

    @property
    def id(self) -> int:
        """The account's id; 0 for an unknown name."""
        return self.account.id if self.account else 0


def enter(
    app: Watchword, actor: Actor, given: Given, browser: Browser, return_target: str = "/"
) -> Hashing[LoggedIn | AttemptStarted]:
    """Log in by password and recovery code. The code is used up.

    While MFA is active, the code replaces the second step, and a new code is issued. While MFA is
    pending after a reset, it replaces the enrolment code, and the secret is shown.

    Raises RecoveryCodeMalformed (nothing was looked up), LoginByRecoveryCodeFailed, Throttled,
    LoginInProgress, Busy.
    """
    normal = recovery_code_rules.normalise(given.recovery_code)
    if normal is None:
        raise RecoveryCodeMalformed
    found = _look_up(app, given.username, normal)
    held = yield from reservations.in_turn(app, _slots_for(actor, found))
    is_right = False
    if found.is_code_right:
        try:
            is_right = yield from app.pepper.verify(
                found.id, found.stored_hash, given.password, is_known=True
            )
        except Busy:
            reservations.give_back(app, held)
            raise
    with unit(app, actor) as u:
        account = _opened(u, found, normal) if is_right else None
        if account is not None:
            # As a login from a recognised browser does.
            throttles.clear(u.connection, Kind.PASSWORD, str(account.id))
        reservations.settle(u.connection, held, is_right=account is not None)
        if account is not None:
            return _finish(u, account, browser, return_target)
        _record_failure(u, found, given.username)
        pause = password_spraying.count(u, found.account)
    raise LoginByRecoveryCodeFailed(pause=pause)


def _look_up(app: Watchword, username: str, normal: str) -> _Found:
    """Look up account, code and password hash. The statements are the same for an unknown name,
    because ids start at 1.
    """
    with app.database.reading() as connection:
        account = administrators.find(connection, username)
        id_ = account.id if account else 0
        macs = lifecycle.recovery_macs(app.keyring, id_, normal)
        is_there = credentials.has_recovery_code(connection, id_, macs)
        stored = administrators.password_hash(connection, id_)
    return _Found(account, stored, is_there)


def _slots_for(actor: Actor, found: _Found) -> list[tuple[Kind, str]]:
    own = [(Kind.PASSWORD_RECOVERY_CODE, _subject(found))] if found.is_code_right else []
    return [*own, *address_kinds(actor.address, is_shared=actor.is_shared)]


def _subject(found: _Found) -> str:
    return str(found.account.id) if found.account else ""


def _opened(u: Unit, found: _Found, normal: str) -> Administrator | None:
    """Use the code up. Returns None when the account was disabled or changed during the hash, or
    another login has used the code.
    """
    account = password_login.still_usable(u, found.account)
    if account is None or not second_factor.use_recovery_code(u, account, normal):
        return None
    return account


def _finish(
    u: Unit, account: Administrator, browser: Browser, return_target: str
) -> LoggedIn | AttemptStarted:
    proxy_warnings.note(u, account)
    if account.mfa.status is not Status.ACTIVE:
        return password_login.go_on(u, account, browser, None, return_target, is_proved=True)
    login_attempts.end(u, browser.attempt)
    return second_factor.finish_by_recovery_code(u, account, browser, return_target, is_known=False)


def _record_failure(u: Unit, found: _Found, username: str) -> None:
    if found.is_code_right:
        reason = "password-beside-recovery-code"
        u.record(AuditEvent.PASSWORD_FAIL, found.account, outcome="refused", reason=reason)
    elif found.account is not None:
        refused_logins.record(u, AuditEvent.RECOVERY_FAILED, found.account, at="login")
    else:
        facts = {
            "at": "login",
            "name_digest": password_login.password_subject(u.app, None, username),
        }
        refused_logins.record(u, AuditEvent.RECOVERY_FAILED, None, **facts)
