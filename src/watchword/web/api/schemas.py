"""What comes in and goes out, as structs: validated strictly, described by OpenAPI."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from watchword.domain.accounts import Administrator
from watchword.domain.mfa import Status
from watchword.domain.sessions import Session
from watchword.storage.listings import AuditRow

Text = Annotated[str, Meta(max_length=4096)]


class _In(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes in: an unknown field is refused, not left out."""


class NewAdministrator(_In, frozen=True):
    """POST /api/v1/administrators."""

    username: Text
    password: Text
    full_name: Text = ""
    email: Text = ""


class AdministratorChange(_In, frozen=True):
    """PATCH /api/v1/administrators/{username}; what is left out stays."""

    full_name: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class NewPassword(_In, frozen=True):
    """PUT .../password."""

    password: Text


class MfaChange(_In, frozen=True):
    """POST .../mfa/disable and /reset; the body may be left out."""

    keep_api_password: bool = False


class MfaOut(msgspec.Struct, frozen=True):
    """The MFA of an account: `enabled` is true from pending on."""

    enabled: bool
    status: Status
    pending_since: str | None
    activated_at: str | None


class AdministratorOut(msgspec.Struct, frozen=True):
    """An account."""

    username: str
    full_name: str
    email: str
    enabled: bool
    mfa: MfaOut
    created_at: str
    last_login_at: str | None


class SessionOut(msgspec.Struct, frozen=True):
    """A console session."""

    user_agent: str
    address: str
    since: str
    last_seen: str


class AuditOut(msgspec.Struct, frozen=True):
    """An audit event."""

    id: int
    at: str
    event: str
    outcome: str
    door: str
    actor: str
    subject: str
    address: str
    user_agent: str
    request_id: str
    session: str
    facts: dict[str, Any]


class ServerOut(msgspec.Struct, frozen=True):
    """GET /api/v1/server: `uptime` in seconds."""

    version: str
    node: str
    uptime: int
    database: str


def rfc3339(time: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC, to the millisecond."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mfa_of(account: Administrator) -> MfaOut:
    """Return the MFA of an account as it goes out."""
    mfa = account.mfa
    return MfaOut(mfa.is_enabled, mfa.status, rfc3339(mfa.pending_since), rfc3339(mfa.activated_at))


def administrator_of(account: Administrator) -> AdministratorOut:
    """Return an account as it goes out."""
    return AdministratorOut(
        username=account.username,
        full_name=account.full_name,
        email=account.email,
        enabled=not account.is_disabled,
        mfa=mfa_of(account),
        created_at=rfc3339(account.created_at) or "",
        last_login_at=rfc3339(account.last_login_at),
    )


def session_of(session: Session) -> SessionOut:
    """Return a session as it goes out."""
    since, seen = rfc3339(session.created_at) or "", rfc3339(session.last_seen_at) or ""
    return SessionOut(session.user_agent, session.address, since, seen)


def audit_of(row: AuditRow) -> AuditOut:
    """Return an event as it goes out."""
    values = {**vars(row), "at": rfc3339(row.at) or "", "facts": dict(row.facts)}
    return AuditOut(**values)
