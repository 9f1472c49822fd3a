"""Managing applications: list, create, change, enable, disable, delete, grant, revoke.

A change to an application decides who reaches the tool behind it. So it demands the same as a change
to another account: an administrator, a recent proof at the console, and one lock for all such
changes. No credential of the API changes who may enter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from watchword.domain import applications as rules
from watchword.domain.accounts import username_key
from watchword.domain.application_errors import NoSuchApplication, TooManyApplications
from watchword.domain.applications import Admission, Application
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import AlreadySo, NoSuchAdministrator, PersonNeeded
from watchword.storage import administrators, applications
from watchword.storage.applications import Entry
from watchword.storage.database import Connection
from watchword.usecases.administrators.authorization import By, acting
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, reading

MOST_APPLICATIONS: Final = 1000
MOST_ENTRIES: Final = 20


class Outcome(StrEnum):
    """The results of `apply` for an application."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"


class Managed(Struct, frozen=True):
    """An application, and the accounts that it admits by their usernames."""

    application: Application
    usernames: tuple[str, ...] = ()

    def but(self, **values: Any) -> Managed:
        """Return it with other values of the application."""
        return replace(self, application=replace(self.application, **values))


class Details(Struct, frozen=True):
    """An application and its last entries, the newest first."""

    managed: Managed
    entries: tuple[Entry, ...]


class Listed(Struct, frozen=True):
    """A row of the list: `last_entered_at` is None if no account has entered yet."""

    managed: Managed
    last_entered_at: datetime | None


def every(app: Watchword, actor: Actor) -> list[Listed]:
    """Return all applications by name."""
    with reading(app, actor) as connection:
        last = applications.last_entries(connection)
        found = applications.every(connection)
        ids = {id_ for each in found for id_ in each.who.accounts}
        names = applications.usernames(connection, ids)
        return [Listed(_managed(each, names), last.get(each.id)) for each in found]


def _managed(application: Application, names: Mapping[int, str]) -> Managed:
    admitted = (name for id_, name in names.items() if id_ in application.who.accounts)
    return Managed(application, tuple(admitted))


def by_name(app: Watchword, actor: Actor, name: str) -> Details:
    """Return one application. Raises NoSuchApplication."""
    with reading(app, actor) as connection:
        managed = _read(connection, name)
        entries = applications.entries(connection, managed.application.id, MOST_ENTRIES)
        return Details(managed, tuple(entries))


def enabled_at(app: Watchword, name: str, host: str) -> Application | None:
    """Return the enabled application with this name and host, before a client is authenticated."""
    with app.database.reading() as connection:
        found = applications.find(connection, name)
    return found if found and found.is_enabled and host in found.hosts else None


def _read(connection: Connection, name: str, *, for_change: bool = False) -> Managed:
    application = applications.find(connection, name, for_change=for_change)
    if application is None:
        raise NoSuchApplication(application=name)
    return _managed(application, applications.usernames(connection, application.who.accounts))


def create(app: Watchword, by: By, new: Managed) -> Managed:
    """Create an application. Raises Invalid, ApplicationTaken, HostTaken, TooManyApplications,
    NoSuchAdministrator, and PersonNeeded on the API when it admits an account.
    """
    rules.checked(new.application)
    with acting(app, by) as u:
        return _create(u, by, new)


def _create(u: Unit, by: By, new: Managed) -> Managed:
    if applications.count(u.connection) >= MOST_APPLICATIONS:
        raise TooManyApplications(most=MOST_APPLICATIONS)
    wanted = _checked(u, new)
    _demand_person(by, Admission(), wanted.who)
    stored = applications.create(u.connection, wanted)
    admitted = _who(u, stored.who, Admission())
    facts: dict[str, Any] = {"admitted": admitted} if admitted else {}
    u.record(AuditEvent.APPLICATION_CREATED, application=stored.name, **facts)
    return _read(u.connection, stored.name)


def _checked(u: Unit, managed: Managed) -> Application:
    """Return the application with the ids of its accounts. Raises Invalid, NoSuchAdministrator."""
    valid = rules.checked(managed.application)
    wanted = set(managed.usernames)
    found = administrators.find_all(u.connection, wanted)
    unknown = sorted(wanted - found.keys())
    if unknown:
        raise NoSuchAdministrator(username=unknown[0])
    ids = frozenset(account.id for account in found.values())
    return replace(valid, who=replace(valid.who, accounts=ids))


def _demand_person(by: By, before: Admission, after: Admission) -> None:
    if after != before and by.caller is not None:
        raise PersonNeeded


def change(app: Watchword, by: By, name: str, changed: Callable[[Managed], Managed]) -> Managed:
    """Store what `changed` makes of the present application.

    Raises NoSuchApplication, Invalid, ApplicationTaken, HostTaken, NoSuchAdministrator, AlreadySo
    when there is no change, and PersonNeeded on the API when it changes who may enter.
    """
    with acting(app, by) as u:
        changed_one = change_in(u, by, name, changed)
        if changed_one is None:
            raise AlreadySo(act="change-application")
        return changed_one


