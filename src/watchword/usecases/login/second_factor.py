"""The second step of a login: the code, the first code of an enrolment, or a recovery code."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain import totp
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import (
    AttemptEnded,
    CodeMalformed,
    CodeUnavailable,
    CodeWrong,
    RecoveryCodeMalformed,
    RecoveryCodeWrong,
    Refusal,
)
from watchword.domain.login import MOST_FAILURES, Factor, Step
from watchword.domain.operational_errors import CannotDecrypt
from watchword.storage import administrators, attempts, authenticators, credentials
from watchword.storage.authenticators import Totp
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_login
from watchword.usecases.login.password_login import Browser
from watchword.usecases.mfa import enrolment, lifecycle
from watchword.usecases.sessions.login_attempts import OpenAttempt, current_account
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import code_attempts, reservations
from watchword.usecases.throttling.code_attempts import Guess
from watchword.usecases.unit_of_work import Unit, unit

WITH_CODE = frozenset({Factor.PASSWORD, Factor.CODE})
_FIRST: Final = -1
"""Before every step."""
WITH_RECOVERY_CODE = frozenset({Factor.PASSWORD, Factor.RECOVERY_CODE})


def code(
    app: Watchword, actor: Actor, found: OpenAttempt, typed: str, browser: Browser
) -> LoggedIn:
    """Check the code of the second step. While MFA is pending, the code completes the enrolment.

    Raises AttemptEnded, CodeMalformed and CodeUnavailable (not counted), CodeWrong, CodeDrifted,
    Throttled, LoginInProgress.
    """
    if found.step is not Step.ASK_CODE:
        return _confirm(app, actor, found, typed, browser)
    normal = totp.normalise(typed)
    if normal is None:
        raise CodeMalformed
    guess = code_attempts.reserve(app, found.account, browser.known)
    now = app.clock.now()
    try:
        secret = _secret(app, found.account, found.totp)
    except CannotDecrypt as unreadable:
        raise _refused(app, actor, found, guess, unreadable=unreadable) from None
    after = found.totp.last_step if found.totp else 0
    step = _step(app, secret, normal, now, after)
    if step is not None and (done := _complete(app, actor, found, guess, step, browser)):
        return done
    is_used = _step(app, secret, normal, now, _FIRST) is not None
    raise _refused(app, actor, found, guess, is_used=is_used)


class _Changed(Exception):  # noqa: N818 - rolls a transaction back
    """The account, the authenticator or the attempt is no longer as it was read."""


def _complete(
    app: Watchword, actor: Actor, found: OpenAttempt, guess: Guess, step: int, browser: Browser
) -> LoggedIn | None:
    """Log in by the code of a step, if account, authenticator and attempt are as they were read:
    each is compared by a conditional statement. Returns None, and stores nothing, if not.
    """
    account, attempt = found.account, found.attempt
    try:
        with unit(app, actor) as u:
            _take(u, found, step)
            code_attempts.settle(u, account, guess, is_right=True)
            return password_login.open_session(
                u, account, WITH_CODE, browser, attempt.return_target,
                is_known=attempt.is_known_browser,
            )  # fmt: skip
    except _Changed:
        return None


def _take(u: Unit, found: OpenAttempt, step: int) -> None:
    """Record the login, and use up code and attempt. Raises _Changed."""
    is_done = (
        administrators.record_login(u.connection, found.account, u.actor.address, u.now)
        and found.totp is not None
        and _claim(u, found.totp, step)
        and attempts.delete_open(u.connection, found.attempt.id, u.now)
    )
    if not is_done:
        raise _Changed


def _refused(
    app: Watchword,
    actor: Actor,
    found: OpenAttempt,
    guess: Guess,
    *,
    is_used: bool = False,
    unreadable: CannotDecrypt | None = None,
) -> Refusal:
    """Count a wrong code, unless nothing could be checked. `is_used` for a code that was correct
    and was used before.
    """
    with unit(app, actor) as u:
        account = current_account(u, found)
        if account is None:
            reservations.restore(u.connection, guess.slots)
            return _ended(u, found)
        if unreadable is not None:
            record_unreadable(u, account, unreadable)
            reservations.restore(u.connection, guess.slots)
            return CodeUnavailable()
        if is_used:
            u.record(AuditEvent.MFA_REPLAY, account, outcome="refused")
        code_attempts.settle(u, account, guess, is_right=False)
        refusal = CodeWrong(cause="used") if is_used else CodeWrong()
        return _count(u, found, AuditEvent.MFA_FAIL, refusal)


def record_unreadable(u: Unit, account: Administrator, refusal: CannotDecrypt) -> None:
    """Record that the account's secret does not open (a damaged row, a missing key). A recovery
    code still works.
    """
    u.record(AuditEvent.DECRYPT_FAILED, account, outcome="failed", **_texts(refusal))


def use_code(u: Unit, account: Administrator, normal: str) -> bool:
    """Use a code up. Returns False for a wrong code and for one that was used before. Raises
    CannotDecrypt.
    """
    authenticator = authenticators.totp_of(u.connection, account.id)
    secret = _secret(u.app, account, authenticator)
    after = authenticator.last_step if authenticator else 0
    step = _step(u.app, secret, normal, u.now, after)
    if step is not None and authenticator is not None:
        return _claim(u, authenticator, step)
    if _step(u.app, secret, normal, u.now, _FIRST) is not None:
        u.record(AuditEvent.MFA_REPLAY, account, outcome="refused")
    return False


def _secret(app: Watchword, account: Administrator, authenticator: Totp | None) -> bytes:
    place = lifecycle.secret_place(account.id)
    if authenticator is None:
        raise CannotDecrypt(place=f"{place.table}.{place.column}")
    return app.keyring.open(place, authenticator.secret)


def _step(app: Watchword, secret: bytes, normal: str, now: datetime, after: int) -> int | None:
    """Return the step of a correct code, if it is later than `after`."""
    found = totp.find_step(secret, normal, now, after, window=app.settings.drift_window)
    return found.step if isinstance(found, totp.Match) else None


def _claim(u: Unit, authenticator: Totp, step: int) -> bool:
    return authenticators.claim_step(u.connection, authenticator.id, step, u.now)


def recovery_code(
    app: Watchword, actor: Actor, found: OpenAttempt, typed: str, browser: Browser
) -> LoggedIn:
    """Log in by a recovery code, which is deleted and replaced by a new one. Each login attempt
    has five tries, which is enough for 120 bits. A closed authenticator does not close this
    login, because it is the way to reset the secret.

    The session must first decide whether to reset or to keep the secret. The codes of the current
    and the next step become invalid, so that an attacker who has seen one cannot use it.
    """
    if found.step is not Step.ASK_CODE:
        raise AttemptEnded
    if recovery_code_rules.normalise(typed) is None:
        raise RecoveryCodeMalformed
    with unit(app, actor) as u:
        account = current_account(u, found)
        if account is None:
            raise AttemptEnded
        is_right = use_recovery_code(u, account, typed)
        if is_right and attempts.delete(u.connection, found.attempt.id):
            target, is_known = found.attempt.return_target, found.attempt.is_known_browser
            return finish_by_recovery_code(u, account, browser, target, is_known=is_known)
        refusal = _count(u, found, AuditEvent.RECOVERY_FAILED, RecoveryCodeWrong())
    raise refusal


def finish_by_recovery_code(
    u: Unit, account: Administrator, browser: Browser, return_target: str, *, is_known: bool
) -> LoggedIn:
    """Open the session after a recovery code was used, and issue a replacement."""
    replacement = lifecycle.replace_used_recovery_code(u, account)
    lifecycle.record_when_few_recovery_codes(u, account)
    done = password_login.finish(
        u, account, WITH_RECOVERY_CODE, browser, return_target, is_known=is_known
    )
    return replace(done, recovery_codes=(replacement,), must_decide=True)


def use_recovery_code(u: Unit, account: Administrator, typed: str) -> bool:
    """Use up a recovery code. Returns False when the account has no such unused code."""
    normal = recovery_code_rules.normalise(typed) or ""
    macs = lifecycle.recovery_macs(u.app.keyring, account.id, normal)
    if not credentials.use_recovery_code(u.connection, account.id, macs):
        return False
    # A code that an attacker has seen must not work after this login.
    latest = totp.latest_acceptable(u.now, u.app.settings.drift_window)
    authenticators.use_up_steps(u.connection, account.id, latest)
    left = credentials.recovery_codes_left(u.connection, account.id)
    u.record(AuditEvent.RECOVERY_USED, account, left=left)
    return True


def _confirm(
    app: Watchword, actor: Actor, found: OpenAttempt, typed: str, browser: Browser
) -> LoggedIn:
    with unit(app, actor) as u:
        account = current_account(u, found)
        if account is None:
            raise AttemptEnded
        result = enrolment.confirm(u, account, found.attempt.enrolment_id, typed)
        if isinstance(result, CodeMalformed):
            raise result
        if not isinstance(result, Refusal):
            account, codes = result
            target = found.attempt.return_target
            # The enrolment has just forgotten all browsers, so this one is not a new browser.
            return password_login.finish(
                u, account, WITH_CODE, browser, target, codes, is_known=True
            )
        if isinstance(result, AttemptEnded):
            attempts.delete(u.connection, found.attempt.id)
    raise result


def _count(u: Unit, found: OpenAttempt, event: AuditEvent, refusal: Refusal) -> Refusal:
    """Count a wrong code against the attempt. The fifth ends it."""
    failures = attempts.count_failure(u.connection, found.attempt.id)
    u.record(event, found.account, outcome="refused", failures=failures)
    if failures >= MOST_FAILURES:
        attempts.delete(u.connection, found.attempt.id)
        u.record(AuditEvent.MFA_FAILED_OUT, found.account, outcome="refused")
        return AttemptEnded(tries=MOST_FAILURES)
    return refusal


def _ended(u: Unit, found: OpenAttempt) -> Refusal:
    """Record that the attempt has ended since the code was reserved; nothing was evaluated."""
    u.record(AuditEvent.MFA_FAIL, found.account, outcome="refused", reason="attempt-ended")
    return AttemptEnded()


def _texts(refusal: Refusal) -> dict[str, str | int]:
    return {k: v for k, v in refusal.facts.items() if isinstance(v, str | int)}
