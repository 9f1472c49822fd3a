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
from starlette.types import ASGIApp, Scope

from watchword.crypto import tokens
from watchword.usecases.context import Watchword
from watchword.web.console import problem_reference, unrouted_pages
from watchword.web.console.account import passwords
from watchword.web.console.frame.dispatch import Console, answer, answer_outside
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.console.route_table import BUTTONS, PAGES
from watchword.web.http import (
    envelope,
    headers,
    languages,
)
from watchword.web.http.envelope import Envelope, Rules
from watchword.web.http.problem_documents import PATH as PROBLEMS
from watchword.web.http.request_scope import HungUp

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
    settings = app.settings
    checks = envelope.checks(
        settings,
        app.node,
        unrouted_pages.unknown_host_page(console),
        unrouted_pages.not_behind_proxy_page(console),
    )
    begin, language_of = _begin(settings.hsts), languages.of_browser(app)
    rules = Rules(begin, language_of, crash, unrouted_pages.cut_off_page(console), checks)
    return Envelope(starlette, settings, rules)


def _methods(route: ConsoleRoute) -> list[str]:
    return ["GET", "POST"] if route.act else ["GET"]


def _begin(hsts: bool) -> Callable[[Scope], Sequence[headers.Pair]]:
    """Return the function that begins each request: the content security policy allows only our
    script, by the nonce of the answer.
    """
    always = headers.with_setting(headers.CONSOLE, hsts=hsts)

    def begin(scope: Scope) -> Sequence[headers.Pair]:
        nonce = scope["state"]["nonce"] = tokens.identifier()
        policy = headers.content_security_policy(nonce)
        return (b"content-security-policy", policy.encode()), *always

    return begin


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