def change_in(u: Unit, by: By, name: str, changed: Callable[[Managed], Managed]) -> Managed | None:
    """Change an application in the caller's unit. Returns None when there is no change."""
    managed = _read(u.connection, name, for_change=True)
    before, after = managed.application, _checked(u, changed(managed))
    _demand_person(by, before.who, after.who)
    fields = _changed_fields(before, after)
    if not fields:
        return None
    applications.change(u.connection, after)
    _record(u, before, after, fields)
    return _read(u.connection, after.name)


def apply(app: Watchword, by: By, wanted: Sequence[Managed]) -> list[tuple[str, Outcome]]:
    """Create and change applications until they are as described: all or nothing. Applications
    that are not mentioned stay as they are.

    Raises what `create` and `change` raise.
    """
    try:
        with acting(app, by) as u:
            outcomes = [(each.application.name, _apply(u, by, each)) for each in wanted]
            _demand_change(u)
            return outcomes
    except AlreadySo:
        return [(each.application.name, Outcome.SAME) for each in wanted]


def _demand_change(u: Unit) -> None:
    if not u.recorded:
        raise AlreadySo(act="change-application")


def _apply(u: Unit, by: By, wanted: Managed) -> Outcome:
    name = wanted.application.name
    if applications.find(u.connection, name) is None:
        _create(u, by, wanted)
        return Outcome.CREATED
    change = change_in(u, by, name, lambda before: wanted.but(id=before.application.id))
    return Outcome.SAME if change is None else Outcome.CHANGED


def _changed_fields(before: Application, after: Application) -> list[str]:
    names = (
        "name", "hosts", "is_enabled", "level", "accept_api_passwords",
        "accept_administrators_api_passwords", "max_login_age", "idle_seconds", "absolute_seconds",
        "public_paths", "who",
    )  # fmt: skip
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _record(u: Unit, before: Application, after: Application, fields: list[str]) -> None:
    """Record what changed: enabling and disabling are events of their own."""
    name = before.name
    if "is_enabled" in fields:
        fields.remove("is_enabled")
        event = (
            AuditEvent.APPLICATION_ENABLED if after.is_enabled else AuditEvent.APPLICATION_DISABLED
        )
        u.record(event, application=name)
    if fields:
        u.record(AuditEvent.APPLICATION_CHANGED, application=name, fields=" ".join(fields),
                 **_admission_facts(u, before, after))  # fmt: skip


def _admission_facts(u: Unit, before: Application, after: Application) -> dict[str, Any]:
    """Return who may enter now and could not before, and the reverse."""
    facts = {
        "admitted": _who(u, after.who, before.who),
        "removed": _who(u, before.who, after.who),
    }
    return {name: who for name, who in facts.items() if who}


def _who(u: Unit, here: Admission, not_there: Admission) -> str:
    ids = here.accounts - not_there.accounts
    everyone = ["everyone"] if here.everyone and not not_there.everyone else []
    groups = [f"group {name}" for name in sorted(here.groups - not_there.groups)]
    return ", ".join([*everyone, *groups, *applications.usernames(u.connection, ids).values()])


def set_enabled(app: Watchword, by: By, name: str, *, is_enabled: bool) -> Managed:
    """Enable or disable an application: a disabled one admits no account. Raises NoSuchApplication,
    AlreadySo.
    """
    return change(app, by, name, lambda before: before.but(is_enabled=is_enabled))


def delete(app: Watchword, by: By, name: str) -> None:
    """Delete an application, its grants and its sessions. Raises NoSuchApplication."""
    with acting(app, by) as u:
        application = _read(u.connection, name, for_change=True).application
        applications.delete(u.connection, application.id)
        u.record(AuditEvent.APPLICATION_DELETED, application=application.name)


class Grants(Struct, frozen=True):
    """The admitted: everyone, groups, and accounts by their usernames."""

    everyone: bool = False
    groups: frozenset[str] = frozenset()
    usernames: frozenset[str] = frozenset()


def grant(app: Watchword, by: By, name: str, more: Grants) -> Managed:
    """Admit more accounts. Raises what `change` raises."""

    def granted(before: Managed) -> Managed:
        who = before.application.who
        who = replace(who, everyone=who.everyone or more.everyone, groups=who.groups | more.groups)
        return replace(before.but(who=who), usernames=(*before.usernames, *more.usernames))

    return change(app, by, name, granted)


def revoke(app: Watchword, by: By, name: str, less: Grants) -> Managed:
    """Withdraw grants. Raises what `change` raises; AlreadySo when there is no such grant."""
    keys = {username_key(username) for username in less.usernames}

    def revoked(before: Managed) -> Managed:
        who = before.application.who
        who = replace(
            who, everyone=who.everyone and not less.everyone, groups=who.groups - less.groups
        )
        left = (name for name in before.usernames if username_key(name) not in keys)
        return replace(before.but(who=who), usernames=tuple(left))

    return change(app, by, name, revoked)
