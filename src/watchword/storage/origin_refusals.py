"""The count of requests that were refused because they came from another origin, in one row."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.storage.database import insert_ignoring
from watchword.storage.schema import origin_refusals

_ONLY: Final = 1


class OriginRefusals(Struct, frozen=True):
    """The count with the times of the first and the last refusal. `origin` sent the last one to the
    server's origin `asked`.
    """

    count: int
    origin: str
    asked: str
    first_at: datetime
    last_at: datetime


def add(connection: Connection, more: OriginRefusals, *, within: timedelta) -> None:
    """Add to the count, or start it again when the last refusal is longer ago than `within`."""
    insert_ignoring(connection, origin_refusals, {**asdict(more), "id": _ONLY, "count": 0})
    c = origin_refusals.c
    seen = connection.execute(sa.select(c.count, c.first_at, c.last_at).with_for_update()).one()
    values = asdict(more)
    if abs(more.last_at - seen.last_at) <= within:
        values = {**values, "count": seen[0] + more.count, "first_at": seen.first_at}
    connection.execute(origin_refusals.update().values(**values))


def stored(connection: Connection) -> OriginRefusals | None:
    """Return the stored count; None before the first refusal."""
    columns = [c for c in origin_refusals.c if c.name != "id"]
    row = connection.execute(sa.select(*columns)).first()
    return OriginRefusals(**row._mapping) if row else None
