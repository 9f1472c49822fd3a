"""Recipes: configuration of a reverse proxy in front of one application, as a file.

The templates are in the folder `templates`. One application may have several hosts; each gets the
whole text, because the host is written out in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from typing import Final

from msgspec import Struct

from watchword.config import Address, Settings, interfaces, speaks_plain
from watchword.domain.application_errors import NoSuchApplication
from watchword.domain.applications import Application
from watchword.domain.audit import Actor
from watchword.domain.errors import Invalid, Problem
from watchword.storage import applications
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import reading

USUAL_GATEWAY: Final = "127.0.0.1:8476"
USUAL_UPSTREAM: Final = "http://127.0.0.1:3000"
"""An example, to be replaced."""
_PART: Final = re.compile(r"<<([a-z_]+)>>")
_UPSTREAM: Final = re.compile(
    r"(https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)/?"
)
_PATH: Final = re.compile(r"/[A-Za-z0-9/._-]+")
_DEFAULT_PORT: Final = "443"


class Proxy(StrEnum):
    """The proxies with a recipe."""

    NGINX = "nginx"
    CADDY = "caddy"


FILES: Final[Mapping[Proxy, str]] = {
    Proxy.NGINX: "nginx.conf",
    Proxy.CADDY: "caddy.conf",
}


class Place(Struct, frozen=True):
    """Where the application and the proxy are: the address of the application, the address on
    which the proxy listens (empty: every address), and certificate and key (empty: usual paths).
    """

    upstream: str
    listen: str = ""
    certificate: str = ""
    key: str = ""


def proxy_of(name: str) -> Proxy:
    """Return the proxy with this name. Raises Invalid for one without a recipe."""
    if name not in list(Proxy):
        raise Invalid(Problem("proxy", "no-such-proxy", {"known": ", ".join(Proxy)}))
    return Proxy(name)


def of(
    app: Watchword, actor: Actor, settings: Settings, name: str, proxy: Proxy, place: Place
) -> str:
    """Return the recipe of a stored application. Raises NoSuchApplication, Invalid."""
    with reading(app, actor) as connection:
        application = applications.find(connection, name)
    if application is None:
        raise NoSuchApplication(application=name)
    return written(settings, application, proxy, place)


def written(settings: Settings, application: Application, proxy: Proxy, place: Place) -> str:
    """Return the recipe. Raises Invalid for a place that is not an address or not a path."""
    problems = [*_problems(place)]
    if problems:
        raise Invalid(*problems)
    template = resources.files(__package__).joinpath("templates", FILES[proxy]).read_text("utf-8")
    parts = [_parts(settings, application, host, place) for host in application.hosts]
    return "\n".join(_PART.sub(lambda found: each[found[1]], template) for each in parts)  # noqa: B023


def _problems(place: Place) -> list[Problem]:
    problems = []
    if _UPSTREAM.fullmatch(place.upstream) is None:
        problems.append(Problem("upstream", "not-an-upstream"))
    for name, path in (("certificate", place.certificate), ("key", place.key)):
        if path and _PATH.fullmatch(path) is None:
            problems.append(Problem(name, "not-a-file-path"))
    return problems


def _parts(settings: Settings, application: Application, host: str, place: Place) -> dict[str, str]:
    name, port = _split(host)
    gateway = _gateway(settings)
    scheme, gateway_host = gateway.split("://")
    certificate = place.certificate or f"/etc/ssl/certs/{name}.pem"
    key = place.key or f"/etc/ssl/private/{name}.key"
    is_own = bool(place.certificate)
    return {
        "application": application.name,
        "id": f"{application.id}_{application.hosts.index(host)}",
        "host": host,
        "hostname": name,
        "server_name": name,
        "listen": f"{place.listen}:{port}" if place.listen else port,
        "certificate": certificate,
        "key": key,
        "gateway": gateway,
        "gateway_scheme": scheme,
        "gateway_host": gateway_host,
        "gateway_address": gateway if scheme == "https" else gateway_host,
        "gateway_tls": _NGINX_TLS.format(name=gateway_host.rpartition(":")[0])
        if scheme == "https"
        else "",
        "caddy_bind": f"\n    bind {place.listen}" if place.listen else "",
        "caddy_tls": f"\n    tls {certificate} {key}" if is_own else "",
        "upstream": place.upstream.rstrip("/"),
    }


_NGINX_TLS: Final = """
        proxy_ssl_verify on;
        proxy_ssl_trusted_certificate /etc/watchword-ca.crt;
        proxy_ssl_server_name on;
        proxy_ssl_name {name};"""


def _split(host: str) -> tuple[str, str]:
    """Return the name and the port of a host."""
    if host.endswith("]") or ":" not in host:
        return host, _DEFAULT_PORT
    name, _, port = host.rpartition(":")
    return name, port


def _gateway(settings: Settings) -> str:
    """Return the address at which proxies reach the gateway."""
    if settings.gateway_url:
        return settings.gateway_url.rstrip("/")
    found = next((each for each in interfaces(settings) if each.is_for_proxies), None)
    if found is None:
        return f"http://{USUAL_GATEWAY}"
    at: Address = found.listen
    host = Address("127.0.0.1", at.port) if at.is_wildcard else at
    scheme = "http" if speaks_plain(settings, found) else "https"
    return f"{scheme}://{host}"
