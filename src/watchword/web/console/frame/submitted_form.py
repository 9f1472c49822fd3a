"""Checks of a submitted form: origin, size, fields, and the token that binds it to the browser."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.errors import CookieMissing, FormStale
from watchword.web.console.frame import error_pages
from watchword.web.console.frame.navigation import requested_target
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.http import cookies, cross_origin, forms
from watchword.web.http.forms import BadForm
from watchword.web.http.request_scope import TooLarge, arrival_of, read_body

SHOWS_CODES: Final = frozenset(
    {"/login/second-step", "/login/recovery-code", "/login/with-recovery-code"}
)
"""Routes of a login that may respond with recovery codes. A reload sends the form again."""


async def body_of(request: Request) -> bytes | None:
    """Return the body of a POST, b"" for other methods, None if it is too large."""
    if request.method != "POST":
        return b""
    try:
        return await read_body(request.receive, forms.MOST_BYTES)
    except TooLarge:
        return None


async def take(context: RequestContext, route: ConsoleRoute) -> Response | None:
    """Read and check the form. Return None if it is accepted, else the response.

    Raises SessionEnded if the form belongs to a session that has ended.
    """
    request = context.request
    origin = context.app.settings.console_url
    asked = arrival_of(request.scope).origin
    if cross_origin.is_refused(context.app, request.headers, asked, origin):
        return error_pages.from_elsewhere(context)
    if context.body is None:
        return error_pages.too_large(context)
    try:
        context.form = forms.parse(request.headers.get("content-type", ""), context.body)
    except BadForm as bad:
        return error_pages.bad_form(context, bad)
    if not forms.is_token(context.app.keyring, _binding(context), context.field(forms.TOKEN_FIELD)):
        is_of_session = route.stands_in_session or not route.is_public
        if context.principal is None and cookies.SESSION in context.cookies and is_of_session:
            raise context.ended
        return await _stale(context, route)
    return None


async def _stale(context: RequestContext, route: ConsoleRoute) -> Response:
    """Answer a form with an invalid token, or without the cookie that its token is bound to.

    Before a login the form is shown again with its fields, except secrets. After a login in another
    tab the browser is redirected to the return target. Inside a session the fields are discarded:
    another site may have filled them in, and one press would submit them.
    """
    if not route.is_public or not route.is_page:
        return error_pages.outdated(context)
    if context.principal is not None:
        if route.path in SHOWS_CODES and context.principal.was_shown_codes:
            return error_pages.codes_shown_before(context)
        return context.redirect(requested_target(context))
    is_without_cookie = cookies.BEFORE_LOGIN not in context.cookies
    return await route.show(context, CookieMissing() if is_without_cookie else FormStale())


def _binding(context: RequestContext) -> str:
    """Return the value that the form must be bound to: the session, or else the cookie.

    With a session the cookie is not accepted. A service on another port of this host can set that
    cookie, and obtain a form token for it.
    """
    if context.principal is not None:
        return forms.bound_to_session(context.principal.session.id)
    return forms.bound_to_cookie(context.cookies.get(cookies.BEFORE_LOGIN, ""))
