"""The console as an ASGI application: its routes, and the layers around them."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.config import trusted
from watchword.crypto import tokens
from watchword.usecases.context import Watchword
from watchword.web.console import problem_reference, unrouted_pages
from watchword.web.console.account import passwords
from watchword.web.console.frame.dispatch import Console, answer, answer_outside
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.console.route_table import BUTTONS, PAGES
from watchword.web.http import (
    error_containment,
    headers,
    languages,
)
from watchword.web.http.host_check import KnownHost
from watchword.web.http.languages import InLanguage
from watchword.web.http.plain_http_guard import OnlyBehindProxy
from watchword.web.http.problem_documents import PATH as PROBLEMS
from watchword.web.http.request_scope import HungUp, Identified

log = logging.getLogger("watchword.console")

Endpoint = Callable[[Request], Awaitable[Response]]


def build(
    app: Watchword,
    ca_pem: bytes | None = None,
    not_after: Callable[[], datetime] | None = None,
) -> ASGIApp:
    """Return the console. `ca_pem` is the local CA for /ca.crt, if there is one. `not_after` returns
    the expiry of the listeners' certificate.
    """
    console = Console(app, Pages(), not_after)

    def endpoint(route: ConsoleRoute) -> Endpoint:
        async def answered(request: Request) -> Response:
            return await answer(console, route, request)

        return answered

    routes = [
        *(Route(r.path, endpoint(r), methods=_methods(r)) for r in PAGES),
        *(Route(r.path, endpoint(r), methods=["POST"]) for r in BUTTONS),
        Route(PROBLEMS, _problems(console)),
        Route(f"{PROBLEMS}/{{code}}", _problem(console)),
        Route("/static/{name}", _static(console)),
        Route("/ca.crt", _ca(ca_pem)),
        Route("/favicon.ico", _moved(console.pages.asset_url("icon.svg"))),
        Route("/.well-known/change-password", _moved(passwords.CHANGE_PASSWORD)),
    ]
    crash = unrouted_pages.crash_page(console)
    handlers = {
        HTTPException: unrouted_pages.http_error_page(console),
        HungUp: unrouted_pages.hung_up,
        Exception: crash,
    }
    starlette = Starlette(routes=routes, exception_handlers=handlers)
    starlette.router.redirect_slashes = False
    private = OnlyBehindProxy(
        starlette, app.settings, unrouted_pages.not_behind_proxy_page(console)
    )
    known = KnownHost(private, app.settings, unrouted_pages.unknown_host_page(console), app.node)
    contained = error_containment.Contained(known, crash, unrouted_pages.cut_off_page(console))
    spoken = InLanguage(contained, languages.of_browser(app))
    with_headers = headers.AlwaysHeaders(spoken, _headers(app.settings.hsts))
    return Identified(_WithNonce(with_headers), trusted(app.settings))


def _methods(route: ConsoleRoute) -> list[str]:
    return ["GET", "POST"] if route.act else ["GET"]


class _WithNonce:
    """ASGI: one nonce for each response. The content security policy allows only our script."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["state"]["nonce"] = tokens.identifier()
        await self.app(scope, receive, send)


def _headers(hsts: bool) -> Callable[[Scope], Sequence[headers.Pair]]:
    always = headers.with_setting(headers.CONSOLE, hsts=hsts)

    def headers_of(scope: Scope) -> Sequence[headers.Pair]:
        policy = headers.content_security_policy(scope["state"]["nonce"])
        return (b"content-security-policy", policy.encode()), *always

    return headers_of


def _problems(console: Console) -> Endpoint:
    async def problems(request: Request) -> Response:
        return await answer_outside(console, request, problem_reference.show_all)

    return problems


def _problem(console: Console) -> Endpoint:
    async def problem(request: Request) -> Response:
        code = request.path_params["code"]
        show = functools.partial(problem_reference.show, code=code)
        return await answer_outside(console, request, show)

    return problem


def _static(console: Console) -> Endpoint:
    async def static(request: Request) -> Response:
        asset = console.pages.asset(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        return asset.response()

    return static


def _ca(ca_pem: bytes | None) -> Endpoint:
    async def ca(_request: Request) -> Response:
        if ca_pem is None:
            raise HTTPException(404)
        disposition = {"content-disposition": 'attachment; filename="watchword-ca.crt"'}
        return Response(ca_pem, media_type="application/x-x509-ca-cert", headers=disposition)

    return ca


def _moved(path: str) -> Endpoint:
    async def moved(_request: Request) -> Response:
        return RedirectResponse(path, status_code=302)

    return moved
