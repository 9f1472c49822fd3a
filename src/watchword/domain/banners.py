"""Banners: events that administrators see after a login until they dismiss them.

The owner sees changes of their account; all others see events that weaken access to the
installation. Banners are not stored: they are read from the audit log, starting after the last
event that the administrator has dismissed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from watchword.domain.audit import AuditEvent as E


class Audience(StrEnum):
    """The administrators who see the banner."""

    ACCOUNT = "the administrator whose account it is"
    OTHERS = "all other administrators"
    BOTH = "both"


_ACCOUNT, _OTHERS, _BOTH = Audience.ACCOUNT, Audience.OTHERS, Audience.BOTH

AUDIENCES: Final[Mapping[E, Audience]] = MappingProxyType(
    {
        E.SPRAYING: _OTHERS,
        E.MFA_ENABLE: _ACCOUNT,
        E.MFA_ENROL_SHOWN_AGAIN: _ACCOUNT,
        E.MFA_ENROL_CONFIRMED: _ACCOUNT,
        E.MFA_RESET: _ACCOUNT,
        E.MFA_ENROL_CODE_REQUIRED: _ACCOUNT,
        E.MFA_ENROL_CODE_AWAITED: _OTHERS,
        E.MFA_ENROL_CODE_VOID: _OTHERS,
        E.MFA_PENDING_EXPIRED: _BOTH,
        E.MFA_DISABLE: _BOTH,
        E.MFA_FAILED_OUT: _ACCOUNT,
        E.MFA_LOCKED: _BOTH,
        E.MFA_MANY_FAILURES: _BOTH,
        E.RECOVERY_USED: _BOTH,
        E.PASSWORD_CHANGED: _ACCOUNT,
        E.PASSWORD_RESET: _BOTH,
        E.NEW_BROWSER: _ACCOUNT,
        E.DEVICE_CLOSED: _BOTH,
        E.API_PASSWORD_GENERATED: _ACCOUNT,
        E.API_PASSWORD_NEW_NETWORK: _ACCOUNT,
        E.API_PASSWORD_REVOKED: _ACCOUNT,
        E.API_PASSWORD_OLD_ENDED: _ACCOUNT,
        E.ADMINISTRATOR_CREATED: _OTHERS,
        E.ADMINISTRATOR_DISABLED: _BOTH,
        E.ADMINISTRATOR_ENABLED: _BOTH,
        E.ADMINISTRATOR_DELETED: _OTHERS,
        E.ROLE_CHANGED: _BOTH,
        E.DECRYPT_FAILED: _OTHERS,
        E.KEY_ROTATED: _OTHERS,
        E.SYSTEM_RESTORED: _OTHERS,
        E.AUDIT_CHAIN_BROKEN: _OTHERS,
        E.AUDIT_CHAIN_RESTARTED: _OTHERS,
        E.AUDIT_CHAIN_ACCEPTED: _OTHERS,
    }
)

DONE_BY_ANOTHER: Final = frozenset({E.MFA_ENABLE, E.MFA_RESET})
"""Shown to the others too when the actor is not the owner of the account."""

BEFORE_A_LOGIN: Final = frozenset(
    {
        E.MFA_ENROL_CODE_REQUIRED,
        E.MFA_ENROL_SHOWN_AGAIN,
        E.MFA_FAILED_OUT,
    }
)
"""Not shown when a completed login of the account followed from the same address and browser: then
the owner mistyped a code or started again. Otherwise an attacker may know the password.
"""

ON_THE_WAY: Final = frozenset({"prepared", "begun"})
"""Outcomes of intermediate steps, which have no banner."""

BY_API: Final = frozenset(
    {
        E.ADMINISTRATOR_CREATED, E.ADMINISTRATOR_CHANGED, E.ADMINISTRATOR_DISABLED,
        E.ADMINISTRATOR_ENABLED, E.ADMINISTRATOR_DELETED, E.PASSWORD_RESET, E.MFA_ENABLE,
        E.MFA_RESET, E.MFA_DISABLE, E.API_PASSWORD_REVOKED, E.SESSION_ENDED,
        E.APPLICATION_CREATED, E.APPLICATION_CHANGED, E.APPLICATION_ENABLED,
        E.APPLICATION_DISABLED, E.APPLICATION_DELETED,
    }
)  # fmt: skip
"""Changes to other accounts through the API; all administrators see one banner for them. An API
password can change other accounts, and it may be stored in a script that others can read.
"""


def shown_to(audience: Audience) -> frozenset[E]:
    """Return the events that this audience always sees."""
    return frozenset(e for e, seen_by in AUDIENCES.items() if seen_by in {audience, Audience.BOTH})
