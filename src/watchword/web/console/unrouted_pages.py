"""Pages for requests that no route answers: unknown addresses and hosts, plain HTTP, crashes."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from watchword.config import address
from watchword.i18n import _
from watchword.web.console.frame import error_pages
from watchword.web.console.frame.dispatch import Console, anonymous_context, answer_outside
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.http import error_containment, host_check, plain_http_guard

log = logging.getLogger("watchword.console")

Endpoint = Callable[[Request], Awaitable[Response]]


def cut_off_page(console: Console) -> Callable[[Request], Response]:
    """Return the page for a request that is cancelled when the server stops."""

    def cut_off(request: Request) -> Response:
        return error_pages.busy(anonymous_context(console, request))

    return cut_off


def http_error_page(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return the pages for unknown addresses and methods."""

    async def http_error(request: Request, error: Exception) -> Response:
        draw = functools.partial(_draw_http_error, error=error)
        return await answer_outside(console, request, draw)

    return http_error


def _draw_http_error(context: RequestContext, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    home = context.home
    if status == 405:
        text = _("This address only accepts forms. Nothing has been changed. Start from the "
                 "overview.")  # fmt: skip
        response = context.message(_("Not possible"), text, status=405, link=home)
        response.headers.update(getattr(error, "headers", None) or {})
        return response
    text = _("This page does not exist. Check the address, or start from the overview.")
    return context.message(_("Page not found"), text, status=status, link=home)


def not_behind_proxy_page(console: Console) -> Endpoint:
    """Return the page for plain HTTP that did not come through the proxy."""

    async def not_behind_proxy(request: Request) -> Response:
        link = (console.app.settings.console_url, _("Management Console"))
        context = anonymous_context(console, request)
        title = _("Use the proxy address")
        return context.message(title, plain_http_guard.sentence(), status=403, link=link)

    return not_behind_proxy


def unknown_host_page(console: Console) -> Endpoint:
    """Return the page for a host name that is not this server's."""

    async def unknown_host(request: Request) -> Response:
        port = address(console.app.settings.console).port
        link = (f"http://localhost:{port}", _("Management Console"))
        context, title = anonymous_context(console, request), _("Unknown host name")
        return context.message(title, host_check.sentence(port), status=421, link=link)

    return unknown_host


async def hung_up(_request: Request, _error: Exception) -> Response:
    """Answer a client that has closed the connection, for the log."""
    return Response(status_code=400)


def crash_page(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return the page for an error of the server, which it logs."""

    async def crash(request: Request, error: Exception) -> Response:
        request_id = request.scope["state"]["request_id"]
        error_containment.log_crash(log, request, error)
        text = _("Something went wrong on the server. If you were changing something, check "
                 "whether it was done before you do it again.")  # fmt: skip
        number = _("If it happens again, give this number to the operator of the server, who can "
                   "find it in the log: `%(id)s`", id=request_id)  # fmt: skip
        context = anonymous_context(console, request)
        home = ("/", _("Overview"))
        return context.message(_("Something went wrong"), text, number, status=500, link=home)

    return crash
