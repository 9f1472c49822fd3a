"""Authenticators of accounts, and the secrets of enrolments that are not confirmed.

Secrets are stored and returned sealed; this module opens none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection, Row

from watchword.domain.mfa import Authenticator
from watchword.storage.database import streamed
from watchword.storage.row_batches import Key, Rows
from watchword.storage.schema import authenticators, enrolments

_c = authenticators.c


class Enrolment(Struct, frozen=True):
    """A secret of one login attempt or one session that no code has confirmed yet."""

    id: str
    administrator_id: int
    secret: bytes
    cred_ver: int
    created_at: datetime
    expires_at: datetime
    failures: int


class Totp(Struct, frozen=True):
    """The TOTP authenticator of an account. `secret` is sealed; `last_step` was used last."""

    id: int
    secret: bytes
    last_step: int


def add_totp(
    connection: Connection, administrator_id: int, secret: bytes, *, used_step: int, now: datetime
) -> None:
    """Store the authenticator that a code of `used_step` has confirmed."""
    connection.execute(
        authenticators.insert().values(
            administrator_id=administrator_id,
            kind=Authenticator.TOTP.value,
            name="",
            created_at=now,
            last_used_at=now,
            secret=secret,
            last_step=used_step,
        )
    )


def totp_of(connection: Connection, administrator_id: int) -> Totp | None:
    """Return the account's TOTP authenticator."""
    row = connection.execute(
        sa.select(_c.id, _c.secret, _c.last_step).where(
            _c.administrator_id == administrator_id, _c.kind == Authenticator.TOTP.value
        )
    ).first()
    return Totp(**row._mapping) if row else None


def count_secrets(connection: Connection) -> int:
    """Return the number of sealed secrets."""
    return int(connection.execute(sa.select(sa.func.count(_c.secret))).scalar_one())


def all_secrets(connection: Connection) -> Iterator[tuple[int, bytes]]:
    """Yield every sealed secret with its account's id."""
    query = sa.select(_c.administrator_id, _c.secret).where(_c.secret.is_not(None))
    yield from streamed(connection, query)


def delete_all_of(connection: Connection, administrator_id: int) -> None:
    """Delete every authenticator of an account."""
    connection.execute(authenticators.delete().where(_c.administrator_id == administrator_id))


def claim_step(connection: Connection, id_: int, step: int, now: datetime) -> bool:
    """Record that a code of this step was used with the authenticator. Returns False when the step
    or a later one was used before (RFC 6238, 5.2), and when the authenticator was deleted.
    """
    done = connection.execute(
        authenticators.update()
        .where(_c.id == id_, _c.last_step < step)
        .values(last_step=step, last_used_at=now)
    )
    return done.rowcount == 1


def use_up_steps(connection: Connection, administrator_id: int, through: int) -> None:
    """Let the account's authenticators accept no code of this step or of an earlier one."""
    connection.execute(
        authenticators.update()
        .where(_c.administrator_id == administrator_id, _c.last_step < through)
        .values(last_step=through)
    )


def ahead(step: int) -> Rows:
    """Return the authenticators whose last used step is later than this one."""
    return Rows(authenticators, _c.last_step > step)


def lower_steps(connection: Connection, rows: Rows, keys: Sequence[Key], step: int) -> None:
    """Set the last used steps of these authenticators back to a step."""
    connection.execute(authenticators.update().where(rows.among(keys)).values(last_step=step))


# --- enrolments ------------------------------------------------------------------------------
def _enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(**row._mapping)


def put_enrolment(connection: Connection, enrolment: Enrolment) -> None:
    """Store a new enrolment."""
    connection.execute(enrolments.insert().values(**asdict(enrolment)))


def enrolment(connection: Connection, id_: str | None, now: datetime) -> Enrolment | None:
    """Return the enrolment unless it has expired."""
    query = sa.select(enrolments).where(enrolments.c.id == id_, enrolments.c.expires_at > now)
    row = connection.execute(query).first()
    return _enrolment(row) if row else None


def count_enrolment_failure(connection: Connection, id_: str) -> int:
    """Count a wrong code. Returns the count."""
    done = connection.execute(
        enrolments.update()
        .where(enrolments.c.id == id_)
        .values(failures=enrolments.c.failures + 1)
        .returning(enrolments.c.failures)
    )
    return int(done.scalar_one())


def delete_enrolment(connection: Connection, id_: str | None) -> bool:
    """Delete one enrolment. Returns whether this call deleted it."""
    if id_ is None:
        return False  # "id IS NULL" would read the whole table
    return connection.execute(enrolments.delete().where(enrolments.c.id == id_)).rowcount == 1


def delete_enrolments_of(connection: Connection, administrator_id: int) -> None:
    """Delete every unconfirmed secret of an account."""
    connection.execute(enrolments.delete().where(enrolments.c.administrator_id == administrator_id))


def expired(now: datetime, too_new: datetime) -> Rows:
    """Return the expired enrolments, and those created after `too_new`."""
    c = enrolments.c
    return Rows(enrolments, (c.expires_at <= now) | (c.created_at > too_new))
