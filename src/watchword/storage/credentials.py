"""Recovery codes and API passwords, as keyed MACs.

The row count of one conditional statement decides about single use, and about changes of a seen
generation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.mfa import Status
from watchword.storage import replaced_api_passwords
from watchword.storage.database import streamed
from watchword.storage.schema import (
    administrators,
    api_passwords,
    old_api_passwords,
    recovery_codes,
)


# --- recovery codes --------------------------------------------------------------------------
def replace_recovery_codes(
    connection: Connection, administrator_id: int, macs: list[str], now: datetime
) -> None:
    """Replace the account's recovery codes. An empty list deletes them."""
    connection.execute(
        recovery_codes.delete().where(recovery_codes.c.administrator_id == administrator_id)
    )
    if macs:
        rows = [
            {"administrator_id": administrator_id, "mac": mac, "created_at": now} for mac in macs
        ]
        connection.execute(recovery_codes.insert(), rows)


def add_recovery_code(
    connection: Connection, administrator_id: int, mac: str, now: datetime
) -> None:
    """Add a code to the account's set. It gets the time of the set, which `recovery_set_mark`
    returns.
    """
    age = sa.select(sa.func.max(recovery_codes.c.created_at)).where(
        recovery_codes.c.administrator_id == administrator_id
    )
    created_at = connection.execute(age).scalar() or now
    values = {"administrator_id": administrator_id, "mac": mac, "created_at": created_at}
    connection.execute(recovery_codes.insert().values(values))


def recovery_codes_left(connection: Connection, administrator_id: int) -> int:
    """Return how many recovery codes are unused."""
    query = sa.select(sa.func.count()).where(recovery_codes.c.administrator_id == administrator_id)
    return int(connection.execute(query).scalar_one())


def without_recovery_codes(connection: Connection) -> Iterator[str]:
    """Yield the names of accounts that are not disabled, with MFA active and no recovery code."""
    codes = sa.select(recovery_codes.c.mac).where(
        recovery_codes.c.administrator_id == administrators.c.id
    )
    query = (
        sa.select(administrators.c.username)
        .where(
            administrators.c.mfa_status == Status.ACTIVE.value,
            administrators.c.is_disabled.is_(False),
            ~codes.exists(),
        )
        .order_by(administrators.c.username_key)
    )
    yield from (username for (username,) in streamed(connection, query))


def recovery_set_mark(connection: Connection, administrator_id: int) -> int:
    """Return a number that changes with each new set. A form contains it, so that a form that is
    sent twice generates one set.
    """
    query = sa.select(sa.func.max(recovery_codes.c.created_at)).where(
        recovery_codes.c.administrator_id == administrator_id
    )
    created = connection.execute(query).scalar()
    return int(created.timestamp() * 1_000_000) if created else 0


def has_recovery_code(connection: Connection, administrator_id: int, macs: list[str]) -> bool:
    """Return whether the account has an unused code with one of these MACs."""
    query = sa.select(recovery_codes.c.mac).where(
        recovery_codes.c.administrator_id == administrator_id, recovery_codes.c.mac.in_(macs)
    )
    return connection.execute(query).first() is not None


def use_recovery_code(connection: Connection, administrator_id: int, macs: list[str]) -> bool:
    """Delete the code with one of these MACs (one MAC for each key of the ring). Returns whether
    this call deleted it.
    """
    done = connection.execute(
        recovery_codes.delete().where(
            recovery_codes.c.administrator_id == administrator_id,
            recovery_codes.c.mac.in_(macs),
        )
    )
    return done.rowcount == 1


# --- the API password ------------------------------------------------------------------------
class StoredApiPassword(Struct, frozen=True):
    """One account's API password; `mac` is None without one. `regular_used_at` is the time at which
    the API last accepted the account's regular password.

    `generation` counts the changes. A form contains the generation that it was rendered with, so a
    form that is sent twice changes the password once.

    `old` is the API password that this one replaced, if it was kept until its `ends_at`.
    """

    administrator_id: int
    generation: int
    mac: str | None
    hint: str
    created_at: datetime | None
    created_by: str
    last_used_at: datetime | None
    last_used_address: str
    last_used_client: str = ""
    regular_used_at: datetime | None = None
    regular_used_address: str = ""
    ends_at: datetime | None = None
    old: StoredApiPassword | None = None

    def of_mac(self, mac: str) -> StoredApiPassword | None:
        """Return this API password or the old one, whichever has the MAC; None if neither has."""
        found = (each for each in (self, self.old) if each is not None and each.mac == mac)
        return next(found, None)


_TABLES: Final = api_passwords.outerjoin(
    old_api_passwords, old_api_passwords.c.administrator_id == api_passwords.c.administrator_id
)
api_password_columns = [
    c.label(f"{table.name}_{c.name}") for table in (api_passwords, old_api_passwords)
    for c in table.c
]  # fmt: skip


