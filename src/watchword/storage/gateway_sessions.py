"""Sessions of browsers at applications, each of one application, host and console session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.storage.administrators import administrator_of, domain_columns
from watchword.storage.gateway_schema import gateway_sessions
from watchword.storage.row_batches import Rows
from watchword.storage.schema import administrators, sessions


class StoredGatewaySession(Struct, frozen=True):
    """A session at an application with what the check needs of its console session: the version of
    the credentials, the verified factors and the times of login and last re-authentication.
    """

    id: int
    application_id: int
    host: str
    last_seen_at: datetime
    expires_at: datetime
    cred_ver: int
    factors: str
    logged_in_at: datetime
    proved_at: datetime


class NewGatewaySession(Struct, frozen=True):
    """The values that a hand-over gives a session."""

    token_digest: str
    application_id: int
    host: str
    session_id: int
    created_at: datetime
    expires_at: datetime


def put(connection: Connection, new: NewGatewaySession) -> None:
    """Store a new session."""
    row = {**asdict(new), "last_seen_at": new.created_at}
    connection.execute(gateway_sessions.insert().values(row))


def find(
    connection: Connection, digests: Sequence[str], administrator_id: int
) -> tuple[StoredGatewaySession, Administrator] | None:
    """Return the account's session with this token, and the account. The caller checks whether the
    session is valid. `digests` has one digest for each key of the ring.
    """
    c, parent = gateway_sessions.c, sessions.c
    own = [
        c.id, c.application_id, c.host, c.last_seen_at, c.expires_at, parent.cred_ver,
        parent.factors, parent.created_at, parent.proved_at,
    ]  # fmt: skip
    labels = [column.label(f"own_{number}") for number, column in enumerate(own)]
    row = connection.execute(
        sa.select(*labels, *domain_columns)
        .select_from(gateway_sessions.join(sessions).join(administrators))
        .where(c.token_digest.in_(digests), administrators.c.id == administrator_id)
    ).first()
    if row is None:
        return None
    return StoredGatewaySession(*row[: len(own)]), administrator_of(row)


def parent_of(connection: Connection, id_: int) -> int | None:
    """Return the id of the console session that the session belongs to, or None without one."""
    query = sa.select(gateway_sessions.c.session_id).where(gateway_sessions.c.id == id_)
    found: int | None = connection.execute(query).scalar()
    return found


def touch(connection: Connection, id_: int, now: datetime) -> None:
    """Store the time at which the session was last seen."""
    c = gateway_sessions.c
    connection.execute(gateway_sessions.update().where(c.id == id_).values(last_seen_at=now))


def expired(now: datetime) -> Rows:
    """Return the sessions that are too old."""
    return Rows(gateway_sessions, gateway_sessions.c.expires_at <= now)
