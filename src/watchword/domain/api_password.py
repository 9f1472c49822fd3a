"""API passwords: their format and their age.

Format: `wwp_`, 32 random Base62 characters, CRC-32 in 6 Base62 characters. 190 random bits need
no slow hash. The check sum detects a typing error without a look-up. The alphabet has no colon,
so HTTP Basic credentials can be split exactly (basic_auth.py). Secret scanners can search for
`wwp_[0-9A-Za-z]{38}`.

Overlap: an account has one API password. The one that it replaced can stay valid for a few hours,
so that scripts are changed one after the other.

Age: an API password does not expire unless a setting limits its life, because an unexpected
expiry stops scripts. An API password that was not used for half a year is reported: its owner has
probably forgotten it.
"""

from __future__ import annotations

import ipaddress
import re
import zlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX: Final = "wwp_"
RANDOM_LENGTH: Final = 32
LENGTH: Final = len(PREFIX) + RANDOM_LENGTH + 6
HINT_LENGTH: Final = 4

UNUSED_LONG: Final = timedelta(days=180)
EXPIRY_SOON: Final = timedelta(days=14)
IN_USE: Final = timedelta(days=7)
"""A credential that was used within this time is assumed to be needed by a script."""

OVERLAPS: Final = (timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(hours=72))
"""How long a replaced API password can stay valid; the first is the default."""
LONGEST_OVERLAP: Final = OVERLAPS[-1]


class Refused(StrEnum):
    """Why the API refused a credential, as far as its owner can do something about it."""

    REGULAR = "regular"
    """The regular password of an account with MFA."""
    FORMER = "former"
    """An API password of the account that was replaced, was revoked or has expired."""
    NEWLINE = "newline"
    """A correct password with a line break behind it, as `echo` writes one."""
    WRONG = "wrong"


class Due(StrEnum):
    """Why the owner should check or replace an API password."""

    EXPIRED = "expired"
    EXPIRES_SOON = "expires-soon"
    UNUSED = "unused"


_SHAPE = re.compile(r"wwp_[0-9A-Za-z]{38}")


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode("ascii")), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = ALPHABET[digit] + digits
    return digits


def assemble(random: str) -> str:
    """Return the API password made of 32 random Base62 characters."""
    if len(random) != RANDOM_LENGTH or any(c not in ALPHABET for c in random):
        raise ValueError("32 Base62 characters are needed")
    return PREFIX + random + _checksum(PREFIX + random)


def is_well_formed(text: str) -> bool:
    """Return whether the text has the shape of an API password and its check sum is right."""
    if _SHAPE.fullmatch(text) is None:
        return False
    return _checksum(text[:-6]) == text[-6:]


def hint(password: str) -> str:
    """Return the first characters, by which the page identifies the password."""
    return password[: len(PREFIX) + HINT_LENGTH]


def network_of(address: str) -> str:
    """Return the network of an address: the /24 of IPv4, the /48 of IPv6.

    The first use of an API password from a network is reported.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    length = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, length), strict=False))


def expires_at(created_at: datetime | None, most_days: int) -> datetime | None:
    """Return when the API password expires; None without one, or without a limit (0 days)."""
    if created_at is None or not most_days:
        return None
    return created_at + timedelta(days=most_days)


def is_in_use(last_used_at: datetime | None, now: datetime) -> bool:
    """Return whether revoking the credential would probably stop a script."""
    return last_used_at is not None and now - last_used_at < IN_USE


def due(
    created_at: datetime | None, last_used_at: datetime | None, most_days: int, now: datetime
) -> Due | None:
    """Return the most urgent reason to check the API password; None without a reason."""
    if created_at is None:
        return None
    end = expires_at(created_at, most_days)
    if end is not None and end <= now:
        return Due.EXPIRED
    if end is not None and end - now <= EXPIRY_SOON:
        return Due.EXPIRES_SOON
    return Due.UNUSED if now - (last_used_at or created_at) > UNUSED_LONG else None
