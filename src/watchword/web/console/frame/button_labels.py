"""Labels of buttons by the path that they post to, for "Confirm it is you" and for refusals."""

from __future__ import annotations

from watchword.i18n import _


def button_label(path: str) -> str:
    """Return the label of the button that posts to this path, or ""."""
    first, _slash, rest = path.strip("/").partition("/")
    labels = {
        "your-mfa-settings": {
            "enable": _("Enable MFA"),
            "disable": _("Disable MFA"),
            "reset-secret": _("Reset Secret"),
            "finish-now": _("Finish now"),
            "generate-recovery-codes": _("Generate New Recovery Codes"),
            "generate-api-password": _("Generate New API Password"),
            "revoke-api-password": _("Revoke API Password"),
            "end-old-api-password": _("Stop It Now"),
        },
        "administrators": {
            "new": _("Create Administrator"),
            "edit": _("Save"),
            "set-password": _("Set Password"),
            "enable": _("Enable Account"),
            "disable": _("Disable Account"),
            "enable-mfa": _("Enable MFA"),
            "disable-mfa": _("Disable MFA"),
            "reset-secret": _("Reset Secret"),
            "revoke-api-password": _("Revoke API Password"),
            "end-sessions": _("End Sessions"),
            "unlock": _("Unlock"),
            "delete": _("Delete"),
        },
        "your-sessions": {"end": _("End"), "end-others": _("End all others")},
    }
    return labels.get(first, {}).get(rest.rpartition("/")[2], "")
