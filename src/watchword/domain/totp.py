"""Time-based one-time passwords: RFC 6238 over RFC 4226.

The check of a code returns the *step* it belongs to, since the caller needs the step to refuse a
second use of the code (RFC 6238, 5.2). The time is an argument.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from watchword.domain.input_text import code_characters

PERIOD: Final = 30
"""Seconds per step (RFC 6238, 5.2)."""
DIGITS: Final = 6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PERIOD: Final = timedelta(seconds=PERIOD)
SECRET_BYTES: Final = 20
"""160 bits, as RFC 4226, section 4, R6 recommends."""
DRIFT_SEARCH: Final = 20
"""Steps searched on each side, at enrolment only, to distinguish a wrong clock from a wrong code."""

_HALF_HOUR: Final = 60
"""In steps. Time zones differ by whole and half hours."""
_ZONES: Final = 28
"""Half hours on each side: fourteen hours."""
_NEAR: Final = 2
"""Steps that the clock may be off in addition."""


class Match(Struct, frozen=True):
    """The code is correct and belongs to this step."""

    step: int


class Drifted(Struct, frozen=True):
    """The code belongs to a step outside the window: `steps` ahead (+) or behind (-)."""

    steps: int


def time_step(now: datetime) -> int:
    """Return floor(unix time / 30), T of RFC 6238, 4.2. Raises ValueError without a time zone."""
    if now.tzinfo is None:
        raise ValueError("time without a zone")
    return (now - _EPOCH) // _PERIOD


def code_at(
    secret: bytes, step: int, *, digits: int = DIGITS, hash_: Callable[..., Any] = hashlib.sha1
) -> str:
    """Return the code of a step: HOTP's dynamic truncation (RFC 4226, 5.3), zero-padded."""
    mac = hmac.new(secret, step.to_bytes(8, "big"), hash_).digest()
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def normalise(typed: str) -> str | None:
    """Return the six ASCII digits of a typed code, or None when it is not six digits.

    Dashes, spaces and invisible characters are dropped. Full-width and other decimal digits, which
    phones and input methods produce, are read as digits.
    """
    kept = code_characters(typed)
    if len(kept) != DIGITS or not all(c.isdecimal() for c in kept):
        return None
    return "".join(str(unicodedata.decimal(c)) for c in kept)


def find_step(
    secret: bytes,
    code: str,
    now: datetime,
    last_step: int,
    *,
    window: int = 1,
    drift_search: int = 0,
) -> Match | Drifted | None:
    """Return the smallest step with this code after `last_step`: at most `window` steps before or
    after the current one. Return `Drifted` only for a step of the wider `drift_search`; it is never
    accepted.

    All steps are compared, each in constant time. If two steps share a code, the smaller one is
    used, so that the later one stays usable.
    """
    current = time_step(now)
    reach = max(window, drift_search)
    steps = range(max(0, current - reach), current + reach + 1)
    found = [s for s in steps if hmac.compare_digest(code_at(secret, s), code) and s > last_step]
    inside = [s for s in found if abs(s - current) <= window]
    if inside:
        return Match(min(inside))
    if found:
        return Drifted(min((s - current for s in found), key=abs))
    return None


def latest_acceptable(now: datetime, window: int) -> int:
    """Return the latest step whose code may have been accepted until now: the last one of the
    window (RFC 6238, 5.2), and at least the next one, for a host whose clock is ahead.
    """
    return time_step(now) + max(1, window)


def zone_offset(secret: bytes, code: str, now: datetime) -> Drifted | None:
    """Return by how many half hours the phone's clock is off, or None for other codes.

    Such a clock shows the local time in a wrong time zone. The code is never accepted.
    """
    current = time_step(now)
    halves = [n for each in range(1, _ZONES + 1) for n in (each, -each)]
    for half in halves:
        middle = current + half * _HALF_HOUR
        near = range(max(0, middle - _NEAR), middle + _NEAR + 1)
        if any(hmac.compare_digest(code_at(secret, step), code) for step in near):
            return Drifted(half * _HALF_HOUR)
    return None


def base32(secret: bytes) -> str:
    """Return the secret as Base32 without padding, for typing into an app."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def token_groups(secret: bytes) -> list[str]:
    """Return the token shown below the QR code: Base32 in groups of four."""
    text = base32(secret)
    return [text[i : i + 4] for i in range(0, len(text), 4)]
