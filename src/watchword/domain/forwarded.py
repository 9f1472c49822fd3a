"""The client's address, scheme and host: the connection's, or those a trusted proxy reports.

A client can send any header, so forwarding headers count only when the connection's peer is a
trusted proxy. A chain is read from the right: the first address that is not trusted is the
client, since the client may have written everything left of it.

The headers are `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`. `Forwarded` (RFC
7239) is ignored: a proxy that sets one kind of header passes on the client's other kind unchanged.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from msgspec import Struct

IPAddress = IPv4Address | IPv6Address
_PORT: Final = re.compile(r":[0-9]{1,5}")
_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_LONGEST: Final = 45
"""Characters of an IPv6 address that ends in an IPv4 address."""
_MOST_HOPS: Final = 50
"""Addresses read from a chain; the rest of a longer chain is ignored."""
_SCHEMES: Final = frozenset({"http", "https"})
FOR: Final = "x-forwarded-for"
PROTO: Final = "x-forwarded-proto"
HOST: Final = "x-forwarded-host"
_ALSO: Final = frozenset({"forwarded", "x-real-ip"})


class Trusted(Struct, frozen=True):
    """The networks of the trusted proxies."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def covers(self, host: str) -> bool:
        """Return whether `host` is the address of a trusted proxy."""
        address = parsed(host.partition("%")[0])
        return address is not None and any(address in network for network in self.networks)


NONE: Final = Trusted()


class Arrival(Struct, frozen=True):
    """The origin of a request.

    `address` is the client's, `via` the trusted proxy that reported it (empty if `address` is the
    peer's), `scheme` and `host` those of the client's request.
    """

    peer: str
    address: str
    scheme: str
    host: str
    via: str = ""
    is_from_proxy: bool = False
    is_from_untrusted_peer: bool = False
    """Whether it has forwarding headers although its peer is not trusted."""

    @property
    def origin(self) -> str:
        """The origin in the client's request."""
        return f"{self.scheme}://{self.host}"

    @property
    def hostname(self) -> str:
        """The host name or address in the client's request, in lower case, without port and
        brackets; empty when the header is malformed.
        """
        found = _HOST.fullmatch(self.host)
        return found[1].strip("[]").lower() if found else ""

    @property
    def is_shared(self) -> bool:
        """Whether the address is a trusted proxy's own, which all its clients share."""
        return self.is_from_proxy and not self.via


def is_forwarding(names: Iterable[str]) -> bool:
    """Return whether one of the lower-case header names is one that proxies add."""
    return any(name in _ALSO or name.startswith("x-forwarded") for name in names)


def arrival(peer: str, scheme: str, sent: Mapping[str, Sequence[str]], trusted: Trusted) -> Arrival:
    """Return the origin of a request.

    `peer` is the connection's address, `scheme` its scheme; `sent` maps lower-case header names to
    their values, in the order of arrival.
    """
    host = (sent.get("host") or ("",))[-1]
    if not trusted.covers(peer):
        return Arrival(peer, peer, scheme, host, is_from_untrusted_peer=is_forwarding(sent))
    client = client_of(sent.get(FOR, ()), trusted)
    proto = _last(sent.get(PROTO, ())).lower()
    sent_host = _last(sent.get(HOST, ()))
    return Arrival(
        peer=peer,
        address=client or peer,
        scheme=proto if proto in _SCHEMES else scheme,
        host=sent_host if _HOST.fullmatch(sent_host) else host,
        via=peer if client else "",
        is_from_proxy=True,
    )


def client_of(values: Sequence[str], trusted: Trusted) -> str | None:
    """Return the rightmost address of all the header's lines that is not trusted, or the leftmost
    when all are trusted. None without an address, or when one to its right is malformed.
    """
    furthest = None
    hops = [hop for line in values for hop in line.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]]
    for hop in reversed(hops[-_MOST_HOPS:]):
        address = parsed(_without_port(hop.strip(" \t")))
        if address is None:
            return None
        furthest = str(address)
        if not trusted.covers(furthest):
            break
    return furthest


def parsed(text: str) -> IPAddress | None:
    """Return the address in a text, or None. An IPv4-mapped IPv6 address becomes IPv4."""
    return _parsed(text) if len(text) <= _LONGEST else None


@functools.lru_cache(maxsize=1024)
def _parsed(text: str) -> IPAddress | None:
    if "%" in text:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _without_port(hop: str) -> str:
    """Remove the port from "[IPV6]:PORT" and "IPV4:PORT"; some proxies add one."""
    if hop.startswith("["):
        inside, bracket, port = hop[1:].partition("]")
        is_whole = bracket and ":" in inside and (not port or _PORT.fullmatch(port))
        return inside if is_whole else ""
    host, colon, port = hop.partition(":")
    return host if _PORT.fullmatch(colon + port) else hop


def _last(values: Sequence[str]) -> str:
    """Return the last value, which the peer itself added."""
    return values[-1].rpartition(",")[2].strip(" \t") if values else ""
