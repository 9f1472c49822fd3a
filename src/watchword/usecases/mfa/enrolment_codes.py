"""Who may set a phone up while MFA is pending, when the setting `enrolment_proof` asks.

    off             whoever has the password, as the help page has it
    other_browser   the browser that pressed "Enable MFA" or "Reset Secret"; others need the code
    always          only with the code

Wrong codes share the budget of the authenticator's codes, so there is no second one.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace

from watchword.crypto import token_macs, tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.enrolment_code import (
    ASKED_OFTEN,
    BROWSER_LIFE,
    DORMANT,
    LIFE,
    MOST_FAILURES,
    EnrolmentProof,
    normalise,
)
from watchword.domain.errors import (
    AttemptEnded,
    EnrolmentCodeMalformed,
    EnrolmentCodeWrong,
    Refusal,
)
from watchword.domain.login import MOST_FAILURES as MOST_FOR_ONE_ATTEMPT
from watchword.domain.mfa import Status
from watchword.domain.secret import Secret
from watchword.domain.sessions import ENROLMENT_LIFE
from watchword.storage import attempts, audit_history
from watchword.storage import enrolment_proofs as stored
from watchword.storage.enrolment_proofs import StoredEnrolmentCode
from watchword.usecases.context import Watchword
from watchword.usecases.mfa import enrolment
from watchword.usecases.sessions.login_attempts import OpenAttempt, current_account
from watchword.usecases.throttling import code_attempts, reservations
from watchword.usecases.unit_of_work import Unit, unit


@dataclass(frozen=True)
class Issued:
    """What is given out when MFA becomes pending: nothing while the setting is off.

    `code` is shown once; `browser` is the token that makes the acting browser need none.
    """

    code: Secret | None = None
    browser: Secret | None = None


def wanted(app: Watchword) -> EnrolmentProof:
    """Return the setting."""
    return EnrolmentProof(app.settings.enrolment_proof)


def ends_with_the_password(app: Watchword, account: Administrator) -> bool:
    """Return whether another password has ended an enrolment code that the next login asks for."""
    return account.mfa.status is Status.PENDING and wanted(app) is not EnrolmentProof.OFF


def issue(u: Unit, account: Administrator, *, for_this_browser: bool = False) -> Issued:
    """Make a new code, and a browser's token where that is wanted; `account` is pending."""
    if wanted(u.app) is EnrolmentProof.OFF:
        return Issued()
    code = tokens.enrolment_code()
    mac = u.app.keyring.mac(*_mac_parts(account.id, code.reveal()))
    stored.put_code(
        u.connection, StoredEnrolmentCode(account.id, mac, account.cred_ver, u.now + LIFE, 0)
    )
    is_browser_enough = wanted(u.app) is EnrolmentProof.OTHER_BROWSER
    browser = remember(u, account) if for_this_browser and is_browser_enough else None
    return Issued(code, browser)


def remember(u: Unit, account: Administrator) -> Secret:
    """Remember the acting browser: until MFA is active, or for two weeks, it needs no code."""
    token = tokens.token()
    digest = token_macs.stored(u.app.keyring, Token.ENROLMENT_BROWSER, token.reveal(), account.id)
    stored.put_browser(u.connection, digest, account.id, account.cred_ver, u.now + BROWSER_LIFE)
    return token


def is_given(u: Unit, account: Administrator, browser_token: str | None) -> bool:
    """Return whether a login needs no code: the setting is off, or the browser is proof enough."""
    if wanted(u.app) is EnrolmentProof.OFF:
        return True
    last = account.last_login_at
    if last is not None and u.now - last > DORMANT:
        return False
    digests = token_macs.candidates(
        u.app.keyring, Token.ENROLMENT_BROWSER, browser_token, account.id
    )
    return stored.has_browser(u.connection, digests, account.id, account.cred_ver, u.now)


def tell_of_asking(u: Unit, account: Administrator) -> None:
    """Record that a login is asked for the code; the third one is told to the others."""
    u.record(AuditEvent.MFA_ENROL_CODE_REQUIRED, account)
    since = account.mfa.pending_since or u.now
    before = audit_history.count_since(
        u.connection, account.id, AuditEvent.MFA_ENROL_CODE_REQUIRED, since
    )
    if before + 1 == ASKED_OFTEN:
        u.record(AuditEvent.MFA_ENROL_CODE_AWAITED, account)


def use_code(
    app: Watchword, actor: Actor, found: OpenAttempt, typed: str, known_browser: str | None
) -> Secret:
    """Take the enrolment code of a login, which shows the QR code then. Returns the token that
    spares this browser a second code, should the person come back to it.

    Raises EnrolmentCodeMalformed (no try used up), EnrolmentCodeWrong, AttemptEnded, Throttled.
    """
    normal = normalise(typed)
    if normal is None:
        raise EnrolmentCodeMalformed
    guess = code_attempts.reserve(app, found.account, known_browser)
    with unit(app, actor) as u:
        account = current_account(u, found)
        if account is None:
            reservations.restore(u.connection, guess.slots)
            u.record(AuditEvent.MFA_ENROL_CODE_FAILED, found.account, outcome="refused",
                     reason="attempt-ended")  # fmt: skip
            refusal: Refusal = AttemptEnded()
        else:
            is_right = _is_right(u, account, normal)
            code_attempts.settle(u, account, guess, is_right=is_right)
            if is_right:
                return _prove(u, found, account)
            refusal = _count(u, found, account)
    raise refusal


def _is_right(u: Unit, account: Administrator, code: str) -> bool:
    """Return whether it is the account's code, which is used up then."""
    known = stored.code_of(u.connection, account.id, account.cred_ver, u.now)
    given = u.app.keyring.macs(*_mac_parts(account.id, code))
    is_same = known is not None and any(hmac.compare_digest(known.mac, mac) for mac in given)
    return is_same and stored.forget_code(u.connection, account.id)


def _prove(u: Unit, found: OpenAttempt, account: Administrator) -> Secret:
    proved = replace(
        found.attempt,
        is_enrolment_proved=True,
        enrolment_id=enrolment.start(u, account),
        expires_at=u.now + ENROLMENT_LIFE,
    )
    attempts.replace(u.connection, proved)
    u.record(AuditEvent.MFA_ENROL_CODE_USED, account)
    return remember(u, account)


def _count(u: Unit, found: OpenAttempt, account: Administrator) -> Refusal:
    failures = stored.count_failure(u.connection, account.id)
    u.record(AuditEvent.MFA_ENROL_CODE_FAILED, account, outcome="refused", failures=failures)
    if failures >= MOST_FAILURES:
        stored.forget_code(u.connection, account.id)
        u.record(AuditEvent.MFA_ENROL_CODE_VOID, account)
    if attempts.count_failure(u.connection, found.attempt.id) >= MOST_FOR_ONE_ATTEMPT:
        attempts.delete(u.connection, found.attempt.id)
        return AttemptEnded(tries=MOST_FOR_ONE_ATTEMPT)
    return EnrolmentCodeWrong()


def _mac_parts(administrator_id: int, code: str) -> tuple[str, str, str]:
    return "enrolment-code", str(administrator_id), code
