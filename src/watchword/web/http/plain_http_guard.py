"""Plain HTTP is for a trusted proxy alone, to which the client came by HTTPS."""

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
    """ASGI: with `plain_http_behind_trusted_proxy` every other request is answered by `refused`."""

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
    """Return why, and what to do."""
    return _("This interface speaks HTTP, and only with a trusted reverse proxy that says in "
             "X-Forwarded-Proto that you came to it by https. Use the public address; whoever "
             "sets up the proxy: see the settings trusted_proxies and "
             "plain_http_behind_trusted_proxy.")  # fmt: skip
