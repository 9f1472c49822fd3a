"""Codes of the hand-over: each is used once, by the browser that has the nonce."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy.engine import Connection

from watchword.storage.gateway_schema import gateway_codes
from watchword.storage.row_batches import Rows


class NewCode(Struct, frozen=True):
    """A code: where it is valid, the session that it hands over, and the address to open then."""

    code_digest: str
    application_id: int
    host: str
    session_id: int
    nonce_digest: str
    target: str
    expires_at: datetime


class Claimed(Struct, frozen=True):
    """The session and the address that a used code hands over."""

    session_id: int
    target: str


def put(connection: Connection, new: NewCode) -> None:
    """Store a new code."""
    connection.execute(gateway_codes.insert().values(asdict(new)))


def claim(
    connection: Connection, digests: Sequence[str], at: tuple[int, str], nonce: str, now: datetime
) -> Claimed | None:
    """Delete the code and return what it hands over, or None when it is not valid for this
    application and host (`at`), this nonce and this time. Of parallel calls one succeeds.
    """
    c = gateway_codes.c
    query = (
        gateway_codes.delete()
        .where(
            c.code_digest.in_(digests),
            c.application_id == at[0],
            c.host == at[1],
            c.nonce_digest == nonce,
            c.expires_at > now,
        )
        .returning(c.session_id, c.target)
    )
    row = connection.execute(query).first()
    return Claimed(*row) if row is not None else None


def expired(now: datetime) -> Rows:
    """Return the codes that are too old."""
    return Rows(gateway_codes, gateway_codes.c.expires_at <= now)
