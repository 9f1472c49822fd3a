"""What a complete login needs to know about its account."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.storage.audit_history import failures_since_login
from watchword.storage.schema import sessions


class BeforeLogin(Struct, frozen=True):
    """`failures` is the number of failed logins since the last one that succeeded."""

    failures: int
    sessions: int


def before(connection: Connection, administrator_id: int) -> BeforeLogin:
    """Return both numbers, by one statement."""
    is_own = sessions.c.administrator_id == administrator_id
    count = sa.select(sa.func.count()).select_from(sessions).where(is_own).scalar_subquery()
    query = sa.select(
        failures_since_login(administrator_id).label("failures"), count.label("count")
    )
    row = connection.execute(query).one()
    return BeforeLogin(failures=row.failures, sessions=row._mapping["count"])
