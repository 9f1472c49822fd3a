"""Flash notices: the result of an action, shown once on the next page.

The session stores a notice as a name, so the page shows it in its own language. After an action on
another account the notice contains that account's username.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
    OTHERS_API_PASSWORD_REVOKED = "others-api-password-revoked"
    PASSWORD_CHANGED = "password-changed"
    PASSWORD_CHANGED_API_TOO = "password-changed-api-too"
    ADMINISTRATOR_CREATED = "administrator-created"
    SAVED = "saved"
    PASSWORD_SET = "password-set"
    PASSWORD_SET_CODE_ENDED = "password-set-code-ended"
    OTHERS_MFA_ENABLED = "others-mfa-enabled"
    OTHERS_MFA_DISABLED = "others-mfa-disabled"
    OTHERS_SECRET_RESET = "others-secret-reset"
    SESSIONS_ENDED = "sessions-ended"
    SESSION_ENDED = "session-ended"
    OTHER_SESSIONS_ENDED = "other-sessions-ended"
    UNLOCKED = "unlocked"
    UNLOCKED_BUT_CODES = "unlocked-but-codes"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    DELETED = "deleted"
    TYPE_PASSWORD_AGAIN = "type-password-again"
    LOGGED_OUT = "logged-out"
    FIRST_ADMINISTRATOR_CREATED = "first-administrator-created"


class Also(StrEnum):
    """Additional sentences after a notice."""

    API_PASSWORD_REVOKED = "api-password-revoked"
    API_PASSWORD_ENDED = "api-password-ended"


_SENTENCES: Final = {
    Notice.MFA_ENABLED: N_(
        "MFA is enabled and pending: your next login shows a QR code. From now on the "
        "Management API takes only your API password."
    ),
    Notice.MFA_DISABLED: N_(
        "MFA is disabled: a login asks for username and password alone. Your regular "
        "password works on the Management API again."
    ),
    Notice.SECRET_RESET: N_(
        "The secret is reset: codes of the old one do not work any more. Your next login "
        "shows a new QR code; then delete the older entry of this server in your app."
    ),
    Notice.API_PASSWORD_REVOKED: N_("Your API password is revoked."),
    Notice.PASSWORD_CHANGED: N_(
        "Your password is changed. Your other sessions have ended; MFA and the API "
        "password stay as they are."
    ),
    Notice.PASSWORD_CHANGED_API_TOO: N_(
        "Your password is changed, and your API password is revoked. Your other sessions have "
        "ended; MFA stays as it is."
    ),
    Notice.SESSION_ENDED: N_("The session has ended."),
    Notice.OTHER_SESSIONS_ENDED: N_("Your other sessions have ended."),
    # --- on another account
    Notice.ADMINISTRATOR_CREATED: N_(
        "The account %(name)s is created. Its owner chooses another password at the first login."
    ),
    Notice.SAVED: N_("Full name and email of the account %(name)s are saved."),
    Notice.PASSWORD_SET: N_(
        "The password of the account %(name)s is set, and its sessions have ended. Its owner "
        "chooses another one at the next login."
    ),
    Notice.PASSWORD_SET_CODE_ENDED: N_(
        "The password of the account %(name)s is set, and its sessions have ended. Its enrolment "
        "code ended with the old password: Disable MFA and Enable MFA make another one."
    ),
    Notice.OTHERS_MFA_ENABLED: N_(
        "MFA of the account %(name)s is enabled and pending, and its sessions have ended. The "
        "next login shows a QR code; the Management API takes only its API password from now on."
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
    Notice.SESSIONS_ENDED: N_("The sessions of the account %(name)s have ended."),
    Notice.UNLOCKED: N_("The account %(name)s is unlocked: earlier failures count no more."),
    Notice.UNLOCKED_BUT_CODES: N_(
        "The account %(name)s is unlocked, but for its codes: after a hundred wrong ones in a row "
        "they stay closed until its secret is reset."
    ),
    Notice.ACCOUNT_DISABLED: N_("The account %(name)s is disabled, and its sessions have ended."),
    Notice.ACCOUNT_ENABLED: N_("The account %(name)s is enabled. It has no API password."),
    Notice.DELETED: N_("The account %(name)s is deleted, with everything that belonged to it."),
    Notice.TYPE_PASSWORD_AGAIN: N_(
        "You have confirmed that it is you. Nothing is changed yet: please type the new "
        "password once more."
    ),
    # --- on the login page
    Notice.LOGGED_OUT: N_("You are logged out."),
    Notice.FIRST_ADMINISTRATOR_CREATED: N_(
        "The administrator is created. Log in with the username and password that you have just "
        "chosen."
    ),
}
_ALSO: Final = {
    Also.API_PASSWORD_REVOKED: N_("Its API password is revoked."),
    Also.API_PASSWORD_ENDED: N_("Its API password no longer works."),
}
AT_LOGIN: Final = frozenset({Notice.LOGGED_OUT, Notice.FIRST_ADMINISTRATOR_CREATED})
"""Notices of the login page. A cookie stores them, because there is no session."""


_COLON: Final = N_(
    "Its username holds a colon: the Management API takes it, some clients do not. Its owner reads "
    "on Your MFA Settings which do, and how."
)


@dataclass(frozen=True)
class Told:
    """A translated sentence, and the username for its blank %(name)s if it has one."""

    sentence: str
    name: str = ""


def stored(notice: Notice, username: str = "", also: Also | None = None) -> str:
    """Return the text that the session stores for a notice."""
    value = f"{notice.value}+{also.value}" if also else notice.value
    return f"{value}:{username}" if username else value


def told(kept: str) -> Told | None:
    """Return the message of a stored notice; None without one, or for an unknown name."""
    values, _colon, username = kept.partition(":")
    value, _plus, also = values.partition("+")
    if value not in list(Notice):
        return None
    sentence = _(_SENTENCES[Notice(value)])
    if also in list(Also):
        sentence = f"{sentence} {_(_ALSO[Also(also)])}"
    if value == Notice.ADMINISTRATOR_CREATED and ":" in username:
        sentence = f"{sentence} {_(_COLON)}"
    return Told(sentence, shortened(username))


def shortened(username: str) -> str:
    """Return a username that fits into a sentence, without separating accents from letters."""
    if len(username) <= MOST_SHOWN:
        return username
    end = len(username) - _END
    while unicodedata.combining(username[end]):
        end -= 1
    return f"{username[: MOST_SHOWN - _END - 1]}…{username[end:]}"
