"""Proofs that a login may set up a phone while MFA is pending: the enrolment code, and the browser
that enabled MFA.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.storage.row_batches import Rows
from watchword.storage.schema import enrolment_browsers, enrolment_codes


class StoredEnrolmentCode(Struct, frozen=True):
    """An account's enrolment code, as a keyed MAC. An account has at most one."""

    administrator_id: int
    mac: str
    cred_ver: int
    expires_at: datetime
    failures: int


def put_code(connection: Connection, code: StoredEnrolmentCode) -> None:
    """Store a code; it replaces the account's older one."""
    forget_code(connection, code.administrator_id)
    connection.execute(enrolment_codes.insert().values(**asdict(code)))


def code_of(
    connection: Connection, administrator_id: int, cred_ver: int, now: datetime
) -> StoredEnrolmentCode | None:
    """Return the account's code, unless it has expired or `cred_ver` has changed since."""
    c = enrolment_codes.c
    query = sa.select(enrolment_codes).where(
        c.administrator_id == administrator_id, c.cred_ver == cred_ver, c.expires_at > now
    )
    row = connection.execute(query).first()
    return StoredEnrolmentCode(**row._mapping) if row else None


def forget_code(connection: Connection, administrator_id: int) -> bool:
    """Delete the account's code. Returns whether this call deleted it: only then it was used."""
    done = connection.execute(
        enrolment_codes.delete().where(enrolment_codes.c.administrator_id == administrator_id)
    )
    return done.rowcount == 1


def count_failure(connection: Connection, administrator_id: int) -> int:
    """Count a wrong code. Returns the count, or 0 when the account has no code."""
    done = connection.execute(
        enrolment_codes.update()
        .where(enrolment_codes.c.administrator_id == administrator_id)
        .values(failures=enrolment_codes.c.failures + 1)
        .returning(enrolment_codes.c.failures)
    )
    return int(done.scalar() or 0)


def put_browser(
    connection: Connection,
    token_digest: str,
    administrator_id: int,
    cred_ver: int,
    expires_at: datetime,
) -> None:
    """Store the token of a browser that needs no code."""
    connection.execute(
        enrolment_browsers.insert().values(
            token_digest=token_digest, administrator_id=administrator_id, cred_ver=cred_ver,
            expires_at=expires_at,
        )
    )  # fmt: skip


def has_browser(
    connection: Connection,
    digests: list[str],
    administrator_id: int,
    cred_ver: int,
    now: datetime,
) -> bool:
    """Return whether one of the digests is a valid token of the account with this `cred_ver`."""
    c = enrolment_browsers.c
    query = sa.select(c.token_digest).where(
        c.token_digest.in_(digests), c.administrator_id == administrator_id,
        c.cred_ver == cred_ver, c.expires_at > now,
    )  # fmt: skip
    return connection.execute(query).first() is not None


def forget_all_of(connection: Connection, administrator_id: int) -> None:
    """Delete the code and the browsers of an account."""
    forget_code(connection, administrator_id)
    connection.execute(
        enrolment_browsers.delete().where(enrolment_browsers.c.administrator_id == administrator_id)
    )


def expired(now: datetime) -> tuple[Rows, Rows]:
    """Return the expired codes, and the expired browsers."""
    codes, browsers = enrolment_codes, enrolment_browsers
    return Rows(codes, codes.c.expires_at <= now), Rows(browsers, browsers.c.expires_at <= now)
