"""Restriction of plain HTTP to trusted proxies whose clients use HTTPS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.config import Settings
from watchword.i18n import _
from watchword.web.http.request_scope import arrival_of

Refused = Callable[[Request], Awaitable[Response]]


class OnlyBehindProxy:
    """ASGI: with `plain_http_behind_trusted_proxy`, answers all other requests with `refused`."""

    def __init__(self, app: ASGIApp, settings: Settings, refused: Refused) -> None:
        self._app = app
        self._is_asked = settings.plain_http_behind_trusted_proxy
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and self._is_asked and not _is_private(scope):
            response = await self._refused(Request(scope, receive))
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_private(scope: Scope) -> bool:
    came = arrival_of(scope)
    return came.is_from_proxy and came.scheme == "https"


def sentence() -> str:
    """Return the reason and the remedy."""
    return _("This interface accepts plain HTTP only from a trusted reverse proxy that sends "
             "X-Forwarded-Proto: https. Use the public address. If you set up the proxy, see the "
             "settings trusted_proxies and plain_http_behind_trusted_proxy.")  # fmt: skip
