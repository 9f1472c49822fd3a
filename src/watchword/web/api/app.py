"""The Management API as an ASGI app."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.config import Settings, address
from watchword.domain.errors import Busy, LoginFailed, Refusal
from watchword.usecases.context import Watchword
from watchword.usecases.shared_numbers import Numbers
from watchword.web.api import problems
from watchword.web.api.authentication import Authenticated
from watchword.web.api.bodies import BadBody
from watchword.web.api.operations import CLASSES, Api
from watchword.web.api.routes import Dispatch, Handler
from watchword.web.api.table import TABLE
from watchword.web.http import (
    cross_origin,
    envelope,
    error_containment,
    headers,
    host_check,
    languages,
    plain_http_guard,
)
from watchword.web.http.envelope import Envelope, Rules
from watchword.web.http.problem_documents import PATH
from watchword.web.http.problem_kinds import KINDS
from watchword.web.http.repeats import Repeats
from watchword.web.http.request_scope import HungUp, TooLarge, arrival_of

log = logging.getLogger("watchword.api")

MOST_BODY_BYTES = 64 * 1024


def build(
    app: Watchword,
    not_after: Callable[[], datetime] | None = None,
    console_url: str | None = None,
    repeats: Repeats | None = None,
) -> ASGIApp:
    """Return the API. `not_after` returns the expiry of the listeners' certificate, for /metrics.
    `console_url` is the address of the console if the settings do not contain it. `repeats` receives
    answers that are given again without the application.
    """
    answers = Numbers(CLASSES, app.tally.share)
    api = Api(app, TABLE, app.clock.now(), answers, not_after)
    handlers: dict[type[Exception], Handler] = {
        HTTPException: _http_error,
        LoginFailed: _unauthorized,
        Refusal: _refusal,
        BadBody: _bad_body,
        TooLarge: _too_large,
        HungUp: _hung_up,
    }
    inner = _Acceptable(Authenticated(Dispatch(api, handlers), api), app)
    settings = app.settings
    console = console_url or settings.console_url or f"https://{settings.console}"
    always = headers.with_setting(headers.API, hsts=settings.hsts)
    pages = console.rstrip("/") + PATH

    def begin(scope: Scope) -> Sequence[headers.Pair]:
        scope["state"]["problem_pages"] = pages
        return always

    checks = envelope.checks(settings, app.node, _unknown_host(settings), _not_behind_proxy)
    rules = Rules(begin, languages.english, _crash, _cut_off, checks)
    return Envelope(inner, settings, rules, answers, repeats)


class _Acceptable:
    """ASGI: refuses unsafe requests that a browser sends for a page of another site, and requests
    whose Content-Length is invalid or above the limit.

    Basic credentials are no exemption: a browser stores them and sends them automatically.
    """

    def __init__(self, inner: ASGIApp, app: Watchword) -> None:
        self._inner = inner
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (status := self._status(scope)) is not None:
            await problems.for_status(scope, status)(scope, receive, send)
            return
        await self._inner(scope, receive, send)

    def _status(self, scope: Scope) -> int | None:
        if scope["method"] not in cross_origin.SAFE_METHODS:
            asked, own = arrival_of(scope).origin, self._app.settings.api_url
            if cross_origin.is_refused(self._app, Headers(scope=scope), asked, own):
                return 403
        for name, value in scope["headers"]:
            if name == b"content-length":
                return _refused_for(value.decode("latin-1"))
        return None


def _refused_for(length: str) -> int | None:
    """Return the status for an unacceptable Content-Length; `int` raises above 4,300 digits."""
    if not (length.isascii() and length.isdecimal()):
        return 400
    digits = length.lstrip("0") or "0"
    is_long = len(digits) > len(str(MOST_BODY_BYTES)) or int(digits) > MOST_BODY_BYTES
    return 413 if is_long else None


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sent = dict(getattr(error, "headers", None) or {})
    if status == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers=sent)
    return problems.for_status(request.scope, status, headers=sent)


async def _unauthorized(request: Request, _refusal: Exception) -> Response:
    return problems.unauthorized(request.scope)


async def _refusal(request: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refusal):
        raise refusal
    return problems.for_refusal(request.scope, refusal)


async def _bad_body(request: Request, error: Exception) -> Response:
    if not isinstance(error, BadBody):
        raise error
    found = {"pointer": error.pointer, "code": error.code, "detail": error.detail}
    return problems.problem(
        request.scope,
        KINDS[error.code],
        error.detail,
        errors=[found] if error.pointer else None,
    )


async def _not_behind_proxy(request: Request) -> Response:
    return problems.problem(request.scope, KINDS["not-behind-proxy"], plain_http_guard.sentence())


def _unknown_host(settings: Settings) -> Callable[[Request], Awaitable[Response]]:
    async def unknown_host(request: Request) -> Response:
        detail = host_check.sentence(address(settings.api).port)
        return problems.problem(request.scope, KINDS["unknown-host"], detail)

    return unknown_host


async def _too_large(request: Request, _error: Exception) -> Response:
    return problems.for_status(request.scope, 413)


async def _hung_up(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # the client has disconnected


def _cut_off(request: Request) -> Response:
    return problems.for_refusal(request.scope, Busy(retry_after=2))


async def _crash(request: Request, error: Exception) -> Response:
    error_containment.log_crash(log, request, error)
    return problems.for_status(request.scope, 500)
