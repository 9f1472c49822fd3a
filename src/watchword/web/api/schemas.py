"""Structs of request and response bodies.

Requests are validated by them. /openapi.json and /docs are made from them (openapi.py), so a new
field is documented by its description here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict

from watchword.domain import enrolment_code
from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.mfa import Status
from watchword.domain.sessions import Session
from watchword.storage.audit_query import AuditRow
from watchword.usecases.administrators.authorization import Changed
from watchword.usecases.applications.descriptions import Described

EXAMPLE_TIME: Final = "2026-11-24T09:30:00.000Z"
Text = Annotated[str, Meta(max_length=4096)]
Time = Annotated[
    str,
    Meta(
        description="RFC 3339 time in UTC, with milliseconds.",
        extra_json_schema={"format": "date-time"},
    ),
]
Next = Annotated[
    str | None, Meta(description="Value of `after` for the next page; null on the last page.")
]
IsEnabled = Annotated[bool, Meta(description="true while MFA is pending or active; the API then "
                                             "refuses the regular password.")]  # fmt: skip
NewPasswordText = Annotated[
    Text, Meta(description="The administrator must change it at the next console login.")
]

Removable = Annotated[
    Annotated[str, Meta(max_length=4096)] | UnsetType | None,
    Meta(description="null or an empty text removes it."),
]


class _In(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request body. Unknown fields are refused, not ignored."""


class NewAdministrator(_In, frozen=True):
    """A new account."""

    username: Annotated[Text, Meta(description="1 to 64 characters. A colon is allowed.")]
    password: NewPasswordText
    full_name: Text = ""
    email: Text = ""


class AdministratorChange(_In, frozen=True):
    """The fields to change. Omitted fields do not change."""

    full_name: Removable = UNSET
    email: Removable = UNSET
    enabled: Annotated[
        bool | UnsetType,
        Meta(description="false disables the account at every interface and ends its sessions."),
    ] = UNSET


class NewPassword(_In, frozen=True):
    """The new password of another administrator."""

    password: NewPasswordText


class MfaChange(_In, frozen=True):
    """Options of a change of another administrator's MFA. The body may be omitted."""

    keep_api_password: Annotated[
        bool,
        Meta(description="true keeps the API password when MFA is disabled or reset. By default it is "
                         "revoked, because the account may be compromised."),
    ] = False  # fmt: skip


class MfaOut(msgspec.Struct, frozen=True):
    """The MFA of an account."""

    enabled: IsEnabled
    status: Status
    pending_since: Time | None
    activated_at: Time | None


class MfaChangedOut(msgspec.Struct, frozen=True):
    """The MFA of an account after a change."""

    enabled: IsEnabled
    status: Status
    pending_since: Time | None
    activated_at: Time | None
    enrolment_code: Annotated[
        str | None,
        Meta(description="A code if the setting enrolment_proof requires one, else null. Give it to the "
                         "administrator: the login that sets up the phone asks for it. Shown once."),
    ]  # fmt: skip


class AdministratorOut(msgspec.Struct, frozen=True):
    """An account."""

    username: str
    full_name: str
    email: str
    enabled: Annotated[bool, Meta(description="false while the account is disabled.")]
    mfa: MfaOut
    created_at: Time
    last_login_at: Annotated[Time | None, Meta(description="The last login at the console.")]


EnrolmentCode = Annotated[
    str | None,
    Meta(description="A code after enabling an account whose MFA is pending and which was not used "
                     "for 90 days, if the setting enrolment_proof requires one; else null. Give it "
                     "to the administrator: the login that sets up the phone asks for it. Shown "
                     "once."),
]  # fmt: skip


class AdministratorChangedOut(AdministratorOut, frozen=True):
    """An account after a change."""

    enrolment_code: EnrolmentCode


class ApplicationList(msgspec.Struct, frozen=True):
    """All applications, by name."""

    items: list[Described]


