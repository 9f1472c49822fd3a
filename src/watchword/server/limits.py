"""Limits of time, bytes and connections for one client. They are not settings.

Each time is far longer than a slow network needs. It is short enough that an attacker who wants to
occupy connections has to open new ones all the time.
"""

from __future__ import annotations

import ipaddress
import logging
import resource
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from watchword.domain.forwarded import NONE, Trusted

log = logging.getLogger("watchword.server")

RESERVED_FILES: Final = 96
"""Open files kept for the database, the log and the libraries."""
_FEWEST_CONNECTIONS: Final = 16


class Limits(Struct, frozen=True):
    """Seconds, bytes and counts of one interface."""

    handshake_seconds: float = 10
    head_seconds: float = 10
    body_seconds: float = 30
    write_seconds: float = 30
    """Until a client that does not read its answer is disconnected."""
    idle_seconds: int = 15
    goodbye_seconds: float = 2
    """Between the last answer on a connection and its abort."""
    head_bytes: int = 32 * 1024
    target_bytes: int = 8 * 1024
    """Path and query; RFC 9110, 4.1, recommends at least 8,000."""
    head_fields: int = 100
    connections: int = 4000
    """At one interface."""
    connections_of_one_peer: int = 1000
    """At one interface, from one IPv4 address or one IPv6 /64. Loopback and trusted proxies are
    exempt: a proxy connects for all of its clients.
    """
    exempts_loopback: bool = True
    trusted: Trusted = NONE


def fit_open_files(limits: Sequence[Limits]) -> list[Limits]:
    """Raise the number of open files to the most that the system allows, and return the limits of
    each interface with as many connections as fit into it.
    """
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            files = most
        except (OSError, ValueError):
            pass  # forbidden in some sandboxes
    if files == resource.RLIM_INFINITY:
        return [*limits]
    possible = max(_FEWEST_CONNECTIONS, (files - RESERVED_FILES) // len(limits))
    if any(possible < each.connections for each in limits):
        log.warning(
            "only %d files may be open, so an interface accepts %d connections", files, possible
        )
    return [replace(each, connections=min(possible, each.connections)) for each in limits]


class Gate:
    """Counts the connections of one interface, in total and by client."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._inside: Counter[str] = Counter()
        self._count = 0

    def enter(self, host: str) -> Callable[[], None] | None:
        """Count a connection. Returns the function that ends it (repeated calls do nothing), or None
        when the limit is reached.
        """
        peer, is_loopback = _peer(host)
        is_full = self._count >= self._limits.connections
        has_many = self._inside[peer] >= self._limits.connections_of_one_peer
        if is_full or (has_many and not self._is_exempt(host, is_loopback=is_loopback)):
            return None
        self._inside[peer] += 1
        self._count += 1
        is_inside = True

        def leave() -> None:
            nonlocal is_inside
            if is_inside:
                is_inside = False
                self._count -= 1
                self._inside[peer] -= 1
                if not self._inside[peer]:
                    del self._inside[peer]

        return leave

    def _is_exempt(self, host: str, *, is_loopback: bool) -> bool:
        limits = self._limits
        return (is_loopback and limits.exempts_loopback) or limits.trusted.covers(host)


def _peer(host: str) -> tuple[str, bool]:
    """Return the client that an address counts for, and whether it is this machine."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            network = ipaddress.IPv6Network((int(address) >> 64 << 64, 64))
            return str(network), address.is_loopback
        address = address.ipv4_mapped
    return str(address), address.is_loopback
