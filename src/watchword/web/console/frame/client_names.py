"""Clients in words, for pages: "Firefox on Windows", "curl 8.5"."""

from __future__ import annotations

from watchword.domain.clients import client_of
from watchword.i18n import _


def client_name(user_agent: str) -> str:
    """Return the client of a User-Agent header in words."""
    client = client_of(user_agent)
    if client.name and client.system:
        return _("%(browser)s on %(system)s", browser=client.name, system=client.system)
    return client.name or client.system or _("unknown client")
