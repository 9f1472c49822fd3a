"""How long an API password lives, and when its owner is told to look after it.

It lives for ever unless a setting says otherwise: what expires unseen stops scripts at night. One
that nobody has used for half a year is a way in that nobody watches.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

UNUSED_LONG: Final = timedelta(days=180)
EXPIRY_SOON: Final = timedelta(days=14)
IN_USE: Final = timedelta(days=7)
"""A credential used since then is taken for one that scripts depend on."""


class Due(StrEnum):
    """Why somebody should look after an API password."""

    EXPIRED = "expired"
    EXPIRES_SOON = "expires-soon"
    UNUSED = "unused"


def expires_at(created_at: datetime | None, most_days: int) -> datetime | None:
    """Return when it is refused from; None when there is none, or none expires (0 days)."""
    if created_at is None or not most_days:
        return None
    return created_at + timedelta(days=most_days)


def is_in_use(last_used_at: datetime | None, now: datetime) -> bool:
    """Return whether revoking the credential would probably stop a script."""
    return last_used_at is not None and now - last_used_at < IN_USE


def due(
    created_at: datetime | None, last_used_at: datetime | None, most_days: int, now: datetime
) -> Due | None:
    """Return the first thing that is to be said; None when all is well or there is none."""
    if created_at is None:
        return None
    end = expires_at(created_at, most_days)
    if end is not None and end <= now:
        return Due.EXPIRED
    if end is not None and end - now <= EXPIRY_SOON:
        return Due.EXPIRES_SOON
    return Due.UNUSED if now - (last_used_at or created_at) > UNUSED_LONG else None
