"""Password hashes and browser tokens of schemas before 0005, not bound to their accounts."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.storage.schema import administrators, enrolment_browsers, known_browsers

Bind = Callable[[int, str], str]
"""Account id and stored value -> the value bound to the account."""


def bind_password_hashes(connection: Connection, bind: Bind) -> None:
    """Bind each hash that is not bound."""
    c = administrators.c
    query = sa.select(c.id, c.password_hash).where(c.password_hash.like("v1$%"))
    for id_, stored in connection.execute(query).all():
        values = {"password_hash": bind(id_, stored)}
        connection.execute(administrators.update().where(c.id == id_).values(**values))


def bind_browsers(connection: Connection, recognised: Bind, enrolment: Bind) -> None:
    """Bind the tokens of browsers. Rows of addresses have no token."""
    for table, bind in ((known_browsers, recognised), (enrolment_browsers, enrolment)):
        c = table.c
        query = sa.select(c.administrator_id, c.token_digest).where(~c.token_digest.contains(":"))
        for id_, digest in connection.execute(query).all():
            values = {"token_digest": bind(id_, digest)}
            connection.execute(table.update().where(c.token_digest == digest).values(**values))
