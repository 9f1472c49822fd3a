"""Login attempts: logins with a correct password whose second step is open."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.storage.row_batches import Rows
from watchword.storage.schema import login_attempts


class LoginAttempt(Struct, frozen=True):
    """A login attempt. `id` is public (the form contains it); its token is in the cookie."""

    id: str
    token_digest: str
    administrator_id: int
    enrolment_id: str | None
    cred_ver: int
    created_at: datetime
    expires_at: datetime
    failures: int
    is_known_browser: bool
    is_enrolment_proved: bool
    return_target: str


def put(connection: Connection, attempt: LoginAttempt) -> None:
    """Store a new attempt."""
    connection.execute(login_attempts.insert().values(**asdict(attempt)))


def replace(connection: Connection, attempt: LoginAttempt) -> None:
    """Store the attempt in place of the one with the same id."""
    connection.execute(
        login_attempts.update().where(login_attempts.c.id == attempt.id).values(**asdict(attempt))
    )


def find(
    connection: Connection, digests: list[str], administrator_id: int, now: datetime
) -> LoginAttempt | None:
    """Return the account's attempt with one of these token digests, unless it has expired."""
    c = login_attempts.c
    query = sa.select(login_attempts).where(
        c.token_digest.in_(digests), c.administrator_id == administrator_id, c.expires_at > now
    )
    row = connection.execute(query).first()
    return LoginAttempt(**row._mapping) if row else None


def count_failure(connection: Connection, id_: str) -> int:
    """Count a wrong code. Returns the count, or 0 when the attempt was deleted."""
    done = connection.execute(
        login_attempts.update()
        .where(login_attempts.c.id == id_)
        .values(failures=login_attempts.c.failures + 1)
        .returning(login_attempts.c.failures)
    )
    return int(done.scalar() or 0)


def delete(connection: Connection, id_: str) -> bool:
    """Delete the attempt. Returns whether this call deleted it; only then a session may follow."""
    done = connection.execute(login_attempts.delete().where(login_attempts.c.id == id_))
    return done.rowcount == 1


def delete_open(connection: Connection, id_: str, now: datetime) -> bool:
    """Do the same for an attempt that has not expired."""
    c = login_attempts.c
    done = connection.execute(login_attempts.delete().where(c.id == id_, c.expires_at > now))
    return done.rowcount == 1


def delete_all_of(connection: Connection, administrator_id: int) -> None:
    """Delete every attempt of an account."""
    connection.execute(
        login_attempts.delete().where(login_attempts.c.administrator_id == administrator_id)
    )


def expired(now: datetime, too_new: datetime) -> Rows:
    """Return the expired attempts, and those created after `too_new`."""
    c = login_attempts.c
    return Rows(login_attempts, (c.expires_at <= now) | (c.created_at > too_new))
