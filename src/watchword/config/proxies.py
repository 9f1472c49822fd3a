"""Which proxies are believed, and when a door may speak plain HTTP."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from watchword.config.addresses import address
from watchword.config.settings import Settings
from watchword.domain.arrival import Trusted
from watchword.domain.place_errors import SettingsInvalid


def trusted(settings: Settings, where: str = "trusted_proxies") -> Trusted:
    """Return the proxies of the setting. Raises SettingsInvalid.

    A network is written with its first address: "10.0.0.7/8" is more often one host's address
    than sixteen million. All addresses there are would let every client write its own.
    """
    words = [word.strip() for word in settings.trusted_proxies.split(",")]
    networks = []
    for word in words if settings.trusted_proxies.strip() else []:
        try:
            network = ipaddress.ip_network(word)
        except ValueError as error:
            raise SettingsInvalid(where=where, problem="unusable", reason=str(error)) from None
        if not network.prefixlen:
            raise SettingsInvalid(where=where, problem="everybody")
        networks.append(network)
    return Trusted(tuple(networks))


def is_plain(settings: Settings) -> bool:
    """Return whether the doors speak HTTP instead of HTTPS."""
    return settings.plain_http_behind_trusted_proxy or settings.insecure_plain_http_on_loopback


def demand_proxies(settings: Settings, origins: Mapping[str, str]) -> None:
    """Raise SettingsInvalid where the settings about proxies do not go together."""
    trusted(settings, f"trusted_proxies ({origins['trusted_proxies']})")
    behind, loopback = "plain_http_behind_trusted_proxy", "insecure_plain_http_on_loopback"
    needed = (settings.trusted_proxies.strip(), settings.console_url, settings.api_url)
    if settings.plain_http_behind_trusted_proxy and not all(needed):
        raise SettingsInvalid(where=f"{behind} ({origins[behind]})", problem="needs-proxy")
    if not settings.insecure_plain_http_on_loopback:
        return
    where = f"{loopback} ({origins[loopback]})"
    if settings.plain_http_behind_trusted_proxy:
        raise SettingsInvalid(where=where, problem="not-behind-proxy")
    if not all(address(listener).is_loopback for listener in (settings.console, settings.api)):
        raise SettingsInvalid(where=where, problem="not-loopback")
