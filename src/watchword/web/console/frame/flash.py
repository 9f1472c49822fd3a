"""Flash notices: the result of an action, shown once on the next page.

The session stores a notice as a name, so the page shows it in its own language. After an action on
another account the notice contains that account's username.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from msgspec import Struct

from watchword.i18n import N_, _

MOST_SHOWN: Final = 40
"""Characters of a username in a sentence. The middle of a longer one is left out."""
_END: Final = 10


class Notice(StrEnum):
    """Names of notices, as stored in a session."""

    MFA_ENABLED = "mfa-enabled"
    MFA_DISABLED = "mfa-disabled"
    SECRET_RESET = "secret-reset"
    API_PASSWORD_REVOKED = "api-password-revoked"
    OLD_API_PASSWORD_ENDED = "old-api-password-ended"
    OTHERS_API_PASSWORD_REVOKED = "others-api-password-revoked"
    PASSWORD_CHANGED = "password-changed"
    PASSWORD_CHANGED_API_TOO = "password-changed-api-too"
    ADMINISTRATOR_CREATED = "administrator-created"
    SAVED = "saved"
    SAVED_WITH_GROUPS = "saved-with-groups"
    MADE_ADMINISTRATOR = "made-administrator"
    MADE_MEMBER = "made-member"
    PASSWORD_SET = "password-set"
    PASSWORD_SET_CODE_ENDED = "password-set-code-ended"
    OTHERS_MFA_ENABLED = "others-mfa-enabled"
    OTHERS_MFA_DISABLED = "others-mfa-disabled"
    OTHERS_SECRET_RESET = "others-secret-reset"
    SESSIONS_ENDED = "sessions-ended"
    SESSION_ENDED = "session-ended"
    OTHER_SESSIONS_ENDED = "other-sessions-ended"
    BROWSER_FORGOTTEN = "browser-forgotten"
    OTHERS_BROWSER_FORGOTTEN = "others-browser-forgotten"
    UNLOCKED = "unlocked"
    UNLOCKED_BUT_CODES = "unlocked-but-codes"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    LOCKED_DOWN = "locked-down"
    DELETED = "deleted"
    TIME_ZONE_SAVED = "time-zone-saved"
    APPLICATION_CREATED = "application-created"
    APPLICATION_SAVED = "application-saved"
    APPLICATION_ENABLED = "application-enabled"
    APPLICATION_DISABLED = "application-disabled"
    APPLICATION_DELETED = "application-deleted"
    TYPE_PASSWORD_AGAIN = "type-password-again"
    LOGGED_OUT = "logged-out"
    FIRST_ADMINISTRATOR_CREATED = "first-administrator-created"


class Also(StrEnum):
    """Additional sentences after a notice."""

    API_PASSWORD_REVOKED = "api-password-revoked"
    API_PASSWORD_ENDED = "api-password-ended"


_SENTENCES: Final = {
    Notice.MFA_ENABLED: N_(
        "MFA is enabled and pending. Your next login shows a QR code. The Management API now "
        "accepts only your API password."
    ),
    Notice.MFA_DISABLED: N_(
        "MFA is disabled. You log in with username and password only. Your regular password works "
        "on the Management API again."
    ),
    Notice.SECRET_RESET: N_(
        "The secret is reset. Codes from the old secret no longer work. Your next login shows a "
        "new QR code. Then delete the older entry of this server in your app."
    ),
    Notice.API_PASSWORD_REVOKED: N_("Your API password is revoked."),
    Notice.OLD_API_PASSWORD_ENDED: N_("The old API password no longer works."),
    Notice.PASSWORD_CHANGED: N_(
        "Your password is changed. Your other sessions have ended. MFA and the API password stay "
        "as they are."
    ),
    Notice.PASSWORD_CHANGED_API_TOO: N_(
        "Your password is changed, and your API password is revoked. Your other sessions have "
        "ended. MFA stays as it is."
    ),
    Notice.SESSION_ENDED: N_("The session has ended."),
    Notice.TIME_ZONE_SAVED: N_("Your time zone is saved."),
    Notice.OTHER_SESSIONS_ENDED: N_("Your other sessions have ended."),
    Notice.BROWSER_FORGOTTEN: N_("The browser is no longer recognised."),
    # --- on another account
    Notice.ADMINISTRATOR_CREATED: N_(
        "The account %(name)s is created. They'll set their own password at first login."
    ),
    Notice.SAVED: N_("Full name and email of the account %(name)s are saved."),
    Notice.SAVED_WITH_GROUPS: N_("Full name, email and groups of the account %(name)s are saved."),
    Notice.MADE_ADMINISTRATOR: N_(
        "The account %(name)s is an administrator now, and its sessions have ended."
    ),
    Notice.MADE_MEMBER: N_("The account %(name)s is a member now, and its sessions have ended."),
    Notice.PASSWORD_SET: N_(
        "The password of the account %(name)s is set, and its sessions have ended. They'll set "
        "their own password at the next login."
    ),
    Notice.PASSWORD_SET_CODE_ENDED: N_(
        "The password of the account %(name)s is set, and its sessions have ended. Its enrolment "
        "code no longer works. For a new one, press Disable MFA and then Enable MFA."
    ),
    Notice.OTHERS_MFA_ENABLED: N_(
        "MFA of the account %(name)s is enabled and pending, and its sessions have ended. The "
        "next login shows a QR code. The Management API now accepts only its API password."
    ),
    Notice.OTHERS_MFA_DISABLED: N_(
        "MFA of the account %(name)s is disabled. Its secret and its recovery codes are deleted, "
        "and its sessions have ended."
    ),
    Notice.OTHERS_SECRET_RESET: N_(
        "The secret of the account %(name)s is reset. Its recovery codes are deleted, and its "
        "sessions have ended. The next login shows a new QR code."
    ),
    Notice.OTHERS_API_PASSWORD_REVOKED: N_("The API password of the account %(name)s is revoked."),
    Notice.OTHERS_BROWSER_FORGOTTEN: N_(
        "The browser is no longer recognised for the account %(name)s."
    ),
    Notice.SESSIONS_ENDED: N_("The sessions of the account %(name)s have ended."),
    Notice.UNLOCKED: N_("The account %(name)s is unlocked. Failed attempts count from zero again."),
    Notice.UNLOCKED_BUT_CODES: N_(
        "The account %(name)s is unlocked, except its authenticator codes. They stay locked after "
        "100 wrong codes in a row, until its secret is reset."
    ),
    Notice.ACCOUNT_DISABLED: N_("The account %(name)s is disabled, and its sessions have ended."),
    Notice.LOCKED_DOWN: N_(
        "The account %(name)s is locked down: it is disabled, and its sessions have ended."
    ),
    Notice.ACCOUNT_ENABLED: N_("The account %(name)s is enabled. It has no API password."),
    Notice.DELETED: N_("The account %(name)s is deleted, with everything that belonged to it."),
    # --- on an application
    Notice.APPLICATION_CREATED: N_("The application %(name)s is created."),
    Notice.APPLICATION_SAVED: N_("The application %(name)s is saved."),
    Notice.APPLICATION_ENABLED: N_("The application %(name)s is enabled."),
    Notice.APPLICATION_DISABLED: N_("The application %(name)s is disabled. It admits no account."),
    Notice.APPLICATION_DELETED: N_("The application %(name)s is deleted."),
    Notice.TYPE_PASSWORD_AGAIN: N_(
        "You have confirmed your identity. Nothing has been changed yet. Enter the new password "
        "again."
    ),
    # --- on the login page
    Notice.LOGGED_OUT: N_("You are logged out."),
    Notice.FIRST_ADMINISTRATOR_CREATED: N_(
        "The administrator is created. Log in with the username and password you have just chosen."
    ),
}
_ALSO: Final = {
    Also.API_PASSWORD_REVOKED: N_("Its API password is revoked."),
    Also.API_PASSWORD_ENDED: N_("Its API password no longer works."),
}
AT_LOGIN: Final = frozenset({Notice.LOGGED_OUT, Notice.FIRST_ADMINISTRATOR_CREATED})
"""Notices of the login page. A cookie stores them, because there is no session."""


_COLON: Final = N_(
    "Its username contains a colon. The Management API accepts it, but some clients do not. Your "
    "MFA Settings of that account lists the clients that do."
)


class Message(Struct, frozen=True):
    """A translated sentence, and the username for its blank %(name)s if it has one."""

    sentence: str
    name: str = ""


def stored(notice: Notice, username: str = "", also: Also | None = None) -> str:
    """Return the text that the session stores for a notice."""
    value = f"{notice.value}+{also.value}" if also else notice.value
    return f"{value}:{username}" if username else value


def message_of(stored_notice: str) -> Message | None:
    """Return the message of a stored notice; None without one, or for an unknown name."""
    values, _colon, username = stored_notice.partition(":")
    value, _plus, also = values.partition("+")
    if value not in list(Notice):
        return None
    sentence = _(_SENTENCES[Notice(value)])
    if also in list(Also):
        sentence = f"{sentence} {_(_ALSO[Also(also)])}"
    if value == Notice.ADMINISTRATOR_CREATED and ":" in username:
        sentence = f"{sentence} {_(_COLON)}"
    return Message(sentence, shortened(username))


def shortened(username: str) -> str:
    """Return a username that fits into a sentence, without separating accents from letters."""
    if len(username) <= MOST_SHOWN:
        return username
    end = len(username) - _END
    while unicodedata.combining(username[end]):
        end -= 1
    return f"{username[: MOST_SHOWN - _END - 1]}…{username[end:]}"
