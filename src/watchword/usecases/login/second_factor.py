"""The second step of a login: the code, the first code of an enrolment, or a recovery code."""

from __future__ import annotations

from dataclasses import replace

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
from watchword.storage import attempts, authenticators, credentials
from watchword.usecases.context import Watchword
from watchword.usecases.login import password_login
from watchword.usecases.login.password_login import Browser
from watchword.usecases.mfa import enrolment, lifecycle
from watchword.usecases.sessions.login_attempts import OpenAttempt, current_account
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import code_attempts, reservations
from watchword.usecases.throttling.reservations import Slot
from watchword.usecases.unit_of_work import Unit, unit

WITH_CODE = frozenset({Factor.PASSWORD, Factor.CODE})
WITH_RECOVERY_CODE = frozenset({Factor.PASSWORD, Factor.RECOVERY_CODE})


def code(
    app: Watchword, actor: Actor, found: OpenAttempt, typed: str, browser: Browser
) -> LoggedIn:
    """Check the code of the second step; while pending, it is the one that finalizes MFA.

    Raises AttemptEnded, CodeMalformed and CodeUnavailable (no try used up), CodeWrong,
    CodeDrifted, Throttled, LoginInProgress.
    """
    if found.step is not Step.ASK_CODE:
        return _confirm(app, actor, found, typed, browser)
    normal = totp.normalise(typed)
    if normal is None:
        raise CodeMalformed
    held = code_attempts.reserve(app, found.account, browser.known)
    with unit(app, actor) as u:
        account = current_account(u, found)
        if account is None:
            reservations.restore(u.connection, held)
            refusal = _ended(u, found)
        else:
            is_right = _is_right(u, account, normal, held)
            if is_right and attempts.delete(u.connection, found.attempt.id):
                return _finish(u, found, account, browser)
            refusal = (
                CodeUnavailable()
                if is_right is None
                else _count(u, found, AuditEvent.MFA_FAIL, CodeWrong())
            )
    raise refusal


def _is_right(u: Unit, account: Administrator, normal: str, held: list[Slot]) -> bool | None:
    """Return whether the code is right, its slot settled; None, and no try used up, when the
    secret does not open.
    """
    try:
        is_right = use_code(u, account, normal)
    except CannotDecrypt as refusal:
        record_unreadable(u, account, refusal)
        reservations.restore(u.connection, held)
        return None
    code_attempts.settle(u, account, held, is_right=is_right)
    return is_right


def record_unreadable(u: Unit, account: Administrator, refusal: CannotDecrypt) -> None:
    """Record that the account's secret does not open (a damaged row, a missing key): the other
    ways in stay open.
    """
    u.record(AuditEvent.DECRYPT_FAILED, account, outcome="failed", **_texts(refusal))


def use_code(u: Unit, account: Administrator, normal: str) -> bool:
    """Return whether the code is right and was not used before; it is used up then. Raises
    CannotDecrypt.
    """
    place = lifecycle.secret_place(account.id)
    authenticator = authenticators.totp_of(u.connection, account.id)
    if authenticator is None:
        raise CannotDecrypt(place=f"{place.table}.{place.column}")
    secret = u.app.keyring.open(place, authenticator.secret)
    window = u.app.settings.drift_window
    found = totp.find_step(secret, normal, u.now, authenticator.last_step, window=window)
    if isinstance(found, totp.Match):
        return authenticators.claim_step(u.connection, authenticator.id, found.step, u.now)
    if totp.find_step(secret, normal, u.now, -1, window=window):
        u.record(AuditEvent.MFA_REPLAY, account, outcome="refused")
    return False


def recovery_code(
    app: Watchword, actor: Actor, found: OpenAttempt, typed: str, browser: Browser
) -> LoggedIn:
    """Log in by a recovery code, which is deleted. Five tries for each attempt; 120 bits need
    no more, and the code's throttle does not close this way: it is the way back.

    The session must decide first whether to reset the secret or to keep it; the used code is
    replaced by a new one. The codes of the current and the next step are burnt with it: whoever
    read one over the owner's shoulder cannot use it in the session's first minute.
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
    """Open the session after a recovery code was used up, with another one in its place."""
    replacement = lifecycle.replace_used_recovery_code(u, account)
    lifecycle.tell_when_few_recovery_codes(u, account)
    done = password_login.finish(
        u, account, WITH_RECOVERY_CODE, browser, return_target, is_known=is_known
    )
    return replace(done, recovery_codes=(replacement,), must_decide=True)


def use_recovery_code(u: Unit, account: Administrator, typed: str) -> bool:
    """Return whether it is an unused recovery code of the account; it is used up then."""
    normal = recovery_code_rules.normalise(typed) or ""
    macs = lifecycle.recovery_macs(u.app.keyring, account.id, normal)
    if not credentials.use_recovery_code(u.connection, account.id, macs):
        return False
    authenticators.use_up_steps(u.connection, account.id, totp.time_step(u.now) + 1)
    left = credentials.recovery_codes_left(u.connection, account.id)
    u.record(AuditEvent.RECOVERY_USED, account, left=left)
    return True


def _finish(u: Unit, found: OpenAttempt, account: Administrator, browser: Browser) -> LoggedIn:
    attempt = found.attempt
    return password_login.finish(
        u, account, WITH_CODE, browser, attempt.return_target, is_known=attempt.is_known_browser
    )


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
            # The enrolment has just made every browser unknown; that is no news about this one.
            return password_login.finish(
                u, account, WITH_CODE, browser, target, codes, is_known=True
            )
        if isinstance(result, AttemptEnded):
            attempts.delete(u.connection, found.attempt.id)
    raise result


def _count(u: Unit, found: OpenAttempt, event: AuditEvent, refusal: Refusal) -> Refusal:
    """Count a wrong code against the attempt; the fifth ends it."""
    failures = attempts.count_failure(u.connection, found.attempt.id)
    u.record(event, found.account, outcome="refused", failures=failures)
    if failures >= MOST_FAILURES:
        attempts.delete(u.connection, found.attempt.id)
        u.record(AuditEvent.MFA_FAILED_OUT, found.account, outcome="refused")
        return AttemptEnded(tries=MOST_FAILURES)
    return refusal


def _ended(u: Unit, found: OpenAttempt) -> Refusal:
    """The attempt died between the two transactions: nothing was evaluated."""
    u.record(AuditEvent.MFA_FAIL, found.account, outcome="refused", reason="attempt-ended")
    return AttemptEnded()


def _texts(refusal: Refusal) -> dict[str, str | int]:
    return {k: v for k, v in refusal.facts.items() if isinstance(v, str | int)}
