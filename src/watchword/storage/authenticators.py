"""The TOTP authenticator of an account, and the secrets of enrolments that are not confirmed.

Secrets come and go sealed; this room never sees one open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from watchword.domain.mfa import Mfa, Status
from watchword.storage.database import delete_unlocked
from watchword.storage.schema import authenticators, enrolments


@dataclass(frozen=True)
class Enrolment:
    """A secret that was made for one login attempt or one session, and is not yet in force."""

    id: str
    administrator_id: int
    secret: bytes
    cred_ver: int
    created_at: datetime
    expires_at: datetime
    failures: int


def change_status(
    connection: Connection, id_: int, *, expected: Status, to: Mfa, secret: bytes | None
) -> bool:
    """Store the new status and sealed secret if the status is still the expected one."""
    done = connection.execute(
        authenticators.update()
        .where(
            authenticators.c.administrator_id == id_,
            authenticators.c.status == expected.value,
        )
        .values(
            status=to.status.value,
            pending_from=to.pending_from.value if to.pending_from else None,
            pending_since=to.pending_since,
            activated_at=to.activated_at,
            last_step=to.last_step,
            secret=secret,
        )
    )
    return done.rowcount == 1


def pending_since(connection: Connection, time: datetime) -> list[int]:
    """Return the accounts that have been pending since before a time."""
    query = sa.select(authenticators.c.administrator_id).where(
        authenticators.c.status == Status.PENDING.value, authenticators.c.pending_since <= time
    )
    return list(connection.execute(query).scalars())


def secret_of(connection: Connection, id_: int) -> bytes | None:
    """Return the sealed active secret."""
    query = sa.select(authenticators.c.secret).where(authenticators.c.administrator_id == id_)
    sealed: bytes | None = connection.execute(query).scalar()
    return sealed


def all_secrets(connection: Connection) -> list[tuple[int, bytes]]:
    """Return every sealed active secret with its account's id."""
    query = sa.select(authenticators.c.administrator_id, authenticators.c.secret).where(
        authenticators.c.secret.is_not(None)
    )
    return [(row.administrator_id, row.secret) for row in connection.execute(query)]


def claim_step(connection: Connection, id_: int, step: int) -> bool:
    """Use up a step and all before it; False when somebody was faster (RFC 6238, 5.2)."""
    done = connection.execute(
        authenticators.update()
        .where(authenticators.c.administrator_id == id_, authenticators.c.last_step < step)
        .values(last_step=step)
    )
    return done.rowcount == 1


def lower_steps(connection: Connection, *, beyond: int, to: int) -> int:
    """Set used steps that lie beyond one back. Returns how many there were."""
    done = connection.execute(
        authenticators.update().where(authenticators.c.last_step > beyond).values(last_step=to)
    )
    return done.rowcount


# --- enrolments ------------------------------------------------------------------------------
def _enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(**row._mapping)


def put_enrolment(connection: Connection, enrolment: Enrolment) -> None:
    """Store a new enrolment."""
    connection.execute(enrolments.insert().values(**vars(enrolment)))


def enrolment(connection: Connection, id_: str | None, now: datetime) -> Enrolment | None:
    """Return the enrolment unless it is too old."""
    query = sa.select(enrolments).where(enrolments.c.id == id_, enrolments.c.expires_at > now)
    row = connection.execute(query).first()
    return _enrolment(row) if row else None


def count_enrolment_failure(connection: Connection, id_: str) -> int:
    """Count a wrong code; returns how many there are now."""
    done = connection.execute(
        enrolments.update()
        .where(enrolments.c.id == id_)
        .values(failures=enrolments.c.failures + 1)
        .returning(enrolments.c.failures)
    )
    return int(done.scalar_one())


def delete_enrolment(connection: Connection, id_: str | None) -> bool:
    """Take one enrolment out of the world; False when there is none, or it was gone already."""
    if id_ is None:
        return False  # "id IS NULL" would read the whole table to find nothing
    return connection.execute(enrolments.delete().where(enrolments.c.id == id_)).rowcount == 1


def delete_enrolments_of(connection: Connection, administrator_id: int) -> None:
    """Delete every unconfirmed secret of an account."""
    connection.execute(enrolments.delete().where(enrolments.c.administrator_id == administrator_id))


def delete_expired(connection: Connection, now: datetime, too_new: datetime) -> int:
    """Sweep what is too old, or is made after a time that lies ahead."""
    is_over = (enrolments.c.expires_at <= now) | (enrolments.c.created_at > too_new)
    return delete_unlocked(connection, enrolments, is_over)
