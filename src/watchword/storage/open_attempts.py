"""Login attempts with their account and its authenticator, read by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection

from watchword.domain.accounts import Administrator
from watchword.domain.mfa import Authenticator
from watchword.storage.administrators import administrator_of, domain_columns
from watchword.storage.attempts import LoginAttempt
from watchword.storage.authenticators import Totp
from watchword.storage.schema import administrators, authenticators, login_attempts

_ATTEMPT: Final = "attempt_"
_TOTP: Final = "totp_"
_TOTP_COLUMNS: Final = ("id", "secret", "last_step")
_is_totp = (authenticators.c.administrator_id == administrators.c.id) & (
    authenticators.c.kind == Authenticator.TOTP.value
)
_query = sa.select(
    *domain_columns,
    *(c.label(_ATTEMPT + c.name) for c in login_attempts.c),
    *(authenticators.c[name].label(_TOTP + name) for name in _TOTP_COLUMNS),
).select_from(administrators.join(login_attempts).outerjoin(authenticators, _is_totp))


class FoundAttempt(Struct, frozen=True):
    """An attempt that has not expired. `totp` is None for an account without a TOTP authenticator."""

    attempt: LoginAttempt
    account: Administrator
    totp: Totp | None


def find(
    connection: Connection, digests: Sequence[str], administrator_id: int, now: datetime
) -> FoundAttempt | None:
    """Return the account's attempt with one of these token digests, unless it has expired."""
    c = login_attempts.c
    row = connection.execute(
        _query.where(
            c.token_digest.in_(digests), c.administrator_id == administrator_id, c.expires_at > now
        )
    ).first()
    if row is None:
        return None
    values = row._mapping
    attempt = LoginAttempt(**{column.name: values[_ATTEMPT + column.name] for column in c})
    totp = Totp(**{name: values[_TOTP + name] for name in _TOTP_COLUMNS})
    is_there = values[_TOTP + "id"] is not None
    return FoundAttempt(attempt, administrator_of(row), totp if is_there else None)
