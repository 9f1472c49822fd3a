"""What a page says once after an act was done: stored as a name, shown as a sentence."""

from __future__ import annotations

from enum import StrEnum

from watchword.web.http.i18n import _


class Notice(StrEnum):
    """The names."""

    MFA_ENABLED = "mfa-enabled"
    MFA_DISABLED = "mfa-disabled"
    SECRET_RESET = "secret-reset"
    API_PASSWORD_REVOKED = "api-password-revoked"
    PASSWORD_CHANGED = "password-changed"


def sentence(name: str) -> str | None:
    """Return the notice's sentence in the reader's language; None for no notice."""
    sentences = {
        Notice.MFA_ENABLED: _(
            "MFA is enabled and pending: your next login shows a QR code. From now on the "
            "Management API takes only your API password."
        ),
        Notice.MFA_DISABLED: _(
            "MFA is disabled: a login asks for username and password alone. Your regular "
            "password works on the Management API again."
        ),
        Notice.SECRET_RESET: _(
            "The secret is reset: codes of the old one do not work any more. Your next login "
            "shows a new QR code; delete the old Watchword entry in your app then."
        ),
        Notice.API_PASSWORD_REVOKED: _("The API password is revoked."),
        Notice.PASSWORD_CHANGED: _(
            "Your password is changed. Your other sessions have ended; MFA and the API "
            "password stay as they are."
        ),
    }
    return sentences.get(Notice(name)) if name in list(Notice) else None
