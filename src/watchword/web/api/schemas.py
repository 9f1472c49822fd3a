"""What comes in and goes out, as structs: validated strictly, described by OpenAPI.

The documents at /openapi.json and /docs are made of these structs (openapi.py), so a field that
is added here with its description is documented by that.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from watchword.domain import enrolment_code
from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent, Interface
from watchword.domain.mfa import Status
from watchword.domain.sessions import Session
from watchword.storage.audit_query import AuditRow
from watchword.usecases.administrators.authorization import Changed

EXAMPLE_TIME: Final = "2026-11-24T09:30:00.000Z"
Text = Annotated[str, Meta(max_length=4096)]
Time = Annotated[
    str,
    Meta(
        description="A time of RFC 3339, in UTC, to the millisecond.",
        extra_json_schema={"format": "date-time"},
    ),
]
Next = Annotated[
    str | None, Meta(description="What `after` takes for the next page; null on the last one.")
]
IsEnabled = Annotated[bool, Meta(description="Pending or active: from then on the regular "
                                             "password is refused here.")]  # fmt: skip
NewPasswordText = Annotated[
    Text, Meta(description="They choose their own at the next login at the console.")
]

Removable = Annotated[
    Annotated[str, Meta(max_length=4096)] | UnsetType | None,
    Meta(description="null removes it, as an empty text does."),
]


class _In(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes in: an unknown field is refused, not left out."""


class NewAdministrator(_In, frozen=True):
    """A new account."""

    username: Annotated[Text, Meta(description="1 to 64 characters; a colon is allowed.")]
    password: NewPasswordText
    full_name: Text = ""
    email: Text = ""


class AdministratorChange(_In, frozen=True):
    """What to change; what is left out stays as it is."""

    full_name: Removable = UNSET
    email: Removable = UNSET
    enabled: Annotated[
        bool | UnsetType,
        Meta(
            description="false: nothing of the account opens any interface, and its sessions end."
        ),
    ] = UNSET


class NewPassword(_In, frozen=True):
    """Another's new password."""

    password: NewPasswordText


class MfaChange(_In, frozen=True):
    """How to change another's MFA; the body may be left out."""

    keep_api_password: Annotated[
        bool,
        Meta(description="Keep the API password when MFA is disabled or reset; else it is revoked, "
                         "since the account may be in somebody else's hands."),
    ] = False  # fmt: skip


class MfaOut(msgspec.Struct, frozen=True):
    """The MFA of an account."""

    enabled: IsEnabled
    status: Status
    pending_since: Time | None
    activated_at: Time | None


class MfaChangedOut(msgspec.Struct, frozen=True):
    """The MFA of an account after it was changed."""

    enabled: IsEnabled
    status: Status
    pending_since: Time | None
    activated_at: Time | None
    enrolment_code: Annotated[
        str | None,
        Meta(description="Where the setting enrolment_proof asks for one: hand it over; the "
                         "login that sets the phone up asks for it. Shown once."),
    ]  # fmt: skip


class AdministratorOut(msgspec.Struct, frozen=True):
    """An account."""

    username: str
    full_name: str
    email: str
    enabled: Annotated[bool, Meta(description="false: the account is disabled.")]
    mfa: MfaOut
    created_at: Time
    last_login_at: Annotated[Time | None, Meta(description="The last login at the console.")]


class AdministratorChangedOut(AdministratorOut, frozen=True):
    """An account after it was changed."""

    enrolment_code: Annotated[
        str | None,
        Meta(description="When an account was enabled that is pending and had not been used for 90 "
                         "days, where the setting enrolment_proof asks for one: hand it over; the "
                         "login that sets the phone up asks for it. Shown once; null otherwise."),
    ]  # fmt: skip


class SessionOut(msgspec.Struct, frozen=True):
    """A console session."""

    user_agent: str
    address: str
    since: Time
    last_seen: Time


class AuditOut(msgspec.Struct, frozen=True):
    """An audit event."""

    id: Annotated[int, Meta(description="Grows with each event.")]
    at: Time
    event: Annotated[str, Meta(extra_json_schema={"enum": [e.value for e in AuditEvent]})]
    outcome: Annotated[str, Meta(description="`done`, `refused` or `failed`.")]
    interface: Annotated[str, Meta(extra_json_schema={"enum": [d.value for d in Interface]})]
    actor: Annotated[str, Meta(description="Who did it; empty while nobody was known.")]
    subject: Annotated[str, Meta(description="Whose account it was done to.")]
    address: str
    user_agent: str
    request_id: str
    session: Annotated[str, Meta(description="Names a session without opening it.")]
    facts: Annotated[dict[str, Any], Meta(description="More, by the kind of event.")]
    node: Annotated[str, Meta(description="The host whose server or command line wrote it.")]
    actor_id: Annotated[
        int | None,
        Meta(description="The account that did it, whatever its name is now; never used again."),
    ]
    subject_id: Annotated[int | None, Meta(description="The account that it was done to.")]


class ServerOut(msgspec.Struct, frozen=True):
    """Which server this is."""

    version: str
    node: Annotated[str, Meta(description="The host's name.")]
    uptime: Annotated[int, Meta(description="Seconds since the server was started.")]
    database: Annotated[str, Meta(extra_json_schema={"enum": ["sqlite", "postgresql"]})]


class HealthOut(msgspec.Struct, frozen=True):
    """That the server is live or ready."""

    status: Annotated[str, Meta(extra_json_schema={"enum": ["live", "ready"]})]


class AdministratorList(msgspec.Struct, frozen=True):
    """A page of accounts, by name."""

    items: list[AdministratorOut]
    next: Next


class SessionList(msgspec.Struct, frozen=True):
    """The console sessions of an account, the one seen last first."""

    items: list[SessionOut]
    next: Next


class AuditList(msgspec.Struct, frozen=True):
    """A page of audit events, newest first."""

    items: list[AuditOut]
    next: Next


def rfc3339(time: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC, to the millisecond."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mfa_of(account: Administrator) -> MfaOut:
    """Return the MFA of an account as it goes out."""
    mfa = account.mfa
    return MfaOut(mfa.is_enabled, mfa.status, rfc3339(mfa.pending_since), rfc3339(mfa.activated_at))


def mfa_changed(changed: Changed) -> MfaChangedOut:
    """Return the MFA of an account after it was changed as it goes out."""
    now = mfa_of(changed.account)
    return MfaChangedOut(
        now.enabled, now.status, now.pending_since, now.activated_at, enrolment_code_of(changed)
    )


def administrator_changed(changed: Changed) -> AdministratorChangedOut:
    """Return an account after it was changed as it goes out."""
    now = msgspec.structs.asdict(administrator_of(changed.account))
    return AdministratorChangedOut(**now, enrolment_code=enrolment_code_of(changed))


def enrolment_code_of(changed: Changed) -> str | None:
    """Return the enrolment code as it is handed over, where the change issued one."""
    code = changed.enrolment_code
    return enrolment_code.written(code.reveal()) if code else None


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
