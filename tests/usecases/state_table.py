"""The state table: precondition, next state, ended credentials and records of each event.

    D disabled   P0 pending, was disabled   PR pending again, was active   A active
    A+locked     active, after a hundred wrong codes in a row

`ends` lists the credentials that the event ends; all others stay. In each state the tests give
the account one of each credential, even if it could not have it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import (
    CodeClosed,
    CodeWrong,
    EnrolmentCodeWrong,
    LastAdministrator,
    LoginFailed,
    OwnAccount,
    ProofNeeded,
    RecoveryCodeWrong,
    Refusal,
)


class Held(StrEnum):
    """Credentials and counts of an account."""

    ACTING = "the acting session"
    SESSION = "another session"
    ATTEMPT = "an unfinished login, with its secret"
    TICKET = "the enrolment code"
    BROWSER = "the browser that needs no enrolment code"
    DEVICE = "a recognised browser"
    RECOVERY = "the recovery codes"
    API = "the API password"
    SECRET = "the active secret"
    COUNT = "the count of wrong codes"
    PASSWORD = "the password"


H = Held
TICKETS: Final = frozenset({H.TICKET, H.BROWSER})
LOGINS: Final = frozenset({H.ATTEMPT, *TICKETS})
"""The unfinished logins of an account, and the credentials for an enrolment."""
OPEN: Final = LOGINS | {H.SESSION, H.DEVICE}
"""All open credentials except the acting session."""
ALL: Final = frozenset(Held)
OTHER_INTERFACES: Final = ("off", "always")
U, ADM = "U", "ADM"
BOTH: Final = frozenset({U, ADM})


@dataclass(frozen=True)
class Row:
    """One row. `without` is the refusal without the precondition, None if there is none. `audit`
    are all the recorded events. `shown_to` lists who sees one at the next login.
    """

    start: str
    event: str
    to: str
    without: type[Refusal] | None = None
    ends: frozenset[Held] = frozenset()
    audit: frozenset[E] = frozenset()
    shown_to: frozenset[str] = frozenset()
    settings: tuple[str, ...] = OTHER_INTERFACES


def _row(
    start: str,
    event: str,
    to: str,
    without: type[Refusal] | None,
    ends: frozenset[Held] | set[Held],
    audit: set[E],
    shown_to: str = "",
    settings: tuple[str, ...] = OTHER_INTERFACES,
) -> Row:
    parts = frozenset(shown_to.split())
    return Row(start, event, to, without, frozenset(ends), frozenset(audit), parts, settings)


NOTHING: Final[frozenset[Held]] = frozenset()
ACTIVATED: Final = {E.MFA_ENROL_CONFIRMED, E.RECOVERY_GENERATED}
MFA_ENDS: Final = OPEN | {H.SECRET, H.RECOVERY, H.COUNT}
ENDED_BY_OTHER: Final = MFA_ENDS | {H.ACTING, H.API}

# fmt: off
ROWS: Final = (
    # --- enabling and enrolling --------------------------------------------------------------
    # Recognised browsers are bound to `cred_ver`: each change of the status ends them.
    _row("D", "enable by self", "P0", ProofNeeded, OPEN, {E.MFA_ENABLE}, "U"),
    _row("D", "enable by other", "P0", ProofNeeded, OPEN | {H.ACTING}, {E.MFA_ENABLE},
         "U ADM"),
    _row("D", "enable by other on oneself", "D", OwnAccount, NOTHING, set()),
    _row("D", "finish now", "A", ProofNeeded, OPEN | {H.COUNT, H.RECOVERY}, {E.MFA_ENABLE,
         E.MFA_ENROL_SHOWN, *ACTIVATED}, "U"),
    _row("D", "login by password", "D", LoginFailed, NOTHING, {E.LOGIN, E.NEW_BROWSER}, "U"),
    *(
        row
        for start in ("P0", "PR")
        for row in (
            # Two logins with different secrets: the second page view is shown to the account.
            _row(start, "login, proved", start, LoginFailed, NOTHING, {E.PASSWORD_OK,
                 E.MFA_ENROL_SHOWN, E.MFA_ENROL_SHOWN_AGAIN}, "U", ("off", "other_browser")),
            _row(start, "login, not proved", start, LoginFailed, NOTHING, {E.PASSWORD_OK,
                 E.MFA_ENROL_CODE_REQUIRED}, "U", settings=("always",)),
            _row(start, "three logins, not proved", start, LoginFailed, NOTHING, {E.PASSWORD_OK,
                 E.MFA_ENROL_CODE_REQUIRED, E.MFA_ENROL_CODE_AWAITED}, "U ADM",
                 settings=("always",)),
            _row(start, "enrolment code right", start, EnrolmentCodeWrong, {H.TICKET, H.COUNT},
                 {E.PASSWORD_OK, E.MFA_ENROL_CODE_REQUIRED, E.MFA_ENROL_CODE_USED}, "U",
                 settings=("always",)),
            _row(start, "enrolment code wrong five times", start, None, NOTHING, {E.PASSWORD_OK,
                 E.MFA_ENROL_CODE_REQUIRED, E.MFA_ENROL_CODE_FAILED}, "U", settings=("always",)),
            _row(start, "enrolment code wrong twenty times", start, None, {H.TICKET},
                 {E.PASSWORD_OK, E.MFA_ENROL_CODE_REQUIRED, E.MFA_ENROL_CODE_AWAITED,
                 E.MFA_ENROL_CODE_FAILED, E.MFA_ENROL_CODE_VOID}, "U ADM", settings=("always",)),
            _row(start, "first code wrong five times", start, None, {H.ATTEMPT},
                 {E.MFA_ENROL_FAILED}),
            _row(start, "first code right", "A", CodeWrong, OPEN | {H.ACTING, H.COUNT, H.RECOVERY},
                 {*ACTIVATED, E.LOGIN}, "U"),
            _row(start, "two weeks pass", start, None, TICKETS, {E.MFA_PENDING_EXPIRED}, "U ADM"),
            _row(start, "API with the regular password", start, None, NOTHING, {E.API_AUTH_FAIL}),
            _row(start, "disable by other", "D", ProofNeeded, ENDED_BY_OTHER - {H.SECRET},
                 {E.MFA_DISABLE, E.API_PASSWORD_REVOKED}, "U ADM"),
            _row(start, "disable on the command line", "D", None, ENDED_BY_OTHER - {H.SECRET,
                 H.API}, {E.MFA_DISABLE}, "U ADM"),
        )
    ),
    # The design notifies the account only; like every end of MFA, it is shown to others too.
    _row("P0", "disable by self", "D", ProofNeeded, OPEN | {H.COUNT, H.RECOVERY}, {E.MFA_DISABLE},
         "U ADM"),
    # After a reset only a recovery code proves more than the password.
    _row("PR", "disable by self, proved before the reset", "PR", ProofNeeded, NOTHING, set(),
         settings=("always", "other_browser")),
    _row("PR", "disable by self, proved by a recovery code", "D", ProofNeeded, OPEN | {H.COUNT,
         H.RECOVERY}, {E.MFA_DISABLE, E.RECOVERY_USED, E.REAUTH_OK}, "U ADM", settings=("always",
         "other_browser")),
    _row("PR", "disable by self", "D", ProofNeeded, OPEN | {H.COUNT, H.RECOVERY}, {E.MFA_DISABLE},
         "U ADM", settings=("off",)),
    # --- active ------------------------------------------------------------------------------
    _row("A", "login by code", "A", CodeWrong, {H.ATTEMPT, H.COUNT}, {E.LOGIN, E.NEW_BROWSER}, "U"),
    _row("A", "code wrong five times", "A", None, {H.ATTEMPT}, {E.MFA_FAIL, E.MFA_FAILED_OUT}, "U"),
    _row("A", "code wrong for the hundredth time", "A+locked", None, {H.ATTEMPT}, {E.MFA_FAIL,
         E.MFA_LOCKED}, "U ADM"),
    _row("A+locked", "code right", "A+locked", CodeClosed, NOTHING, set()),
    *(
        _row(start, "login by recovery code", start, RecoveryCodeWrong, {H.ATTEMPT}, {E.LOGIN,
             E.NEW_BROWSER, E.RECOVERY_USED, E.RECOVERY_GENERATED}, "U ADM")
        for start in ("A", "A+locked")
    ),
    _row("A", "recovery codes run out", "A", None, NOTHING, {E.RECOVERY_USED, E.RECOVERY_LOW,
         E.REAUTH_OK}, "U ADM"),
    _row("A", "new recovery codes", "A", ProofNeeded, {H.RECOVERY}, {E.RECOVERY_GENERATED}),
    _row("A", "sixty wrong codes in a month", "A", None, NOTHING, {E.MFA_FAIL, E.MFA_MANY_FAILURES},
         "U ADM"),
    *(
        row
        for start in ("A", "A+locked")
        for row in (
            _row(start, "reset by self", "PR", ProofNeeded, MFA_ENDS - {H.RECOVERY}, {E.MFA_RESET},
                 "U"),
            _row(start, "reset by other", "PR", ProofNeeded, ENDED_BY_OTHER, {E.MFA_RESET,
                 E.API_PASSWORD_REVOKED}, "U ADM"),
            _row(start, "reset on the command line", "PR", None, ENDED_BY_OTHER - {H.API},
                 {E.MFA_RESET}, "U ADM"),
            _row(start, "disable by self", "D", ProofNeeded, MFA_ENDS, {E.MFA_DISABLE}, "U ADM"),
            _row(start, "disable by other", "D", ProofNeeded, ENDED_BY_OTHER, {E.MFA_DISABLE,
                 E.API_PASSWORD_REVOKED}, "U ADM"),
            _row(start, "disable by other, API password kept", "D", ProofNeeded, ENDED_BY_OTHER -
                 {H.API}, {E.MFA_DISABLE}, "U ADM"),
            _row(start, "disable on the command line", "D", None, ENDED_BY_OTHER - {H.API},
                 {E.MFA_DISABLE}, "U ADM"),
        )
    ),
    # Only a new secret ends the lock.
    _row("A+locked", "unlocked", "A+locked", ProofNeeded, NOTHING, {E.ADMINISTRATOR_UNLOCKED}),
    _row("A", "reset by other on oneself", "A", OwnAccount, NOTHING, set()),
    _row("A", "a secret that does not open", "A", None, NOTHING, {E.DECRYPT_FAILED}, "ADM"),
    # --- whatever the status -----------------------------------------------------------------
    *(
        row
        for start in ("D", "P0", "PR", "A")
        for row in (
            _row(start, "password change by self", start, ProofNeeded, OPEN | {H.PASSWORD},
                 {E.REAUTH_OK, E.PASSWORD_CHANGED}, "U"),
            _row(start, "password set by other", start, ProofNeeded, OPEN | {H.ACTING, H.PASSWORD},
                 {E.PASSWORD_RESET}, "U ADM"),
            _row(start, "a hundred wrong passwords", start, None, NOTHING, {E.PASSWORD_FAIL,
                 E.DEVICE_CLOSED}, "U ADM"),
            _row(start, "account disabled", start, ProofNeeded, OPEN | {H.ACTING, H.API},
                 {E.ADMINISTRATOR_DISABLED}, "U ADM"),
            _row(start, "account enabled again", start, ProofNeeded, OPEN | {H.ACTING, H.API},
                 {E.ADMINISTRATOR_DISABLED, E.ADMINISTRATOR_ENABLED}, "U ADM"),
            _row(start, "account enabled again after long disuse", start, ProofNeeded, OPEN |
                 {H.ACTING, H.API}, {E.ADMINISTRATOR_DISABLED, E.ADMINISTRATOR_ENABLED}, "U ADM"),
            _row(start, "deleted", "gone", ProofNeeded, ALL, {E.ADMINISTRATOR_DELETED}, "ADM"),
            _row(start, "unlocked", start, ProofNeeded, {H.COUNT}, {E.ADMINISTRATOR_UNLOCKED}),
            _row(start, "all sessions ended by other", start, ProofNeeded, {H.ACTING, H.SESSION},
                 {E.SESSION_ENDED}),
            _row(start, "API password generated", start, ProofNeeded, {H.API},
                 {E.API_PASSWORD_GENERATED}, "U"),
            _row(start, "API password revoked by self", start, ProofNeeded, {H.API},
                 {E.API_PASSWORD_REVOKED}, "U"),
            _row(start, "API password revoked by other", start, ProofNeeded, {H.API},
                 {E.API_PASSWORD_REVOKED}, "U"),
            _row(start, "API password used for the first time", start, LoginFailed, NOTHING,
                 {E.API_PASSWORD_FIRST_USE}),
            _row(start, "API password used from another network", start, LoginFailed, NOTHING,
                 {E.API_PASSWORD_FIRST_USE, E.API_PASSWORD_NEW_NETWORK}, "U"),
            _row(start, "restore", start, None, OPEN | {H.ACTING, H.RECOVERY}, {E.SYSTEM_RESTORED},
                 "ADM"),
            _row(start, "restore, API passwords too", start, None, OPEN | {H.ACTING, H.RECOVERY,
                 H.API}, {E.SYSTEM_RESTORED, E.API_PASSWORD_REVOKED}, "U ADM"),
            _row(start, "key rotation", start, None, NOTHING, {E.KEY_ROTATED}, "ADM"),
        )
    ),
    _row("D", "last one disabled", "D", LastAdministrator, NOTHING, set()),
    _row("D", "last one deleted", "D", LastAdministrator, NOTHING, set()),
)
# fmt: on

OUT_OF_SCOPE: Final = {
    "policy 'MFA required'": "a later step: no such policy exists",
    "login with passkey": "a later step: there are no passkeys",
    "notices by mail and webhook": "a later step: banners show them",
    "renamed": "a username cannot be changed; full name and e-mail address can",
    "password reset by link": "there is no such link; another administrator sets the password",
}

WITHOUT_A_ROW: Final = {
    E.MFA_ENROL_STARTED: "'Finish now' again, when the first secret is too old: nothing changes",
    E.MFA_REPLAY: "in addition to mfa.fail, when the wrong code was valid before",
    E.RECOVERY_FAILED: "a wrong recovery code: counts for its login only",
    E.ADMINISTRATOR_CREATED: "there is no state before it",
    E.ADMINISTRATOR_CHANGED: "full name and e-mail address",
    E.API_PASSWORD_OLD_ENDED: "a part of the API password; tested in test_api_password_overlap.py",
    E.ROLE_CHANGED: "the role; tested in test_roles.py",
    E.KEY_RETIRED: "a change of the keyring by the operator; tested in test_key_rotation.py",
}
"""Events without a row, and the reason."""
CHANGES: Final = ("mfa.", "recovery.", "api_password.", "administrator.", "auth.password_changed",
                  "auth.password_reset", "auth.device_closed", "crypto.", "system.restored")  # fmt: skip
"""Prefixes of events that change MFA, passwords, accounts, API passwords or keys."""