class SessionOut(msgspec.Struct, frozen=True):
    """A console session."""

    user_agent: str
    address: str
    since: Time
    last_seen: Time


class AuditOut(msgspec.Struct, frozen=True):
    """An audit event."""

    id: Annotated[int, Meta(description="Increases with each event.")]
    at: Time
    event: Annotated[str, Meta(extra_json_schema={"enum": [e.value for e in AuditEvent]})]
    outcome: Annotated[str, Meta(description="`done`, `refused` or `failed`.")]
    interface: Annotated[str, Meta(extra_json_schema={"enum": [d.value for d in Interface]})]
    actor: Annotated[str, Meta(description="Username of the actor; empty if unknown.")]
    subject: Annotated[str, Meta(description="Username of the affected account.")]
    address: str
    user_agent: str
    request_id: str
    session: Annotated[str, Meta(description="Identifies a session; it cannot be used to log in.")]
    facts: Annotated[dict[str, Any], Meta(description="Further values, depending on the event.")]
    node: Annotated[str, Meta(description="The host that recorded the event.")]
    actor_id: Annotated[
        int | None,
        Meta(
            description="Number of the actor's account. It does not change with the username and is "
            "not reused."
        ),
    ]
    subject_id: Annotated[int | None, Meta(description="Number of the affected account.")]


class ServerOut(msgspec.Struct, frozen=True):
    """Version, host, uptime and database of the server."""

    version: str
    node: Annotated[str, Meta(description="The host's name.")]
    uptime: Annotated[int, Meta(description="Seconds since the server started.")]
    database: Annotated[str, Meta(extra_json_schema={"enum": ["sqlite", "postgresql"]})]


class HealthOut(msgspec.Struct, frozen=True):
    """The result of a health check."""

    status: Annotated[str, Meta(extra_json_schema={"enum": ["live", "ready"]})]


class AdministratorList(msgspec.Struct, frozen=True):
    """A page of accounts, by name."""

    items: list[AdministratorOut]
    next: Next


class SessionList(msgspec.Struct, frozen=True):
    """The console sessions of an account, most recently seen first."""

    items: list[SessionOut]
    next: Next


class AuditList(msgspec.Struct, frozen=True):
    """A page of audit events, newest first."""

    items: list[AuditOut]
    next: Next


def rfc3339(time: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC, with milliseconds."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mfa_of(account: Administrator) -> MfaOut:
    """Return the struct for the MFA of an account."""
    mfa = account.mfa
    return MfaOut(mfa.is_enabled, mfa.status, rfc3339(mfa.pending_since), rfc3339(mfa.activated_at))


def mfa_changed(changed: Changed) -> MfaChangedOut:
    """Return the struct for the MFA of a changed account."""
    now = mfa_of(changed.account)
    return MfaChangedOut(
        now.enabled, now.status, now.pending_since, now.activated_at, enrolment_code_of(changed)
    )


def administrator_changed(changed: Changed) -> AdministratorChangedOut:
    """Return the struct for a changed account."""
    now = msgspec.structs.asdict(administrator_of(changed.account))
    return AdministratorChangedOut(**now, enrolment_code=enrolment_code_of(changed))


def enrolment_code_of(changed: Changed) -> str | None:
    """Return the enrolment code that the change issued, in groups; else None."""
    code = changed.enrolment_code
    return enrolment_code.written(code.reveal()) if code else None


def administrator_of(account: Administrator) -> AdministratorOut:
    """Return the struct for an account."""
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
    """Return the struct for a session."""
    since, seen = rfc3339(session.created_at) or "", rfc3339(session.last_seen_at) or ""
    return SessionOut(session.user_agent, session.address, since, seen)


def audit_of(row: AuditRow) -> AuditOut:
    """Return the struct for an audit event."""
    values = {**asdict(row), "at": rfc3339(row.at) or "", "facts": dict(row.facts)}
    return AuditOut(**values)
