"""Paths that more than one part of the console links to."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

ADMINISTRATORS: Final = "/administrators"
# Not below the list: "new" may be a username.
NEW_ADMINISTRATOR: Final = "/new-administrator"
APPLICATIONS: Final = "/applications"
NEW_APPLICATION: Final = "/new-application"
YOUR_APPLICATIONS: Final = "/your-applications"
AFTER_RECOVERY: Final = "/after-recovery"
NEW_PASSWORD: Final = "/new-password"
PREFERENCES: Final = "/preferences"
HELP: Final = "/help"
YOUR_MFA_SETTINGS: Final = "/your-mfa-settings"
HOME_OF_MEMBER: Final = YOUR_MFA_SETTINGS
"""The first page of a member."""


def of_account(username: str) -> str:
    """Return the path of an account's page. Those of its actions begin with it."""
    return f"{ADMINISTRATORS}/{quote(username, safe='')}"


def of_application(name: str) -> str:
    """Return the path of an application's page. Those of its actions begin with it."""
    return f"{APPLICATIONS}/{name}"
