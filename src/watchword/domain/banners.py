"""Which events are told to whom at the next login, until they are put away.

What was done to an account, its administrator learns; what weakens or moves the interfaces of the
installation, all the others learn. Nothing is written for it: the banners are the audit log,
read from the newest event that the administrator has put away.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from watchword.domain.audit import AuditEvent as E


class Audience(StrEnum):
    """Who is told."""

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
        E.ADMINISTRATOR_CREATED: _OTHERS,
        E.ADMINISTRATOR_DISABLED: _BOTH,
        E.ADMINISTRATOR_ENABLED: _BOTH,
        E.ADMINISTRATOR_DELETED: _OTHERS,
        E.DECRYPT_FAILED: _OTHERS,
        E.KEY_ROTATED: _OTHERS,
        E.SYSTEM_RESTORED: _OTHERS,
        E.AUDIT_CHAIN_BROKEN: _OTHERS,
        E.AUDIT_CHAIN_RESTARTED: _OTHERS,
        E.AUDIT_CHAIN_ACCEPTED: _OTHERS,
    }
)

DONE_BY_ANOTHER: Final = frozenset({E.MFA_ENABLE, E.MFA_RESET})
"""Told to the others too when somebody else than the account itself has done it."""

BEFORE_A_LOGIN: Final = frozenset(
    {
        E.MFA_ENROL_CODE_REQUIRED,
        E.MFA_ENROL_SHOWN_AGAIN,
        E.MFA_FAILED_OUT,
    }
)
"""Not shown when a completed login of the account followed from the same address and browser: then
the owner mistyped a code or started again. Otherwise another person may know the password.
"""

ON_THE_WAY: Final = frozenset({"prepared", "begun"})
"""Outcomes of steps that lead to the one that is told."""

BY_API: Final = frozenset(
    {
        E.ADMINISTRATOR_CREATED, E.ADMINISTRATOR_CHANGED, E.ADMINISTRATOR_DISABLED,
        E.ADMINISTRATOR_ENABLED, E.ADMINISTRATOR_DELETED, E.PASSWORD_RESET, E.MFA_ENABLE,
        E.MFA_RESET, E.MFA_DISABLE, E.API_PASSWORD_REVOKED, E.SESSION_ENDED,
    }
)  # fmt: skip
"""Changes to other accounts that, made through the API, are told as one banner to everybody:
an API password is an administrator over others, and may be in a script that somebody reads.
"""


def told_to(audience: Audience) -> frozenset[E]:
    """Return the events that this audience is told, however they came about."""
    return frozenset(e for e, who in AUDIENCES.items() if who in {audience, Audience.BOTH})
