"""The shape of an API password: `wwp_`, 32 random Base62 characters, 6 of CRC-32 in Base62.

190 random bits need no slow hash. The check sum lets a typing error, and a password that only
looks like one, be told without a look-up; the alphabet has no colon, which is what lets HTTP
Basic be split exactly (basic_auth.py). Secret scanners may look for `wwp_[0-9A-Za-z]{38}`.
"""

from __future__ import annotations

import ipaddress
import re
import zlib
from enum import StrEnum
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX: Final = "wwp_"
RANDOM_LENGTH: Final = 32
LENGTH: Final = len(PREFIX) + RANDOM_LENGTH + 6
HINT_LENGTH: Final = 4


class Refused(StrEnum):
    """Why the API refused a credential, as far as its owner can do something about it."""

    REGULAR = "regular"
    """The regular password of an account with MFA."""
    FORMER = "former"
    """An API password of the account that was replaced, was revoked or has expired."""
    NEWLINE = "newline"
    """A correct password with a line break behind it, as `echo` writes one."""
    WRONG = "wrong"


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
    """Return the first random characters, which the page keeps to tell passwords apart."""
    return password[: len(PREFIX) + HINT_LENGTH]


def network_of(address: str) -> str:
    """Return the network whose first use is told: the /24 of IPv4, the /48 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    length = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, length), strict=False))
