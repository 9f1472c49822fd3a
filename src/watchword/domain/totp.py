"""Time-based one-time passwords: RFC 6238 over RFC 4226.

The answer to "is this code right?" is the *step* it belongs to, not a yes: only who knows the
step can see to it that no code is used twice (RFC 6238, 5.2). Time is an argument.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from watchword.domain.input_text import code_characters

PERIOD: Final = 30
"""Seconds a step lasts (RFC 6238, 5.2)."""
DIGITS: Final = 6
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PERIOD: Final = timedelta(seconds=PERIOD)
SECRET_BYTES: Final = 20
"""160 bits, as RFC 4226, section 4, R6 recommends."""
DRIFT_SEARCH: Final = 20
"""Steps to each side looked at, at enrolment only, to tell a wrong clock from a wrong code."""

_HALF_HOUR: Final = 60
"""In steps. Time zones differ by whole and half hours."""
_ZONES: Final = 28
"""Half hours to each side: fourteen hours."""
_NEAR: Final = 2
"""Steps that the clock may be off besides."""


@dataclass(frozen=True)
class Match:
    """The code is right: it belongs to this step."""

    step: int


@dataclass(frozen=True)
class Drifted:
    """The code belongs to a step outside the window: `steps` ahead (+) or behind (-)."""

    steps: int


def time_step(now: datetime) -> int:
    """Return floor(unix time / 30): T of RFC 6238, 4.2. `now` must know its time zone."""
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
    """Return the six ASCII digits a person typed, or None when it is not six digits.

    Dashes, spaces and invisible characters are dropped and full-width or other decimal digits are
    read as digits: phones and input methods produce them.
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
    """Return the smallest step later than `last_step`, within the window, that has this code.

    All steps are compared, each in constant time. Two neighbouring steps may share a code; the
    smallest wins, so that the later one is not burnt with it. `Drifted` never counts as right.
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


def zone_offset(secret: bytes, code: str, now: datetime) -> Drifted | None:
    """Return by how many whole half hours the clock that made this code is off: a clock that shows
    the local time in a wrong time zone. None for other codes. Never a reason to accept the code.
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
    """Return the secret as Base32 without padding: what an app takes when typed by hand."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def token_groups(secret: bytes) -> list[str]:
    """Return the token that stands below the QR code: Base32 in groups of four."""
    text = base32(secret)
    return [text[i : i + 4] for i in range(0, len(text), 4)]
