"""Applications, each with its hosts, public paths and admitted groups and accounts.

A change replaces these rows. Their number is bounded (domain/applications.py), and so is that of
the applications, so a list needs no pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.engine import Connection

from watchword.domain.application_errors import ApplicationTaken, HostTaken
from watchword.domain.applications import Admission, Application, Level, name_key
from watchword.storage.gateway_schema import (
    application_accounts,
    application_entries,
    application_groups,
    application_hosts,
    application_public_paths,
    applications,
)
from watchword.storage.schema import administrators

_PARTS: Final = (
    (application_hosts, "host"),
    (application_public_paths, "path"),
    (application_groups, "name"),
    (application_accounts, "administrator_id"),
)


class Entry(Struct, frozen=True):
    """The last entry of an account into an application; `kind` is "browser" or "script"."""

    application_id: int
    username: str
    kind: str
    at: datetime
    address: str
    client: str


def every(connection: Connection) -> list[Application]:
    """Return all applications by name."""
    return _built(connection, connection.execute(sa.select(applications)).all())


def find(connection: Connection, name: str, *, for_change: bool = False) -> Application | None:
    """Return the application of that name, in upper or lower case."""
    query = sa.select(applications).where(applications.c.name_key == name_key(name))
    if for_change:
        query = query.with_for_update()
    found = _built(connection, connection.execute(query).all())
    return found[0] if found else None


def get(connection: Connection, id_: int) -> Application | None:
    """Return the application."""
    query = sa.select(applications).where(applications.c.id == id_)
    found = _built(connection, connection.execute(query).all())
    return found[0] if found else None


def _built(connection: Connection, rows: Iterable[Any]) -> list[Application]:
    ordered = sorted(rows, key=lambda row: row.name_key)
    ids = [row.id for row in ordered]
    hosts, paths, groups, accounts = (
        _values(connection, table, column, ids) for table, column in _PARTS
    )
    return [
        Application(
            name=row.name,
            hosts=tuple(hosts[row.id]),
            id=row.id,
            is_enabled=row.is_enabled,
            level=Level(row.level),
            accept_api_passwords=row.accepts_api_passwords,
            accept_administrators_api_passwords=row.accepts_administrators_api_passwords,
            max_login_age=row.max_login_age,
            idle_seconds=row.idle_seconds,
            absolute_seconds=row.absolute_seconds,
            public_paths=tuple(paths[row.id]),
            who=Admission(
                row.admits_everyone, frozenset(groups[row.id]), frozenset(accounts[row.id])
            ),
        )
        for row in ordered
    ]


def _values(
    connection: Connection, table: sa.Table, column: str, ids: Collection[int]
) -> Mapping[int, list[Any]]:
    c = table.c
    query = (
        sa.select(c.application_id, c[column]).where(c.application_id.in_(ids)).order_by(c[column])
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for id_, value in connection.execute(query):
        found[id_].append(value)
    return found


def create(connection: Connection, new: Application) -> Application:
    """Insert the application. Raises ApplicationTaken, HostTaken."""
    _demand_free(connection, new)
    query = applications.insert().values(_columns(new)).returning(applications.c.id)
    stored = replace(new, id=int(connection.execute(query).scalar_one()))
    _insert_parts(connection, stored)
    return stored


def change(connection: Connection, to: Application) -> None:
    """Replace the application with the same id. Raises ApplicationTaken, HostTaken."""
    _demand_free(connection, to)
    connection.execute(applications.update().where(applications.c.id == to.id).values(_columns(to)))
    for table, _ in _PARTS:
        connection.execute(table.delete().where(table.c.application_id == to.id))
    _insert_parts(connection, to)


def _demand_free(connection: Connection, wanted: Application) -> None:
    """The caller holds the lock of the set of accounts, so no other transaction takes them now."""
    names = sa.select(applications.c.name).where(
        applications.c.name_key == name_key(wanted.name), applications.c.id != wanted.id
    )
    if connection.execute(names).first() is not None:
        raise ApplicationTaken(application=wanted.name)
    c = application_hosts.c
    hosts = (
        sa.select(c.host, applications.c.name)
        .join(applications)
        .where(c.host.in_(wanted.hosts), c.application_id != wanted.id)
        .order_by(c.host)
    )
    taken = connection.execute(hosts).first()
    if taken is not None:
        raise HostTaken(host=taken.host, application=taken.name)


def _columns(application: Application) -> dict[str, Any]:
    return {
        "name": application.name,
        "name_key": name_key(application.name),
        "is_enabled": application.is_enabled,
        "level": application.level.value,
        "accepts_api_passwords": application.accept_api_passwords,
        "accepts_administrators_api_passwords": application.accept_administrators_api_passwords,
        "max_login_age": application.max_login_age,
        "idle_seconds": application.idle_seconds,
        "absolute_seconds": application.absolute_seconds,
        "admits_everyone": application.who.everyone,
    }


def _insert_parts(connection: Connection, of: Application) -> None:
    values: tuple[Iterable[Any], ...] = (
        of.hosts, of.public_paths, sorted(of.who.groups), sorted(of.who.accounts),
    )  # fmt: skip
    for (table, column), several in zip(_PARTS, values, strict=True):
        rows = [{"application_id": of.id, column: value} for value in several]
        if rows:
            connection.execute(table.insert(), rows)


def delete(connection: Connection, id_: int) -> None:
    """Delete the application with its sessions and grants."""
    connection.execute(applications.delete().where(applications.c.id == id_))


def count(connection: Connection) -> int:
    """Return the number of applications."""
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(applications)).scalar_one()
    )


def usernames(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the usernames of accounts, by id."""
    c = administrators.c
    found = connection.execute(
        sa.select(c.id, c.username).where(c.id.in_(ids)).order_by(c.username_key)
    )
    return {row.id: row.username for row in found}


def entries(connection: Connection, id_: int, most: int) -> list[Entry]:
    """Return the last entries into an application, the newest first."""
    c = application_entries.c
    query = (
        sa.select(c.application_id, administrators.c.username, c.kind, c.at, c.address, c.client)
        .join(administrators)
        .where(c.application_id == id_)
        .order_by(c.at.desc())
        .limit(most)
    )
    return [Entry(**row._mapping) for row in connection.execute(query)]


def last_entries(connection: Connection) -> dict[int, datetime]:
    """Return when each application was entered last, by its id."""
    c = application_entries.c
    newest = (
        sa.select(c.at).where(c.application_id == applications.c.id)
        .order_by(c.at.desc()).limit(1).scalar_subquery()
    )  # fmt: skip
    found = connection.execute(sa.select(applications.c.id, newest.label("at")))
    return {row.id: row.at for row in found if row.at is not None}
