"""How often the regular password of an account with MFA was refused on the API, and from where.

Bounded: the first addresses have a row each, all further ones share one with an empty address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.storage.database import insert_into
from watchword.storage.schema import Instant, administrators, api_refusals

MOST_ADDRESSES: Final = 20
ELSEWHERE: Final = ""
_c = api_refusals.c


@dataclass(frozen=True)
class ApiRefusals:
    """What was refused from one address; `right_count` are those that were the right password,
    most likely a script that nobody has told of the API password.
    """

    address: str
    right_count: int
    wrong_count: int
    first_at: datetime
    last_at: datetime


def note(
    connection: Connection, administrator_id: int, address: str, *, is_right: bool, now: datetime
) -> None:
    """Count one refusal. For nobody (0) the same statements are made, and nothing is stored."""
    addresses = sa.select(_c.address).where(_c.administrator_id == administrator_id)
    known = set(connection.execute(addresses).scalars())
    if address not in known and len(known) >= MOST_ADDRESSES:
        address = ELSEWHERE
    connection.execute(_inserting(connection, administrator_id, address, now))
    connection.execute(
        api_refusals.update()
        .where(_c.administrator_id == administrator_id, _c.address == address)
        .values(
            right_count=_c.right_count + int(is_right),
            wrong_count=_c.wrong_count + int(not is_right),
            last_at=now,
        )
    )


def _inserting(connection: Connection, administrator_id: int, address: str, now: datetime) -> Any:
    """Return the statement that adds a row for an account that exists, and none for nobody."""
    row = {"administrator_id": administrators.c.id, "address": sa.literal(address),
           "right_count": sa.literal(0), "wrong_count": sa.literal(0),
           "first_at": sa.literal(now, Instant), "last_at": sa.literal(now, Instant)}  # fmt: skip
    chosen = sa.select(*row.values()).where(administrators.c.id == administrator_id)
    inserting = insert_into(connection, api_refusals).from_select(list(row), chosen)
    return inserting.on_conflict_do_nothing()


def of_account(connection: Connection, administrator_id: int) -> list[ApiRefusals]:
    """Return the account's, the latest first."""
    query = sa.select(*[c for c in _c if c.name != "administrator_id"])
    rows = connection.execute(
        query.where(_c.administrator_id == administrator_id).order_by(_c.last_at.desc())
    )
    return [ApiRefusals(**row._mapping) for row in rows]


def forget(connection: Connection, administrator_id: int) -> None:
    """Begin counting anew."""
    connection.execute(api_refusals.delete().where(_c.administrator_id == administrator_id))
