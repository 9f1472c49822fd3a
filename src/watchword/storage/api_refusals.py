"""Counts of credentials that the API refused, by account, kind, address and client.

An account has at most MOST_ROWS rows of a kind, and one more for all other addresses and clients.
The limit applies to each kind, so that wrong passwords from many addresses do not hide a script
with a former API password.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.api_password import Refused
from watchword.domain.audit import Actor
from watchword.storage.database import insert_into
from watchword.storage.schema import Instant, administrators, api_refusals

MOST_ROWS: Final = 20
MOST_OF_A_CLIENT: Final = 100
"""Characters of a User-Agent."""
_c = api_refusals.c


class ApiRefusal(Struct, frozen=True):
    """The refusals from one address and client; both are empty in the row for all others."""

    kind: Refused
    address: str
    client: str
    count: int
    first_at: datetime
    last_at: datetime


def note(
    connection: Connection, administrator_id: int, kind: Refused, actor: Actor, now: datetime
) -> None:
    """Count one refusal. For id 0 (no account) the same statements run and store nothing."""
    is_of_kind = (_c.administrator_id == administrator_id, _c.kind == kind.value)
    known = connection.execute(sa.select(_c.address, _c.client).where(*is_of_kind)).all()
    place = (actor.address, actor.user_agent[:MOST_OF_A_CLIENT])
    if place not in {tuple(row) for row in known} and len(known) >= MOST_ROWS:
        place = ("", "")
    connection.execute(_inserting(connection, administrator_id, kind, place, now))
    connection.execute(
        api_refusals.update()
        .where(*is_of_kind, _c.address == place[0], _c.client == place[1])
        .values(count=_c.count + 1, last_at=now)
    )


def _inserting(
    connection: Connection, administrator_id: int, kind: Refused, place: tuple[str, str],
    now: datetime,
) -> Any:  # fmt: skip
    """Return the statement that adds a row, if the account exists and the row does not."""
    row = {"administrator_id": administrators.c.id, "kind": sa.literal(kind.value),
           "address": sa.literal(place[0]), "client": sa.literal(place[1]),
           "count": sa.literal(0), "first_at": sa.literal(now, Instant),
           "last_at": sa.literal(now, Instant)}  # fmt: skip
    chosen = sa.select(*row.values()).where(administrators.c.id == administrator_id)
    inserting = insert_into(connection, api_refusals).from_select(list(row), chosen)
    return inserting.on_conflict_do_nothing()


def of_account(connection: Connection, administrator_id: int) -> list[ApiRefusal]:
    """Return the account's counts, the latest first."""
    query = sa.select(*[c for c in _c if c.name != "administrator_id"])
    rows = connection.execute(
        query.where(_c.administrator_id == administrator_id).order_by(_c.last_at.desc())
    )
    return [ApiRefusal(Refused(row.kind), *row[1:]) for row in rows]


def forget(
    connection: Connection,
    administrator_id: int,
    *,
    until: datetime | None = None,
    sparing: Refused | None = None,
) -> None:
    """Delete the account's counts, except those with a refusal after `until` and those of the kind
    `sparing`.
    """
    is_meant = _c.administrator_id == administrator_id
    if until is not None:
        is_meant &= _c.last_at <= until
    if sparing is not None:
        is_meant &= _c.kind != sparing.value
    connection.execute(api_refusals.delete().where(is_meant))
