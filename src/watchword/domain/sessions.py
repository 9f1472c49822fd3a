"""How long a session lives, and how long a proof of identity stays recent.

NIST SP 800-63B-4, 2.2.3 asks for re-authentication after 24 hours or one hour of inactivity;
the values here are shorter. A recent proof (ASVS 5.0, 7.5.1) belongs to one session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from watchword.domain.clocks import CLOCK_TOLERANCE

LOGIN_ATTEMPT_LIFE: Final = timedelta(minutes=5)
ENROLMENT_LIFE: Final = timedelta(minutes=10)
DEVICE_LIFE: Final = timedelta(days=180)
KNOWN_ADDRESS_LIFE: Final = timedelta(days=30)
FIRST_RUN_LIFE: Final = timedelta(minutes=60)
MOST_SESSIONS: Final = 10
"""For one account; the oldest makes room (ASVS 5.0, 7.1.2)."""
SINGLE_PROOF_LIFE: Final = timedelta(minutes=10)
NO_PROOF: Final = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_SETBACK: Final = timedelta(days=1)
"""What was made by a clock that ran ahead by more than this, once it is right again, is swept
out: it would otherwise last until that time has come.
"""
TOUCH_INTERVAL: Final = timedelta(minutes=1)
"""`last seen` and `last used` are written at most this often."""
ROTATION: Final = timedelta(minutes=60)
"""A token in use is replaced this often, and at each proof (ASVS 5.0, 7.2.4)."""
ROTATION_GRACE: Final = timedelta(seconds=30)
"""How long the token before is still taken: for requests that were under way."""
PROOF_FAILURES: Final = 5
"""Wrong answers to "Confirm it is you" that end the session."""


@dataclass(frozen=True)
class Limits:
    """The settings of this installation. With `recent_proof` zero a proof serves one act."""

    idle: timedelta
    absolute: timedelta
    recent_proof: timedelta


@dataclass(frozen=True)
class Session:
    """A console session as stored; `factors` are the words of login.Factor, space-separated.

    `ref` names it in the audit log: the first 8 hex digits of its first token's MAC. It
    opens nothing, and stays when the token is replaced.
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
    """Return whether the session still stands for its account.

    A `cred_ver` that is not the account's means that a password or MFA change ended it.
    """
    return (
        session.cred_ver == cred_ver
        and now < session.expires_at
        and now - session.last_seen_at < limits.idle
    )


@dataclass(frozen=True)
class Left:
    """How long a session goes on: unless it is used again, and however it is used."""

    idle: timedelta
    at_most: timedelta


def left(session: Session, limits: Limits, now: datetime) -> Left:
    """Return how long the session goes on from now."""
    return Left(session.last_seen_at + limits.idle - now, session.expires_at - now)


def is_due_for_rotation(session: Session, now: datetime) -> bool:
    """Return whether the token has been in use for so long that another one takes its place."""
    return now - session.rotated_at >= ROTATION


def has_recent_proof(session: Session, limits: Limits, now: datetime) -> bool:
    """Return whether a full login or "Confirm it is you" happened recently in this session.

    With `recent_proof` zero a login is none, and one that was given serves a single act, within
    minutes. A proof of the future counts only within the tolerance for another node's clock.
    """
    life = limits.recent_proof or SINGLE_PROOF_LIFE
    return -CLOCK_TOLERANCE <= now - session.proved_at < life
