"""Lifetimes of sessions and of re-authentication.

NIST SP 800-63B-4, 2.2.3 requires re-authentication after 24 hours or one hour of inactivity; the
values here are shorter. A re-authentication (ASVS 5.0, 7.5.1) is valid in one session.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from watchword.domain.clocks import CLOCK_TOLERANCE

LOGIN_ATTEMPT_LIFE: Final = timedelta(minutes=5)
ENROLMENT_LIFE: Final = timedelta(minutes=10)
DEVICE_LIFE: Final = timedelta(days=180)
KNOWN_ADDRESS_LIFE: Final = timedelta(days=30)
FIRST_RUN_LIFE: Final = timedelta(minutes=60)
MOST_SESSIONS: Final = 10
"""Per account; a new session ends the oldest (ASVS 5.0, 7.1.2)."""
SINGLE_PROOF_LIFE: Final = timedelta(minutes=10)
NO_PROOF: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_SETBACK: Final = timedelta(days=1)
"""Rows with a creation time further in the future than this are deleted. They come from a clock
that was ahead and would otherwise stay valid for too long.
"""
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""`last seen` and `last used` are stored at most this often."""
ROTATION: Final = timedelta(minutes=60)
"""A session token is replaced after this time of use, and at each re-authentication (ASVS 5.0,
7.2.4).
"""
ROTATION_GRACE: Final = timedelta(seconds=30)
"""How long the replaced token is still accepted, for requests already under way."""
PROOF_FAILURES: Final = 5
"""Wrong answers to "Confirm it is you" that end the session."""


class Limits(Struct, frozen=True):
    """The settings of this installation. With `recent_proof` zero each re-authentication allows one
    action.
    """

    idle: timedelta
    absolute: timedelta
    recent_proof: timedelta


class Session(Struct, frozen=True):
    """A stored console session; `factors` are the values of login.Factor, separated by spaces.

    `ref` names it in the audit log: the first 8 hex digits of its first token's MAC. It gives no
    access and stays the same when the token is replaced.
    """

    id: int
    ref: str
    rotated_at: datetime
    administrator_id: int
    cred_ver: int
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    proved_at: datetime
    proof_failures: int
    factors: str
    address: str
    user_agent: str


def is_alive(session: Session, cred_ver: int, limits: Limits, now: datetime) -> bool:
    """Return whether the session is valid.

    A `cred_ver` that differs from the account's means that a password or MFA change ended it.
    """
    return (
        session.cred_ver == cred_ver
        and now < session.expires_at
        and now - session.last_seen_at < limits.idle
    )


def end_of(session: Session, cred_ver: int, now: datetime) -> str:
    """Return why a session is no longer valid: "changed", "longest" or "idle"."""
    if session.cred_ver != cred_ver:
        return "changed"
    return "longest" if now >= session.expires_at else "idle"


class Left(Struct, frozen=True):
    """The remaining time of a session: without further use, and at most."""

    idle: timedelta
    at_most: timedelta


def left(session: Session, limits: Limits, now: datetime) -> Left:
    """Return the remaining time of the session."""
    return Left(session.last_seen_at + limits.idle - now, session.expires_at - now)


def is_due_for_rotation(session: Session, now: datetime) -> bool:
    """Return whether the token is due for replacement."""
    return now - session.rotated_at >= ROTATION


def has_recent_proof(session: Session, limits: Limits, now: datetime) -> bool:
    """Return whether a full login or "Confirm it is you" happened recently in this session.

    With `recent_proof` zero a login does not count, and a re-authentication allows one action
    within minutes. A time in the future counts only within the tolerance for another node's clock.
    """
    life = limits.recent_proof or SINGLE_PROOF_LIFE
    return -CLOCK_TOLERANCE <= now - session.proved_at < life
