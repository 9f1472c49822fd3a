"""The last entry of each account into each application, by browser and by script."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.storage.database import insert_into
from watchword.storage.gateway_schema import application_entries, applications
from watchword.storage.schema import Instant, administrators

MOST_OF_A_CLIENT: Final = 100
"""Characters of a User-Agent."""


def note(
    connection: Connection, key: tuple[int, int, str], now: datetime, address: str, client: str
) -> None:
    """Record an entry. `key` is application, account, and "browser" or "script". Nothing is stored
    when the application or the account was deleted.
    """
    application_id, administrator_id, kind = key
    seen = {"at": now, "address": address, "client": client[:MOST_OF_A_CLIENT]}
    row = {
        "application_id": applications.c.id,
        "administrator_id": administrators.c.id,
        "kind": sa.literal(kind),
        "at": sa.literal(now, Instant),
        "address": sa.literal(seen["address"]),
        "client": sa.literal(seen["client"]),
    }
    both = applications.join(administrators, administrators.c.id == administrator_id)
    chosen = sa.select(*row.values()).select_from(both).where(applications.c.id == application_id)
    inserting = insert_into(connection, application_entries).from_select(list(row), chosen)
    names = ["application_id", "administrator_id", "kind"]
    connection.execute(inserting.on_conflict_do_update(index_elements=names, set_=seen))