def api_password_of(row: Any) -> StoredApiPassword:
    """Return the API password, with the old one, of a row with `api_password_columns`."""
    current, old = (
        {c.name: row._mapping[f"{table.name}_{c.name}"] for c in table.c}
        for table in (api_passwords, old_api_passwords)
    )
    kept = StoredApiPassword(**old) if old["mac"] is not None else None
    return StoredApiPassword(**current, old=kept)


def api_password(
    connection: Connection, administrator_id: int, *, for_change: bool = False
) -> StoredApiPassword:
    """Return the account's row, or an empty one for an unknown id. `for_change` locks it until the
    transaction ends.
    """
    query = sa.select(*api_password_columns).select_from(_TABLES)
    query = query.where(api_passwords.c.administrator_id == administrator_id)
    if for_change:
        query = query.with_for_update(of=api_passwords)
    row = connection.execute(query).first()
    return api_password_of(row) if row else empty_api_password(administrator_id)


def empty_api_password(administrator_id: int) -> StoredApiPassword:
    """Return the row of an account that has never had an API password."""
    return StoredApiPassword(administrator_id, 0, None, "", None, "", None, "")


class NewApiPassword(Struct, frozen=True):
    """An API password as it is stored when it is generated."""

    mac: str
    hint: str
    created_at: datetime
    created_by: str


def replace_api_password(
    connection: Connection,
    administrator_id: int,
    new: NewApiPassword,
    *,
    seen: int | None,
    old_ends_at: datetime | None = None,
) -> bool:
    """Store another API password if the generation is still `seen` (None: any). The current one is
    accepted until `old_ends_at` (None: no longer). An older one ends.
    """
    return _change_api_password(connection, administrator_id, asdict(new), seen, old_ends_at)


def revoke_api_password(connection: Connection, administrator_id: int) -> None:
    """Delete the account's API password and the old one, and start another generation."""
    empty = {"mac": None, "hint": "", "created_at": None, "created_by": ""}
    _change_api_password(connection, administrator_id, empty, None, None)


def _change_api_password(
    connection: Connection,
    administrator_id: int,
    values: Mapping[str, object],
    seen: int | None,
    old_ends_at: datetime | None,
) -> bool:
    replaced_api_passwords.keep_former(connection, administrator_id)
    replaced_api_passwords.end_old(connection, administrator_id)
    if old_ends_at is not None:
        replaced_api_passwords.keep_old(connection, administrator_id, old_ends_at)
    query = api_passwords.update().where(api_passwords.c.administrator_id == administrator_id)
    if seen is not None:
        query = query.where(api_passwords.c.generation == seen)
    unused = {"last_used_at": None, "last_used_address": "", "last_used_client": ""}
    generation = api_passwords.c.generation + 1
    done = connection.execute(query.values({**unused, **values, "generation": generation}))
    return done.rowcount == 1


def note_api_password_use(
    connection: Connection, seen: StoredApiPassword, address: str, client: str, now: datetime
) -> bool:
    """Record when, from where and by which client the API password was used last. Returns False,
    and records nothing, when it or its last use is no longer as seen.
    """
    table = api_passwords if seen.ends_at is None else old_api_passwords
    c = table.c
    done = connection.execute(
        table.update()
        .where(
            c.administrator_id == seen.administrator_id,
            c.mac == seen.mac,
            c.last_used_at.is_not_distinct_from(seen.last_used_at),
            c.last_used_address == seen.last_used_address,
        )
        .values(last_used_at=now, last_used_address=address, last_used_client=client)
    )
    return done.rowcount == 1


def note_regular_password_use(
    connection: Connection, administrator_id: int, address: str, now: datetime, before: datetime
) -> None:
    """Record that the API accepted the regular password, unless a use since `before` is recorded.
    A later time than `now` is replaced: a clock was ahead.
    """
    c = api_passwords.c
    is_due = c.regular_used_at.is_(None) | (c.regular_used_at <= before) | (c.regular_used_at > now)
    connection.execute(
        api_passwords.update()
        .where(c.administrator_id == administrator_id, is_due)
        .values(regular_used_at=now, regular_used_address=address)
    )


class ApiPasswordTimes(Struct, frozen=True):
    """The times of an API password's generation and last use."""

    username: str
    created_at: datetime
    last_used_at: datetime | None


def api_password_times(connection: Connection) -> Iterator[ApiPasswordTimes]:
    """Yield the times of the API passwords of accounts that are not disabled, by name."""
    c = api_passwords.c
    query = (
        sa.select(administrators.c.username, c.created_at, c.last_used_at)
        .select_from(api_passwords.join(administrators))
        .where(c.mac.is_not(None), administrators.c.is_disabled.is_(False))
        .order_by(administrators.c.username_key)
    )
    for row in streamed(connection, query):
        yield ApiPasswordTimes(*row)
