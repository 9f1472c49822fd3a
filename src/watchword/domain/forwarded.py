"""Where a request comes from: the connection's peer, or the client that a trusted proxy tells of.

A client can write any header, so what one says counts only when the peer of the connection is
trusted, and of a chain only what trusted proxies have appended: it is read from the right, and
the first hop that is not trusted is the client. Whatever stands left of it the client wrote.

Read are `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`. `Forwarded` (RFC 7239) is
not: a proxy that writes one of the two passes a client's other one on as it came.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

IPAddress = IPv4Address | IPv6Address
_PORT: Final = re.compile(r":[0-9]{1,5}")
_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_LONGEST: Final = 45
"""Characters of an IPv6 address that ends in an IPv4 one."""
_MOST_HOPS: Final = 50
"""Of a chain; the rest of a longer one is ignored."""
_SCHEMES: Final = frozenset({"http", "https"})
FOR: Final = "x-forwarded-for"
PROTO: Final = "x-forwarded-proto"
HOST: Final = "x-forwarded-host"
_ALSO: Final = frozenset({"forwarded", "x-real-ip"})


@dataclass(frozen=True)
class Trusted:
    """The proxies that are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def covers(self, host: str) -> bool:
        """Return whether an address is one of them; what is no address is not."""
        address = parsed(host.partition("%")[0])
        return address is not None and any(address in network for network in self.networks)


NOBODY: Final = Trusted()


@dataclass(frozen=True)
class Arrival:
    """What is known of where a request comes from.

    `address` is the client's, `via` the trusted proxy that told it (empty: it is the peer's own),
    `scheme` and `host` what the client asked for.
    """

    peer: str
    address: str
    scheme: str
    host: str
    via: str = ""
    is_from_proxy: bool = False
    is_from_stranger: bool = False
    """Whether it has forwarding headers though its peer is not trusted."""

    @property
    def origin(self) -> str:
        """The origin that the client asked."""
        return f"{self.scheme}://{self.host}"

    @property
    def hostname(self) -> str:
        """The name or address that the client asked for: in lower case, without port and brackets;
        empty when the header is malformed.
        """
        found = _HOST.fullmatch(self.host)
        return found[1].strip("[]").lower() if found else ""

    @property
    def is_shared(self) -> bool:
        """Whether the address is a proxy's, behind which there is everybody."""
        return self.is_from_proxy and not self.via


def is_forwarding(names: Iterable[str]) -> bool:
    """Return whether one of the headers, their names in small letters, is one that proxies add."""
    return any(name in _ALSO or name.startswith("x-forwarded") for name in names)


def arrival(peer: str, scheme: str, sent: Mapping[str, Sequence[str]], trusted: Trusted) -> Arrival:
    """Return where a request comes from.

    `peer` is the connection's address, `scheme` its scheme; `sent` has the headers' values by
    name in small letters, in the order in which they came.
    """
    host = (sent.get("host") or ("",))[-1]
    if not trusted.covers(peer):
        return Arrival(peer, peer, scheme, host, is_from_stranger=is_forwarding(sent))
    client = client_of(sent.get(FOR, ()), trusted)
    proto = _last(sent.get(PROTO, ())).lower()
    told_host = _last(sent.get(HOST, ()))
    return Arrival(
        peer=peer,
        address=client or peer,
        scheme=proto if proto in _SCHEMES else scheme,
        host=told_host if _HOST.fullmatch(told_host) else host,
        via=peer if client else "",
        is_from_proxy=True,
    )


def client_of(told: Sequence[str], trusted: Trusted) -> str | None:
    """Return the rightmost hop that is not trusted, of all the header's lines together; the
    leftmost when every one is. None when there is none, or a hop before it is no address.
    """
    furthest = None
    hops = [hop for line in told for hop in line.rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]]
    for hop in reversed(hops[-_MOST_HOPS:]):
        address = parsed(_without_port(hop.strip(" \t")))
        if address is None:
            return None
        furthest = str(address)
        if not trusted.covers(furthest):
            break
    return furthest


def parsed(text: str) -> IPAddress | None:
    """Return an address, an IPv4 one where it is written as IPv6; None when it is none."""
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
    """Take off the port of "[IPV6]:PORT" and "IPV4:PORT"; some proxies write one."""
    if hop.startswith("["):
        inside, bracket, port = hop[1:].partition("]")
        is_whole = bracket and ":" in inside and (not port or _PORT.fullmatch(port))
        return inside if is_whole else ""
    host, colon, port = hop.partition(":")
    return host if _PORT.fullmatch(colon + port) else hop


def _last(values: Sequence[str]) -> str:
    """What the peer itself said: it stands last."""
    return values[-1].rpartition(",")[2].strip(" \t") if values else ""
