"""What a page says once after an act was done: stored as a name, shown as a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from watchword.web.http.i18n import _


class Notice(StrEnum):
    """The names."""

    MFA_ENABLED = "mfa-enabled"
    MFA_DISABLED = "mfa-disabled"
    SECRET_RESET = "secret-reset"
    API_PASSWORD_REVOKED = "api-password-revoked"
    PASSWORD_CHANGED = "password-changed"
    ADMINISTRATOR_CREATED = "administrator-created"
    SAVED = "saved"
    PASSWORD_SET = "password-set"
    OTHERS_MFA_ENABLED = "others-mfa-enabled"
    OTHERS_MFA_DISABLED = "others-mfa-disabled"
    OTHERS_SECRET_RESET = "others-secret-reset"
    SESSIONS_ENDED = "sessions-ended"
    SESSION_ENDED = "session-ended"
    OTHER_SESSIONS_ENDED = "other-sessions-ended"
    UNLOCKED = "unlocked"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    DELETED = "deleted"
    TYPE_PASSWORD_AGAIN = "type-password-again"


def N_(text: str) -> str:  # noqa: N802 - gettext's name for "marked, translated later"
    """Mark a text for translation."""
    return text


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
        "shows a new QR code; delete the old Watchword entry in your app then."
    ),
    Notice.API_PASSWORD_REVOKED: N_("The API password is revoked."),
    Notice.PASSWORD_CHANGED: N_(
        "Your password is changed. Your other sessions have ended; MFA and the API "
        "password stay as they are."
    ),
    Notice.ADMINISTRATOR_CREATED: N_(
        "The administrator is created, and chooses a password at the first login."
    ),
    Notice.SAVED: N_("Saved."),
    Notice.PASSWORD_SET: N_(
        "The password is set and their sessions have ended. They choose their own at the "
        "next login."
    ),
    Notice.OTHERS_MFA_ENABLED: N_(
        "MFA is enabled and pending: their next login shows a QR code. The Management API "
        "takes only their API password from now on."
    ),
    Notice.OTHERS_MFA_DISABLED: N_("MFA is disabled, and their sessions have ended."),
    Notice.OTHERS_SECRET_RESET: N_(
        "The secret is reset and their sessions have ended: the next login shows a new QR code."
    ),
    Notice.SESSIONS_ENDED: N_("Their sessions have ended."),
    Notice.SESSION_ENDED: N_("The session has ended."),
    Notice.OTHER_SESSIONS_ENDED: N_("Your other sessions have ended."),
    Notice.UNLOCKED: N_("The account is unlocked: earlier failures count no more."),
    Notice.ACCOUNT_DISABLED: N_("The account is disabled, and its sessions have ended."),
    Notice.ACCOUNT_ENABLED: N_("The account is enabled. It has no API password any more."),
    Notice.DELETED: N_("The administrator is deleted."),
    Notice.TYPE_PASSWORD_AGAIN: N_(
        "You have confirmed that it is you. Nothing is changed yet: please type the new "
        "password once more."
    ),
}


def sentence(name: str) -> str | None:
    """Return the notice's sentence in the reader's language; None for no notice."""
    return _(_SENTENCES[Notice(name)]) if name in list(Notice) else None
