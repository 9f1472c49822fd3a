"""Login attempts: logins whose password was right and whose second step is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.storage.database import delete_unlocked
from watchword.storage.schema import login_attempts


@dataclass(frozen=True)
class LoginAttempt:
    """`id` is public (the form names it); the token that opens it is in the cookie."""

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
    connection.execute(login_attempts.insert().values(**vars(attempt)))


def replace(connection: Connection, attempt: LoginAttempt) -> None:
    """Store other values of an attempt."""
    connection.execute(
        login_attempts.update().where(login_attempts.c.id == attempt.id).values(**vars(attempt))
    )


def find(
    connection: Connection, digests: list[str], administrator_id: int, now: datetime
) -> LoginAttempt | None:
    """Return the account's attempt unless it is too old."""
    c = login_attempts.c
    query = sa.select(login_attempts).where(
        c.token_digest.in_(digests), c.administrator_id == administrator_id, c.expires_at > now
    )
    row = connection.execute(query).first()
    return LoginAttempt(**row._mapping) if row else None


def count_failure(connection: Connection, id_: str) -> int:
    """Count a wrong code; returns how many there are now (0 when the attempt is gone)."""
    done = connection.execute(
        login_attempts.update()
        .where(login_attempts.c.id == id_)
        .values(failures=login_attempts.c.failures + 1)
        .returning(login_attempts.c.failures)
    )
    return int(done.scalar() or 0)


def delete(connection: Connection, id_: str) -> bool:
    """End the attempt; whether it was this caller who did decides who gets the session."""
    done = connection.execute(login_attempts.delete().where(login_attempts.c.id == id_))
    return done.rowcount == 1


def delete_all_of(connection: Connection, administrator_id: int) -> None:
    """End every attempt of an account."""
    connection.execute(
        login_attempts.delete().where(login_attempts.c.administrator_id == administrator_id)
    )


def delete_expired(connection: Connection, now: datetime, too_new: datetime) -> int:
    """Sweep what is too old, or is made after a time that lies ahead."""
    is_over = (login_attempts.c.expires_at <= now) | (login_attempts.c.created_at > too_new)
    return delete_unlocked(connection, login_attempts, is_over)
