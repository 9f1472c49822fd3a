"""Enrolment codes, which a login may need besides the password while MFA is pending. The setting
`enrolment_proof` decides.

    off             nothing, as on the help page
    other_browser   nothing in the browser that pressed "Enable MFA" or "Reset Secret", else the code
    always          the code

Wrong enrolment codes count towards the limits of the authenticator's codes.
"""

from __future__ import annotations

import hmac

from msgspec import Struct
from msgspec.structs import replace

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


class Issued(Struct, frozen=True):
    """The secrets that are issued when MFA becomes pending; none while the setting is off.

    `code` is shown once. A browser with the token `browser` needs no code.
    """

    code: Secret | None = None
    browser: Secret | None = None


def wanted(app: Watchword) -> EnrolmentProof:
    """Return the setting."""
    return EnrolmentProof(app.settings.enrolment_proof)


def ends_with_the_password(app: Watchword, account: Administrator) -> bool:
    """Return whether a new password invalidates an enrolment code that the next login needs."""
    return account.mfa.status is Status.PENDING and wanted(app) is not EnrolmentProof.OFF


def issue(u: Unit, account: Administrator, *, for_this_browser: bool = False) -> Issued:
    """Create a code, and a browser's token if the setting allows it. `account` is pending."""
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
    """Remember the acting browser. It needs no code until MFA is active, for two weeks at most."""
    token = tokens.token()
    digest = token_macs.stored(u.app.keyring, Token.ENROLMENT_BROWSER, token.reveal(), account.id)
    stored.put_browser(u.connection, digest, account.id, account.cred_ver, u.now + BROWSER_LIFE)
    return token


def is_given(u: Unit, account: Administrator, browser_token: str | None) -> bool:
    """Return whether a login needs no code, by the setting or by the browser's token."""
    if wanted(u.app) is EnrolmentProof.OFF:
        return True
    last = account.last_login_at
    if last is not None and u.now - last > DORMANT:
        return False
    digests = token_macs.candidates(
        u.app.keyring, Token.ENROLMENT_BROWSER, browser_token, account.id
    )
    return stored.has_browser(u.connection, digests, account.id, account.cred_ver, u.now)


def record_demand(u: Unit, account: Administrator) -> None:
    """Record that a login needs the code. The third time, other administrators are notified."""
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
    """Check the enrolment code of a login, which shows the QR code afterwards. Returns a token with
    which this browser needs no second code.

    Raises EnrolmentCodeMalformed (not counted), EnrolmentCodeWrong, AttemptEnded, Throttled.
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
    """Use up the account's enrolment code. Returns False for a wrong one."""
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
