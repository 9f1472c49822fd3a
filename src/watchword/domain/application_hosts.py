"""Host names of applications: exact, in one spelling, so that equal hosts are equal texts.

The spelling is lower case, without one final dot and without the default port of HTTPS. A name with
other characters than ASCII is its A-label (RFC 5890), as browsers send it. An application on another
port than 443 has the port as part of its host.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final

MOST_HOST_CHARACTERS: Final = 253
_DEFAULT_PORT: Final = 443
_HIGHEST_PORT: Final = 65535
_NAME: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.(?!\Z)|\Z)", re.ASCII)
_HOST: Final = re.compile(
    r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,254}))(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_IPV4_LIKE: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""A name with such a last label is read as an IPv4 address by clients (WHATWG URL, 3.5)."""


def of_request(sent: str) -> str | None:
    """Return the host of a request in the spelling of applications, or None if it is malformed."""
    found = _HOST.fullmatch(sent)
    if found is None:
        return None
    address, written, port = found["ipv6"], found["name"], int(found["port"] or _DEFAULT_PORT)
    name = _ipv6(address) if address else _name(written.lower().removesuffix("."))
    if name is None or port > _HIGHEST_PORT:
        return None
    return name if port == _DEFAULT_PORT else f"{name}:{port}"


def of_input(typed: str) -> str | None:
    """Return a host as an administrator types it in the spelling of applications, or None if it is
    not one.
    """
    typed = typed.strip()
    if len(typed) > MOST_HOST_CHARACTERS:
        return None
    if typed.isascii():
        return of_request(typed)
    # Only here: the import takes 6 ms, and the server seldom needs it.
    import idna

    name, colon, port = typed.partition(":")
    try:
        label = idna.encode(name.removesuffix("."), uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return None
    return of_request(label + colon + port)


def _name(name: str) -> str | None:
    if len(name) > MOST_HOST_CHARACTERS:
        return None
    if _IPV4_LIKE.fullmatch(name):
        return _ipv4(name)
    at = 0
    while at < len(name):
        label = _NAME.match(name, at)
        if label is None:
            return None
        at = label.end()
    return name or None


def _ipv4(text: str) -> str | None:
    try:
        return str(IPv4Address(text))
    except ValueError:
        return None


def _ipv6(text: str) -> str | None:
    try:
        return f"[{IPv6Address(text).compressed}]"
    except ValueError:
        return None
