"""Re-authentication in a session, the page "Confirm it is you" (ASVS 5.0, 7.5.1).

Five wrong answers end the session. Otherwise an attacker with a stolen session could guess the
password here. An attempt is counted before it is evaluated, so that parallel guesses share the
five. A failure also counts towards the account's password limit.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto.passwords import Hashing
from watchword.domain import recovery_codes as recovery_code_rules
from watchword.domain import totp
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.enrolment_code import EnrolmentProof
from watchword.domain.errors import (
    Busy,
    CodeMalformed,
    CodeUnavailable,
    ProofFailed,
    ProofNeeded,
    RecoveryCodeMalformed,
    Refusal,
    SessionEnded,
)
from watchword.domain.mfa import Status
from watchword.domain.operational_errors import CannotDecrypt
from watchword.domain.secret import Secret
from watchword.domain.sessions import PROOF_FAILURES, has_recent_proof
from watchword.storage import administrators
from watchword.storage import sessions as stored
from watchword.usecases.context import Watchword
from watchword.usecases.login.second_factor import record_unreadable, use_code, use_recovery_code
from watchword.usecases.mfa import enrolment_codes, lifecycle
from watchword.usecases.sessions.sessions import Principal, rotated
from watchword.usecases.throttling import code_attempts, password_attempts, reservations
from watchword.usecases.throttling.code_attempts import Guess
from watchword.usecases.unit_of_work import Unit, bookkeeping, unit


class Answer(Struct, frozen=True):
    """The answer to the page, with `code` or `recovery_code` when MFA is active. `known_browser` is
    the token of a recognised browser.
    """

    password: Secret
    code: str = ""
    recovery_code: str = ""
    known_browser: str | None = None


def is_recent(app: Watchword, principal: Principal) -> bool:
    """Return whether the session has a recent re-authentication."""
    return has_recent_proof(principal.session, app.limits, app.clock.now())


def needs_code(principal: Principal) -> bool:
    """Return whether the page asks for a code in addition to the password."""
    return principal.account.mfa.status is Status.ACTIVE


def needs_recovery_code(app: Watchword, principal: Principal) -> bool:
    """Return whether the page asks for a recovery code. After a reset there is no other second
    factor. Not while `enrolment_proof` is off: then the password is enough to enrol.
    """
    is_reset = principal.account.mfa.pending_from is Status.ACTIVE
    return is_reset and enrolment_codes.wanted(app) is not EnrolmentProof.OFF


def demand_for_disabling(app: Watchword, principal: Principal) -> None:
    """Raise ProofNeeded after a reset, if the last re-authentication is older than the reset."""
    since = principal.account.mfa.pending_since
    is_older = since is not None and principal.session.proved_at <= since
    if needs_recovery_code(app, principal) and is_older:
        raise ProofNeeded


def give(app: Watchword, actor: Actor, principal: Principal, answer: Answer) -> Hashing[Principal]:
    """Check the answer. Returns the session with its re-authentication and a new token.

    Raises ProofFailed, SessionEnded (after the fifth wrong answer), CodeMalformed,
    RecoveryCodeMalformed and CodeUnavailable (not counted), Throttled, LoginInProgress, Busy.
    """
    by_recovery = needs_recovery_code(app, principal)
    with_code = needs_code(principal) or by_recovery
    if with_code:
        _demand_well_formed(answer, by_recovery=by_recovery)
    return (yield from _check(app, actor, principal, answer, with_code=with_code))


def give_password(
    app: Watchword, actor: Actor, principal: Principal, password: Secret
) -> Hashing[None]:
    """Check the password only. The session must have a recent re-authentication. Its time stays,
    because with MFA active it included a code. Raises as `give`.
    """
    yield from _check(app, actor, principal, Answer(password), with_code=False, renews=False)


def _check(
    app: Watchword,
    actor: Actor,
    principal: Principal,
    answer: Answer,
    *,
    with_code: bool,
    renews: bool = True,
) -> Hashing[Principal]:
    by_code = with_code and not answer.recovery_code
    guess: Guess | None = None
    if by_code:
        guess = yield from code_attempts.in_turn(app, principal.account, answer.known_browser)
    held = guess.slots if guess else []
    try:
        is_password_right = yield from _is_password_right(app, actor, principal, answer.password)
        with unit(app, actor) as u:
            account = _unchanged(u, principal)
            is_right: bool | None = is_password_right
            if is_password_right and with_code:
                is_right = _is_second_factor_right(u, account, answer)
            if is_password_right and guess and is_right is not None:
                code_attempts.settle(u, account, guess, is_right=is_right)
            else:
                # The code was not evaluated, because the password was wrong or the secret does
                # not open. Counting it would show whether it was correct.
                reservations.restore(u.connection, held)
            refusal = _settled(u, account, principal, is_right=is_right)
            if refusal is None:
                return _proved(u, principal, renews=renews)
    except (Busy, SessionEnded):  # nothing was evaluated, or the evaluation was rolled back
        reservations.give_back(app, held)
        raise
    raise refusal


def _is_password_right(
    app: Watchword, actor: Actor, principal: Principal, password: Secret
) -> Hashing[bool]:
    hash_ = _count_try(app, actor, principal)
    try:
        return (yield from app.pepper.verify(principal.account.id, hash_, password, is_known=True))
    except Busy:
        with bookkeeping(app) as u:
            stored.take_proof_failure_back(u.connection, principal.session.id)
        raise


def _settled(
    u: Unit, account: Administrator, principal: Principal, *, is_right: bool | None
) -> Refusal | None:
    """Count a wrong answer and return the refusal; None after a correct one. `is_right` is None
    when the code could not be evaluated. Then the answer is not counted.
    """
    if is_right:
        return None
    if is_right is None:
        stored.take_proof_failure_back(u.connection, principal.session.id)
        return CodeUnavailable()
    password_attempts.count_failure(u, account)
    u.record(AuditEvent.REAUTH_FAIL, account, outcome="refused")
    if stored.proof_failures(u.connection, principal.session.id) < PROOF_FAILURES:
        return ProofFailed()
    _end(u, principal)
    return SessionEnded(cause="proof")


def _proved(u: Unit, principal: Principal, *, renews: bool) -> Principal:
    proved_at = u.now if renews else principal.session.proved_at
    session = replace(principal.session, proved_at=proved_at, proof_failures=0)
    if not stored.set_proof(u.connection, session.id, proved_at):
        raise SessionEnded
    u.record(AuditEvent.REAUTH_OK, principal.account)
    new_token = rotated(u, session, principal.token_digest) if renews else None
    return replace(principal, session=session, new_token=new_token)


def _demand_well_formed(answer: Answer, *, by_recovery: bool) -> None:
    if answer.recovery_code or by_recovery:
        if recovery_code_rules.normalise(answer.recovery_code) is None:
            raise RecoveryCodeMalformed
    elif totp.normalise(answer.code) is None:
        raise CodeMalformed


def _count_try(app: Watchword, actor: Actor, principal: Principal) -> str | None:
    """Count the attempt before it is evaluated. Returns the stored hash. Raises SessionEnded."""
    with bookkeeping(app) as u:
        tries = stored.count_proof_failure(u.connection, principal.session.id)
        hash_ = administrators.password_hash(u.connection, principal.account.id)
        if tries > PROOF_FAILURES:  # five parallel answers are being evaluated
            u.actor = actor
            _end(u, principal)
    if not 0 < tries <= PROOF_FAILURES:
        raise SessionEnded(cause="proof") if tries else SessionEnded()
    return hash_


def _end(u: Unit, principal: Principal) -> None:
    stored.delete(u.connection, principal.session.id)
    u.record(AuditEvent.SESSION_ENDED, principal.account, reason="proof-failures")


def _unchanged(u: Unit, principal: Principal) -> Administrator:
    account = administrators.get(u.connection, principal.account.id, for_change=True)
    if account is None or account.cred_ver != principal.session.cred_ver:
        raise SessionEnded(cause="changed")
    return account


def _is_second_factor_right(u: Unit, account: Administrator, answer: Answer) -> bool | None:
    """Return whether the code or recovery code is correct; None when the secret does not open."""
    if answer.recovery_code:
        is_right = use_recovery_code(u, account, answer.recovery_code)
        lifecycle.record_when_few_recovery_codes(u, account)
        return is_right
    try:
        return use_code(u, account, totp.normalise(answer.code) or "")
    except CannotDecrypt as refusal:
        record_unreadable(u, account, refusal)
        return None
