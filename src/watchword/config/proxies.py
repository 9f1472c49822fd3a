"""Settings of trusted proxies and of plain HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from watchword.config.interfaces import InterfaceSettings, interfaces
from watchword.config.settings import Settings
from watchword.domain.forwarded import Trusted
from watchword.domain.operational_errors import SettingsInvalid


def trusted(settings: Settings, where: str = "trusted_proxies") -> Trusted:
    """Return the trusted proxies. Raises SettingsInvalid, which names `where`.

    A network must be written with its first address: "10.0.0.7/8" is more often meant as one host
    than as sixteen million. Networks that together are larger than an organisation's are refused:
    any client in them could forge its address.
    """
    words = [word.strip() for word in settings.trusted_proxies.split(",")]
    networks = []
    for word in words if settings.trusted_proxies.strip() else []:
        try:
            network = ip_network(word)
        except ValueError:
            raise SettingsInvalid(where=where, problem="not-a-network", word=word) from None
        networks.append(network)
    if any(_is_too_large(network) for network in _joined(networks)):
        raise SettingsInvalid(where=where, problem="too-large")
    return Trusted(tuple(networks))


def _joined(networks: Iterable[IPv4Network | IPv6Network]) -> Iterator[IPv4Network | IPv6Network]:
    """Join adjacent networks: two halves of the address space are the whole of it."""
    known = [*networks]
    yield from collapse_addresses(n for n in known if isinstance(n, IPv4Network))
    yield from collapse_addresses(n for n in known if isinstance(n, IPv6Network))


def _is_too_large(network: IPv4Network | IPv6Network) -> bool:
    """Compare with the largest networks of one organisation, 10.0.0.0/8 and fc00::/7."""
    return network.prefixlen < (8 if network.version == 4 else 7)


def is_plain(settings: Settings) -> bool:
    """Return whether the interfaces speak HTTP instead of HTTPS."""
    return settings.plain_http_behind_trusted_proxy or settings.insecure_plain_http_on_loopback


def speaks_plain(settings: Settings, interface: InterfaceSettings) -> bool:
    """Return whether an interface speaks HTTP: like all of them, or because only proxies on this
    machine reach it.
    """
    return is_plain(settings) or (interface.is_for_proxies and interface.listen.is_loopback)


def demand_proxies(settings: Settings, origins: Mapping[str, str]) -> None:
    """Raise SettingsInvalid where the settings of proxies and plain HTTP contradict each other."""
    trusted(settings, f"trusted_proxies ({origins['trusted_proxies']})")
    behind, loopback = "plain_http_behind_trusted_proxy", "insecure_plain_http_on_loopback"
    listening = interfaces(settings)
    needed = {"trusted_proxies": settings.trusted_proxies.strip()}
    needed |= {each.url_setting: each.public_url for each in listening if not each.is_for_proxies}
    _demand_asking(settings, origins)
    if settings.plain_http_behind_trusted_proxy and not all(needed.values()):
        where, lacking = f"{behind} ({origins[behind]})", [n for n in needed if not needed[n]]
        raise SettingsInvalid(where=where, problem="needs-proxy", lacking=", ".join(lacking))
    if not settings.insecure_plain_http_on_loopback:
        return
    where = f"{loopback} ({origins[loopback]})"
    if settings.plain_http_behind_trusted_proxy:
        raise SettingsInvalid(where=where, problem="not-behind-proxy")
    if not all(each.listen.is_loopback for each in listening):
        raise SettingsInvalid(where=where, problem="not-loopback")


def _demand_asking(settings: Settings, origins: Mapping[str, str]) -> None:
    """Raise SettingsInvalid for an interface for proxies without trusted proxies: it would answer
    no request.
    """
    for each in interfaces(settings):
        if each.is_for_proxies and not settings.trusted_proxies.strip():
            where = f"{each.name} ({origins[each.name]})"
            raise SettingsInvalid(where=where, problem="asked-by-nothing")
