"""Rejection of requests for another host name (decision 32)."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.config import Settings, interfaces
from watchword.domain import host_names
from watchword.i18n import _
from watchword.web.http.coalesced_log import CoalescedLog

Refused = Callable[[Request], Awaitable[Response]]
OPEN_PATH: Final = "/health/live"
log = logging.getLogger("watchword.server")


class KnownHost:
    """ASGI: over plain HTTP on loopback, refuses requests for other host names.

    Over HTTPS the browser compares the name with the certificate, which stops a page of another
    host. Behind a trusted proxy the browser checks the certificate of the proxy.
    """

    def __init__(self, app: ASGIApp, settings: Settings, refused: Refused, *more: str) -> None:
        self._app = app
        self._is_asked = settings.insecure_plain_http_on_loopback
        self._names = frozenset({*names_of(settings), *more})
        self._refused = refused
        self._noted = CoalescedLog(log, "refused a request for host %s: the names of this server are "
                                   "%s; console_url and api_url add names")  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and self._is_asked and scope["path"] != OPEN_PATH:
            host = Headers(scope=scope).get("host", "")
            if not host_names.is_own(host, self._names):
                self._noted.note(host[:200], ", ".join(sorted(self._names)))
                response = await self._refused(Request(scope, receive))
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def names_of(settings: Settings) -> list[str]:
    """Return the host names of this server from the settings."""
    hosts = (host for each in interfaces(settings) for host in (each.public_host, each.listen.host))
    return sorted({name for name in (*hosts, "localhost") if name})


def sentence(port: int) -> str:
    """Return the reason and the remedy."""
    return _("The host name in the request is not a name of this server. Use "
             "http://localhost:%(port)s or the IP address. To add a name, set console_url or api_url "
             "to an address that contains it.", port=port)  # fmt: skip
