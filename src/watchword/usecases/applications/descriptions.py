"""Applications as API bodies, application files and `--json` describe them: one set of names."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType, structs

from watchword.domain.applications import (
    ABSOLUTE_SECONDS,
    IDLE_SECONDS,
    Admission,
    Application,
    Level,
)
from watchword.domain.roles import normal_groups
from watchword.usecases.applications.applications import Managed

Text = Annotated[str, Meta(max_length=4096)]
Hosts = Annotated[
    list[Text],
    Meta(description="Exact host names as the browser's address shows them, with the port if it is "
                     "not 443."),
]  # fmt: skip
ALevel = Annotated[
    Level, Meta(description="What a login must have proved: `password`, or `mfa` with a code.")
]
Paths = Annotated[
    list[Text],
    Meta(description="Paths that GET and HEAD reach without a login: `/favicon.ico` exactly this "
                     "one, `/static/*` everything below it."),
]  # fmt: skip
LoginAge = Annotated[
    int | None,
    Meta(description="Seconds after a login until the application asks again; null: never."),
]
ByScripts = Annotated[
    bool, Meta(description="Whether API passwords of members open the application.")
]
ByAdministrators = Annotated[
    bool, Meta(description="Whether API passwords of administrators open it too.")
]
Idle = Annotated[int, Meta(description="Seconds without a request after which a session ends.")]
Absolute = Annotated[int, Meta(description="Seconds after which every session ends.")]
IsEnabled = Annotated[bool, Meta(description="A disabled application admits no account.")]


class _Described(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Unknown names are refused, not ignored."""


class Who(_Described, frozen=True):
    """The admitted: every account, groups, and single accounts by their usernames."""

    everyone: bool = False
    groups: list[Text] = []
    accounts: list[Text] = []


class Described(_Described, frozen=True, kw_only=True):
    """A whole application. An omitted field has the value of a new application."""

    name: Text
    hosts: Hosts
    enabled: IsEnabled = True
    level: ALevel = Level.MFA
    accept_api_passwords: ByScripts = False
    accept_administrators_api_passwords: ByAdministrators = False
    max_login_age: LoginAge = None
    idle_seconds: Idle = IDLE_SECONDS
    absolute_seconds: Absolute = ABSOLUTE_SECONDS
    public_paths: Paths = []
    who: Who = msgspec.field(default_factory=Who)


class Changes(_Described, frozen=True, kw_only=True):
    """The values to change. An omitted field does not change."""

    name: Text | UnsetType = UNSET
    hosts: Hosts | UnsetType = UNSET
    enabled: IsEnabled | UnsetType = UNSET
    level: ALevel | UnsetType = UNSET
    accept_api_passwords: ByScripts | UnsetType = UNSET
    accept_administrators_api_passwords: ByAdministrators | UnsetType = UNSET
    max_login_age: LoginAge | UnsetType = UNSET
    idle_seconds: Idle | UnsetType = UNSET
    absolute_seconds: Absolute | UnsetType = UNSET
    public_paths: Paths | UnsetType = UNSET
    who: Who | UnsetType = UNSET

    def made_to(self, before: Managed) -> Managed:
        """Return the application with these changes."""
        given = {name: value for name, value in structs.asdict(self).items() if value is not UNSET}
        return managed_of(structs.replace(described(before), **given), before.application.id)


def managed_of(of: Described, id_: int = 0) -> Managed:
    """Return the described application."""
    values = structs.asdict(of) | {
        "id": id_,
        "hosts": tuple(of.hosts),
        "public_paths": tuple(of.public_paths),
        "who": Admission(of.who.everyone, frozenset(normal_groups(of.who.groups))),
    }
    is_enabled = values.pop("enabled")
    return Managed(Application(**values, is_enabled=is_enabled), tuple(of.who.accounts))


def described(managed: Managed) -> Described:
    """Return the description of an application."""
    one = managed.application
    return Described(
        name=one.name,
        hosts=list(one.hosts),
        enabled=one.is_enabled,
        level=one.level,
        accept_api_passwords=one.accept_api_passwords,
        accept_administrators_api_passwords=one.accept_administrators_api_passwords,
        max_login_age=one.max_login_age,
        idle_seconds=one.idle_seconds,
        absolute_seconds=one.absolute_seconds,
        public_paths=list(one.public_paths),
        who=Who(one.who.everyone, sorted(one.who.groups), list(managed.usernames)),
    )
