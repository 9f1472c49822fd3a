"""The row that identifies the installation, and the first-run link."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.storage.database import insert_ignoring
from watchword.storage.schema import Instant, first_run_links, installation

_ONLY = 1


def key_check(connection: Connection) -> bytes | None:
    """Return the sealed value that only the own keyring opens; None in a new database."""
    return connection.execute(sa.select(installation.c.key_check)).scalar()


def id_of(connection: Connection) -> str:
    """Return eight hexadecimal digits that identify the installation: a digest of the time at which
    its row was created. All nodes read the same row.
    """
    made_at = connection.execute(sa.select(installation.c.created_at)).scalar_one()
    return hashlib.sha256(made_at.isoformat().encode()).hexdigest()[:8]


def found(connection: Connection, key_check_value: bytes, now: datetime) -> bool:
    """Insert the row of a new database. Returns False when another node has inserted it."""
    row = {"id": _ONLY, "key_check": key_check_value, "created_at": now}
    return insert_ignoring(connection, installation, row) == 1


def write_again(connection: Connection) -> None:
    """Write the row without changing it, to check that the database accepts writes.

    Two updates change a value and change it back: SQLite does not write an unchanged row.
    """
    microseconds = sa.type_coerce(installation.c.created_at, sa.BigInteger)
    for step in (1, -1):
        connection.execute(
            installation.update()
            .where(installation.c.id == _ONLY)
            .values(created_at=sa.type_coerce(microseconds + step, Instant))
        )


def put_first_run_link(connection: Connection, token_digest: str, expires_at: datetime) -> None:
    """Store a link; it replaces an older one."""
    connection.execute(first_run_links.delete())
    connection.execute(
        first_run_links.insert().values(id=_ONLY, token_digest=token_digest, expires_at=expires_at)
    )


def end_of_first_run_link(connection: Connection, digests: list[str]) -> datetime | None:
    """Return the end of the current link if one of the digests is its; None for another link."""
    query = sa.select(first_run_links.c.expires_at).where(
        first_run_links.c.token_digest.in_(digests)
    )
    return connection.execute(query).scalar()


def delete_first_run_link(connection: Connection, later_than: datetime) -> int:
    """Delete a link that expires after this time. Returns how many."""
    is_odd = first_run_links.c.expires_at > later_than
    return connection.execute(first_run_links.delete().where(is_odd)).rowcount


def use_first_run_link(connection: Connection, digests: list[str], now: datetime) -> bool:
    """Delete the link if it is valid. Returns whether this call deleted it."""
    used = connection.execute(
        first_run_links.delete().where(
            first_run_links.c.token_digest.in_(digests), first_run_links.c.expires_at > now
        )
    )
    return used.rowcount == 1
