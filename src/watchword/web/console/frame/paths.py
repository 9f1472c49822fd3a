"""Paths that more than one part of the console links to."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from watchword.domain.roles import Role

ADMINISTRATORS: Final = "/administrators"
# Not below the list: "new" may be a username.
NEW_ADMINISTRATOR: Final = "/new-administrator"
MEMBERS: Final = "/members"
NEW_MEMBER: Final = "/new-member"
APPLICATIONS: Final = "/applications"
NEW_APPLICATION: Final = "/new-application"
YOUR_APPLICATIONS: Final = "/your-applications"
ENTER: Final = "/enter"
AFTER_RECOVERY: Final = "/after-recovery"
NEW_PASSWORD: Final = "/new-password"
PREFERENCES: Final = "/preferences"
HELP: Final = "/help"
YOUR_MFA_SETTINGS: Final = "/your-mfa-settings"
HOME_OF_MEMBER: Final = YOUR_APPLICATIONS
"""The first page of a member."""


def list_of(role: Role) -> str:
    """Return the path of the list of the accounts of a role."""
    return ADMINISTRATORS if role is Role.ADMINISTRATOR else MEMBERS


def new_of(role: Role) -> str:
    """Return the path of the page that creates an account of a role."""
    return NEW_ADMINISTRATOR if role is Role.ADMINISTRATOR else NEW_MEMBER


def role_of(path: str) -> Role:
    """Return the role of the accounts that a page is about."""
    first = "/" + path.strip("/").partition("/")[0]
    return Role.MEMBER if first in {MEMBERS, NEW_MEMBER} else Role.ADMINISTRATOR


def of_account(username: str, role: Role = Role.ADMINISTRATOR) -> str:
    """Return the path of an account's page. Those of its actions begin with it."""
    return f"{list_of(role)}/{quote(username, safe='')}"


def of_application(name: str) -> str:
    """Return the path of an application's page. Those of its actions begin with it."""
    return f"{APPLICATIONS}/{name}"
