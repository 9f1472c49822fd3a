"""Structs of request and response bodies about members."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from watchword.domain.accounts import Administrator
from watchword.domain.mfa import Status
from watchword.domain.roles import Role
from watchword.web.api import schemas as s

Groups = Annotated[
    list[Annotated[str, Meta(max_length=200)]],
    Meta(
        description="Up to 20 labels in lower case: letters a to z, digits, dots, hyphens, "
        "underscores.",
    ),
]
_BY_PERSONS: Final = (
    "Only the console and the command line change it: with this field, the answer is 403."
)


class NewMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new member."""

    username: Annotated[s.Text, Meta(description="1 to 64 characters. A colon is allowed.")]
    password: Annotated[
        s.Text | None,
        Meta(description="The member must change it at the next console login. Without one, the member "
                         "is a script account, which cannot log in."),
    ] = None  # fmt: skip
    full_name: s.Text = ""
    email: s.Text = ""
    groups: Groups = []


class MemberChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields to change. Omitted fields do not change."""

    full_name: s.Removable = UNSET
    email: s.Removable = UNSET
    enabled: Annotated[
        bool | UnsetType,
        Meta(description="false disables the account at every interface and ends its sessions."),
    ] = UNSET
    groups: Annotated[Groups | UnsetType, Meta(description=_BY_PERSONS)] = UNSET
    role: Annotated[Role | UnsetType, Meta(description=_BY_PERSONS)] = UNSET


class MemberOut(s.AdministratorOut, frozen=True):
    """A member."""

    groups: list[str]
    has_password: Annotated[
        bool, Meta(description="false for a script account, which cannot log in.")
    ]


class MemberChangedOut(MemberOut, frozen=True):
    """A member after a change."""

    enrolment_code: s.EnrolmentCode


class MemberList(msgspec.Struct, frozen=True):
    """A page of members, by name."""

    items: list[MemberOut]
    next: s.Next


MIA: Final = MemberOut(
    username="mia",
    full_name="Mia Example",
    email="mia@example.org",
    enabled=True,
    mfa=s.MfaOut(enabled=False, status=Status.DISABLED, pending_since=None, activated_at=None),
    created_at=s.EXAMPLE_TIME,
    last_login_at=None,
    groups=["staff"],
    has_password=True,
)


def member_of(account: Administrator, groups: tuple[str, ...]) -> MemberOut:
    """Return the struct for a member."""
    shown = msgspec.structs.asdict(s.administrator_of(account))
    return MemberOut(**shown, groups=[*groups], has_password=account.has_password)
