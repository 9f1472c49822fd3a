"""Categories of audit events, the changes and the failed attempts among them: filters of the
Audit Log.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from watchword.domain.audit import AuditEvent as E


class Category(StrEnum):
    """The categories, in the order of the filter."""

    LOGINS = "logins"
    MFA = "mfa"
    API_PASSWORDS = "api-passwords"
    ACCOUNTS = "accounts"
    APPLICATIONS = "applications"
    SYSTEM = "system"


_BY_PREFIX: Final = {
    "auth": Category.LOGINS,
    "session": Category.LOGINS,
    "fwd": Category.LOGINS,
    "mfa": Category.MFA,
    "recovery": Category.MFA,
    "api_password": Category.API_PASSWORDS,
    "api": Category.API_PASSWORDS,
    "gateway": Category.APPLICATIONS,
    "administrator": Category.ACCOUNTS,
    "application": Category.APPLICATIONS,
    "member": Category.ACCOUNTS,
    "audit": Category.SYSTEM,
    "crypto": Category.SYSTEM,
    "first_run": Category.SYSTEM,
    "system": Category.SYSTEM,
}
_BY_EVENT: Final = {E.PASSWORD_CHANGED: Category.ACCOUNTS, E.PASSWORD_RESET: Category.ACCOUNTS}

CATEGORIES: Final[Mapping[E, Category]] = MappingProxyType(
    {e: _BY_EVENT.get(e) or _BY_PREFIX[e.value.partition(".")[0]] for e in E}
)

CHANGES: Final = frozenset(
    {
        E.PASSWORD_CHANGED, E.PASSWORD_RESET, E.SESSION_ENDED, E.BROWSER_FORGOTTEN,
        E.MFA_ENABLE, E.MFA_DISABLE, E.MFA_RESET, E.MFA_ENROL_CONFIRMED, E.RECOVERY_GENERATED,
        E.API_PASSWORD_GENERATED, E.API_PASSWORD_REVOKED, E.API_PASSWORD_OLD_ENDED,
        E.ADMINISTRATOR_CREATED, E.ADMINISTRATOR_CHANGED, E.ADMINISTRATOR_DISABLED,
        E.ADMINISTRATOR_ENABLED, E.ADMINISTRATOR_DELETED, E.ADMINISTRATOR_UNLOCKED,
        E.APPLICATION_CREATED, E.APPLICATION_CHANGED, E.APPLICATION_ENABLED,
        E.APPLICATION_DISABLED, E.APPLICATION_DELETED,
        E.ROLE_CHANGED, E.MEMBER_CREATED, E.MEMBER_DELETED, E.GROUPS_CHANGED,
        E.AUDIT_PRUNED, E.AUDIT_CHAIN_RESTARTED, E.AUDIT_CHAIN_ACCEPTED,
        E.KEY_ROTATED, E.KEY_RETIRED, E.SYSTEM_UPGRADED, E.SYSTEM_RESTORED,
    }
)  # fmt: skip
"""Events that record a change of an account or of the installation."""

FAILURES: Final = frozenset(
    {
        E.PASSWORD_FAIL, E.REFUSED_LOGINS, E.SPRAYING, E.DEVICE_CLOSED, E.REAUTH_FAIL,
        E.MFA_ENROL_CODE_FAILED, E.MFA_ENROL_FAILED, E.MFA_FAIL, E.MFA_FAILED_OUT, E.MFA_REPLAY,
        E.MFA_LOCKED, E.MFA_MANY_FAILURES, E.RECOVERY_FAILED, E.API_AUTH_FAIL,
        E.GATEWAY_REFUSED,
    }
)  # fmt: skip
"""Events of refused passwords and codes, and of what the server did against them."""


def events_of(
    category: Category | None, *, changes_only: bool = False, failures_only: bool = False
) -> frozenset[E]:
    """Return the events of a category (None for all), or only its changes or failed attempts."""
    found = frozenset(e for e in E if category in (None, CATEGORIES[e]))
    found &= CHANGES if changes_only else found
    return found & FAILURES if failures_only else found
