"""Accepted host names, as a defence against DNS rebinding.

A web page can send requests here when its name resolves to this server's address. The browser
then lets the page read the answers. The Host header contains the page's name, so such requests
can be refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from watchword.domain.forwarded import parsed

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ORIGIN = re.compile(
    r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]\\,]+)(?::([1-9]\d{0,4}))?", re.ASCII
)


def normalised(host: str) -> str:
    """Return a host's name or address without port, brackets and final dot, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()


def is_own(host: str, names: Iterable[str]) -> bool:
    """Return whether to accept a Host header; `names` are the names in the settings.

    Addresses and names without a dot are always accepted: only a name in the public DNS can resolve
    to an address that an attacker chooses. HTTP/1.0 sends no Host header.
    """
    name = normalised(host)
    is_private = "." not in name or name.endswith(".localhost")
    return is_private or parsed(name) is not None or name in map(normalised, names)


def is_same_origin(one: str, other: str) -> bool:
    """Return whether scheme, host and port of two origins are equal. A missing port is the
    scheme's default.
    """
    return _parts(one) is not None and _parts(one) == _parts(other)


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a serialised origin (RFC 6454, section 6.2), the only form
    that a browser sends. A URL parser would also accept a path, a user part or other spellings.
    """
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return None
    scheme, host, port = found.groups()
    return scheme, host.lower(), int(port or _DEFAULT_PORTS[scheme])
