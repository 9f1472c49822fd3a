"""Listen addresses and public addresses as they are written in settings."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from watchword.domain.operational_errors import SettingsInvalid

_MOST_PORT: Final = 65535


class Address(Struct, frozen=True):
    """A listener's address."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Return whether only this machine can connect."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_wildcard(self) -> bool:
        """Return whether it is every address of the machine, in any notation."""
        return not self.host.strip("0.:")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def is_origin(url: str) -> bool:
    """Return whether a URL is https://HOST or https://HOST:PORT."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    beyond = parts.query or parts.fragment or "@" in parts.netloc or parts.path not in {"", "/"}
    return parts.scheme == "https" and _is_host(host) and port != 0 and not beyond


def _is_host(text: str) -> bool:
    """Return whether a host is ASCII. Other alphabets are written in their ASCII form (xn--...)."""
    return text.isascii() and text.isprintable() and " " not in text and text.strip(".") != ""


def address(text: str, where: str = "address") -> Address:
    """Parse "HOST:PORT" or "[IPV6]:PORT". Raises SettingsInvalid, which names `where`."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""  # IPv6 address without brackets
    if host == "*":
        raise SettingsInvalid(where=where, problem="every-address")
    if "%" in host:
        raise SettingsInvalid(where=where, problem="zone")
    is_number = port.isascii() and port.isdecimal() and len(port) <= len(str(_MOST_PORT))
    if not _is_host(host) or not is_number or int(port) > _MOST_PORT:
        raise SettingsInvalid(where=where, problem="not-an-address")
    return Address(host, int(port))
