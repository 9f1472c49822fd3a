"""Names and addresses of this host, for the certificate and the printed addresses."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from watchword.config import Address, Settings, interfaces
from watchword.crypto.certificates import Names

_FAMILIES = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def own_addresses() -> list[str]:
    """Return this machine's addresses, those of the default route first."""
    return _unique(a for a in (*_routed(), *_held()) if not _is_of_this_link(a))


def _routed() -> list[str]:
    """Return the source addresses of the default routes. Connecting a UDP socket sends nothing."""
    found = []
    for family, elsewhere in _FAMILIES:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return found


def _held() -> list[str]:
    """Return the addresses of every network interface: a management network often has no default
    route. They are read from /proc, and empty where it cannot be read.
    """
    found = []
    try:
        lines = Path("/proc/self/net/fib_trie").read_text("ascii").splitlines()
        found += [a.split()[-1] for a, kind in pairwise(lines) if "/32 host LOCAL" in kind]
        lines = Path("/proc/self/net/if_inet6").read_text("ascii").splitlines()
        found += [str(ipaddress.IPv6Address(int(line.split()[0], 16))) for line in lines]
    except OSError:
        pass
    return found


def _is_of_this_link(address_: str) -> bool:
    parsed = ipaddress.ip_address(address_)
    return parsed.is_loopback or parsed.is_link_local


def host_names() -> list[str]:
    """Return this host's DNS names, the fully qualified one first."""
    names = [socket.getfqdn(), socket.gethostname()]
    return [n for n in _unique(names) if _is_dns_name(n)]


def _is_dns_name(name: str) -> bool:
    labels = name.rstrip(".").split(".")
    return name.isascii() and all(
        label and len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    ) and not name.replace(".", "").isdigit()  # fmt: skip


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(v.rstrip(".").lower() for v in values if v))


def names_for(settings: Settings) -> Names:
    """Return the names of the certificate: loopback, this host, the listen addresses and the
    public addresses of the settings.
    """
    found = interfaces(settings)
    public, listening = (each.public_host for each in found), (each.listen.host for each in found)
    hosts = ["localhost", *public, *host_names(), *listening]
    addresses = ["127.0.0.1", "::1"]
    if not all(each.listen.is_loopback for each in found):
        addresses += own_addresses()
    numeric = [h for h in hosts if _is_address(h) and not ipaddress.ip_address(h).is_unspecified]
    # An empty name would make a CA without limits, an invalid one a CA that no client accepts.
    dns = [h for h in _unique(hosts) if not _is_address(h) and _is_dns_name(h)]
    return Names(tuple(dns), tuple(_unique([*addresses, *numeric])))


def behind_proxies(settings: Settings) -> set[str]:
    """Return the public hosts for which a reverse proxy presents its own certificate. The server's
    certificate need not cover them.
    """
    found = interfaces(settings) if settings.trusted_proxies.strip() else ()
    return {each.public_host.rstrip(".").lower() for each in found if each.public_host}


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except OSError:
            continue
        return True
    return False


def public_url(listener: Address, configured: str, scheme: str = "https") -> str:
    """Return the address to print: the configured one, else that of the listener. A listener on
    every address gets this host's name, or its first address where it has no full name.
    """
    if configured:
        return configured.rstrip("/") + "/"
    if not listener.is_wildcard:
        return f"{scheme}://{listener}/"
    known = [n for n in host_names() if "." in n and not n.startswith("localhost")]
    reachable = (*known, *own_addresses(), socket.gethostname())[0]
    return f"{scheme}://{Address(reachable, listener.port)}/"
