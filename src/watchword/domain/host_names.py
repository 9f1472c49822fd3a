"""The names that a request may ask this server by.

A page of another name can become a client of this server when its name resolves to this server's
address (DNS rebinding). The browser then takes the answers for the page's own. The Host header
tells them apart: it has the page's name.
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
    """Return a host's name or address without port, brackets and final dot, in small letters."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()


def is_own(host: str, names: Iterable[str]) -> bool:
    """Return whether a Host header may ask this server; `names` are those of its settings.

    Addresses and names without a dot are always accepted: only a name in the public DNS can be made
    to resolve to another address. HTTP/1.0 sends none.
    """
    name = normalised(host)
    is_private = "." not in name or name.endswith(".localhost")
    return is_private or parsed(name) is not None or name in map(normalised, names)


def is_same_origin(one: str, other: str) -> bool:
    """Return whether two origins are equal: scheme, host and port, where a port that is left out
    is the scheme's.
    """
    return _parts(one) is not None and _parts(one) == _parts(other)


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a serialised origin (RFC 6454, section 6.2), the only form
    that a browser sends. A reader of URLs also accepts a path, a user part or another spelling.
    """
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return None
    scheme, host, port = found.groups()
    return scheme, host.lower(), int(port or _DEFAULT_PORTS[scheme])
