"""Which names and addresses this host goes by: for the certificate and the printed addresses."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from watchword.config import Address, Settings, address
from watchword.crypto.certificates import Names

_FAMILIES = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def own_addresses() -> list[str]:
    """Return the addresses that packets to elsewhere would leave from. Nothing is sent:
    connecting a UDP socket only asks the kernel for the route.
    """
    found = []
    for family, elsewhere in _FAMILIES:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return found


def host_names() -> list[str]:
    """Return this host's DNS names, the fully qualified one first."""
    names = [socket.getfqdn(), socket.gethostname()]
    return [n for n in _unique(names) if _is_dns_name(n)]


def _is_dns_name(name: str) -> bool:
    labels = name.rstrip(".").split(".")
    return name.isascii() and all(
        label and len(label) <= 63 and label.replace("-", "").isalnum()
        for label in labels
    ) and not name.replace(".", "").isdigit()  # fmt: skip


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(v.rstrip(".").lower() for v in values if v))


def names_for(settings: Settings) -> Names:
    """Return what the certificate must cover: loopback, this host, the bound addresses and
    the public ones of the settings.
    """
    listeners = [address(settings.console), address(settings.api)]
    public = [urlsplit(url).hostname or "" for url in (settings.console_url, settings.api_url)]
    hosts = ["localhost", *public, *host_names(), *(a.host for a in listeners)]
    addresses = ["127.0.0.1", "::1"]
    if not all(a.is_loopback for a in listeners):
        addresses += own_addresses()
    numeric = [h for h in hosts if _is_address(h) and h not in {"0.0.0.0", "::"}]  # noqa: S104
    dns = [h for h in _unique(hosts) if not _is_address(h)]
    return Names(tuple(dns), tuple(_unique([*addresses, *numeric])))


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except OSError:
            continue
        return True
    return False


def public_url(listener: Address, configured: str) -> str:
    """Return the address that a colleague can type: the configured one, else that of the
    listener, with this host's name or address when it listens everywhere.
    """
    if configured:
        return configured.rstrip("/") + "/"
    if not listener.is_wildcard:
        return f"https://{listener}/"
    name = socket.getfqdn()
    reachable = name if "." in name and _is_dns_name(name) else (own_addresses() or [name])[0]
    return f"https://{Address(reachable, listener.port)}/"
