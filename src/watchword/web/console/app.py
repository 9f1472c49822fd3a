"""The console as an ASGI application: its routes, and the layers around them."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.config import address, trusted
from watchword.crypto import tokens
from watchword.i18n import _
from watchword.usecases.context import Watchword
from watchword.web.console import help_page, problem_reference
from watchword.web.console.account import (
    api_refusals,
    banners,
    overview,
    passwords,
    preferences,
    your_mfa_settings,
    your_sessions,
)
from watchword.web.console.administrators import (
    account_page,
    administrators_table,
    confirmed_actions,
    forget_browser,
    new_administrator,
)
from watchword.web.console.applications import application_page, applications_table
from watchword.web.console.audit_log import log_page, log_query
from watchword.web.console.frame import error_pages, paths
from watchword.web.console.frame.dispatch import Console, anonymous_context, answer, answer_outside
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.console.login import (
    after_recovery,
    enrolment_code,
    first_run,
    login,
    recovery_login,
)
from watchword.web.console.login.attempt_cookie import SECOND_STEP
from watchword.web.http import (
    error_containment,
    headers,
    host_check,
    languages,
    plain_http_guard,
)
from watchword.web.http.host_check import KnownHost
from watchword.web.http.languages import InLanguage
from watchword.web.http.plain_http_guard import OnlyBehindProxy
from watchword.web.http.problem_documents import PATH as PROBLEMS
from watchword.web.http.request_scope import HungUp, Identified

log = logging.getLogger("watchword.console")

Endpoint = Callable[[Request], Awaitable[Response]]
SETTINGS: Final = your_mfa_settings.PATH
ONE: Final = paths.ADMINISTRATORS + "/{name}"
APPLICATION: Final = paths.APPLICATIONS + "/{name}"

PAGES: Final = (
    ConsoleRoute("/first-run/{token}", first_run.show, first_run.submit, is_public=True),
    ConsoleRoute("/login", login.show, login.submit, is_public=True),
    ConsoleRoute(SECOND_STEP, login.show_second_step, login.submit_second_step, is_public=True),
    ConsoleRoute(enrolment_code.PATH, enrolment_code.show, enrolment_code.submit, is_public=True),
    ConsoleRoute(login.RECOVERY, login.show_recovery, login.submit_recovery, is_public=True),
    ConsoleRoute(recovery_login.PATH, recovery_login.show, recovery_login.submit, is_public=True),
    ConsoleRoute("/", overview.show),
    ConsoleRoute(
        passwords.CHANGE_PASSWORD,
        passwords.show_change,
        passwords.change,
        is_open_to_members=True,
    ),
    ConsoleRoute(
        paths.NEW_PASSWORD,
        passwords.show_new,
        passwords.choose_new,
        is_open_to_given_password=True,
        is_open_to_members=True,
    ),
    ConsoleRoute(
        paths.AFTER_RECOVERY,
        after_recovery.show,
        after_recovery.keep,
        is_open_to_undecided=True,
        is_open_to_members=True,
    ),
    ConsoleRoute(SETTINGS, your_mfa_settings.show, is_open_to_members=True),
    ConsoleRoute(
        your_mfa_settings.FINISH,
        your_mfa_settings.show_finish,
        your_mfa_settings.submit_finish,
        is_open_to_members=True,
    ),
    ConsoleRoute(paths.ADMINISTRATORS, administrators_table.show),
    ConsoleRoute(paths.NEW_ADMINISTRATOR, new_administrator.show, new_administrator.create),
    ConsoleRoute(ONE, account_page.show, account_page.save),
    *(
        ConsoleRoute(f"{ONE}/{name}", confirmed_actions.show, act)
        for name, act in confirmed_actions.CONFIRMED.items()
    ),
    ConsoleRoute(f"{ONE}/{forget_browser.NAME}", forget_browser.show, forget_browser.act),
    ConsoleRoute(your_sessions.PATH, your_sessions.show, is_open_to_members=True),
    ConsoleRoute(paths.APPLICATIONS, applications_table.show),
    ConsoleRoute(paths.NEW_APPLICATION, applications_table.show_new, applications_table.create),
    ConsoleRoute(paths.YOUR_APPLICATIONS, applications_table.show_yours, is_open_to_members=True),
    ConsoleRoute(APPLICATION, application_page.show, application_page.save),
    *(
        ConsoleRoute(f"{APPLICATION}/{name}", application_page.confirm, act)
        for name, act in application_page.CONFIRMED.items()
    ),
    ConsoleRoute(log_query.PATH, log_page.show),
    ConsoleRoute(paths.PREFERENCES, preferences.show, preferences.save, is_open_to_members=True),
    ConsoleRoute(paths.HELP, help_page.show, is_public=True),
)

BUTTONS: Final = (
    ConsoleRoute("/login/cancel", login.show, login.cancel, is_public=True, is_page=False),
    ConsoleRoute(banners.PATH, overview.show, banners.mark_as_seen, is_page=False),
    ConsoleRoute(banners.DISMISS, overview.show, banners.dismiss, is_page=False),
    ConsoleRoute(
        api_refusals.DISMISS,
        overview.show,
        api_refusals.dismiss_own,
        is_page=False,
        is_open_to_members=True,
    ),
    ConsoleRoute("/stay", overview.show, login.stay, is_page=False, is_open_to_members=True),
    ConsoleRoute(
        preferences.APPEARANCE,
        preferences.show,
        preferences.choose_appearance,
        is_page=False,
        is_open_to_members=True,
    ),
    ConsoleRoute(
        preferences.LANGUAGE,
        login.show,
        preferences.choose_language,
        is_public=True,
        is_page=False,
        stands_in_session=True,
    ),
    ConsoleRoute("/tour/not-now", overview.show, overview.not_now, is_page=False),
    ConsoleRoute(
        "/logout", login.show, login.logout, is_public=True, is_page=False, stands_in_session=True
    ),
    *(
        ConsoleRoute(
            f"{SETTINGS}/{name}",
            your_mfa_settings.show,
            act,
            is_page=False,
            is_open_to_undecided=name == "reset-secret",
            is_open_to_members=True,
        )
        for name, act in your_mfa_settings.BUTTONS.items()
    ),
    *(
        ConsoleRoute(f"{ONE}/{name}", account_page.show, act, is_page=False)
        for name, act in account_page.BUTTONS.items()
    ),
    ConsoleRoute(
        f"{APPLICATION}/enable", application_page.show, application_page.enable, is_page=False
    ),
    *(
        ConsoleRoute(
            f"{your_sessions.PATH}/{name}",
            your_sessions.show,
            act,
            is_page=False,
            is_open_to_members=True,
        )
        for name, act in your_sessions.BUTTONS.items()
    ),
    ConsoleRoute(f"{log_query.PATH}/export", log_page.show, log_page.export, is_page=False),
)
"""Paths that only accept POST. A refusal is shown on the page that contains the button."""


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
    crash = _crash(console)
    handlers = {HTTPException: _http_error(console), HungUp: _hung_up, Exception: crash}
    starlette = Starlette(routes=routes, exception_handlers=handlers)
    starlette.router.redirect_slashes = False
    private = OnlyBehindProxy(starlette, app.settings, _not_behind_proxy(console))
    known = KnownHost(private, app.settings, _unknown_host(console), app.node)
    contained = error_containment.Contained(known, crash, _cut_off(console))
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


def _cut_off(console: Console) -> Callable[[Request], Response]:
    def cut_off(request: Request) -> Response:
        return error_pages.busy(anonymous_context(console, request))

    return cut_off


def _http_error(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
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


def _not_behind_proxy(console: Console) -> Endpoint:
    async def not_behind_proxy(request: Request) -> Response:
        link = (console.app.settings.console_url, _("Management Console"))
        context = anonymous_context(console, request)
        title = _("Use the proxy address")
        return context.message(title, plain_http_guard.sentence(), status=403, link=link)

    return not_behind_proxy


def _unknown_host(console: Console) -> Endpoint:
    async def unknown_host(request: Request) -> Response:
        port = address(console.app.settings.console).port
        link = (f"http://localhost:{port}", _("Management Console"))
        context, title = anonymous_context(console, request), _("Unknown host name")
        return context.message(title, host_check.sentence(port), status=421, link=link)

    return unknown_host


async def _hung_up(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # the client has closed the connection


def _crash(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
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
