"""Rejection of requests for another host name (decision 32)."""

from __future__ import annotations

import logging
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from watchword.config import Settings, interfaces
from watchword.domain import host_names
from watchword.i18n import _
from watchword.web.http.coalesced_log import CoalescedLog

OPEN_PATH: Final = "/health/live"
log = logging.getLogger("watchword.server")


class KnownHost:
    """Over plain HTTP on loopback, refuses requests for other host names.

    Over HTTPS the browser compares the name with the certificate, which stops a page of another
    host. Behind a trusted proxy the browser checks the certificate of the proxy.
    """

    def __init__(self, settings: Settings, *more: str) -> None:
        self._names = frozenset({*names_of(settings), *more})
        self._noted = CoalescedLog(log, "refused a request for host %s: the names of this server are "
                                   "%s; console_url and api_url add names")  # fmt: skip

    def refuses(self, scope: Scope) -> bool:
        """Return whether the request is for another host; log it if so."""
        if scope["path"] == OPEN_PATH:
            return False
        host = Headers(scope=scope).get("host", "")
        if host_names.is_own(host, self._names):
            return False
        self._noted.note(host[:200], ", ".join(sorted(self._names)))
        return True


def names_of(settings: Settings) -> list[str]:
    """Return the host names of this server from the settings."""
    hosts = (host for each in interfaces(settings) for host in (each.public_host, each.listen.host))
    return sorted({name for name in (*hosts, "localhost") if name})


def sentence(port: int) -> str:
    """Return the reason and the remedy."""
    return _("The host name in the request is not a name of this server. Use "
             "http://localhost:%(port)s or the IP address. To add a name, set console_url or api_url "
             "to an address that contains it.", port=port)  # fmt: skip
