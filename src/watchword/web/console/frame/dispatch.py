"""Dispatch of every request at the console.

    read cookies -> (POST) read body -> find session -> (POST) check origin and form token
                 -> call handler -> draw a refusal on the page of the form -> set cookies

Handlers do not catch refusals. The route of a handler names the page that shows them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from watchword.domain.audit import Interface
from watchword.domain.errors import (
    AlreadySo,
    AttemptEnded,
    FirstRunOver,
    NoSuchAdministrator,
    NothingToRevoke,
    NotInThisState,
    OwnAccount,
    ProofNeeded,
    Refusal,
    SessionEnded,
)
from watchword.domain.operational_errors import CannotDecrypt, DatabaseUnavailable
from watchword.i18n import _
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal
from watchword.web.console.frame import error_pages, reauthenticate, submitted_form
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.navigation import first_asked, leading_to, page_behind
from watchword.web.console.frame.paths import AFTER_RECOVERY, NEW_PASSWORD
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.request_context import Visit
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.http import cookies, refusal_messages, themes
from watchword.web.http.request_scope import actor_of
from watchword.web.http.worker_threads import console as hop


@dataclass(frozen=True)
class Console:
    """Objects that all requests share."""

    app: Watchword
    pages: Pages


_LEADS_AWAY: Final = (AttemptEnded, CannotDecrypt, FirstRunOver, SessionEnded)
"""Refusals that get a page of their own, because the page of the form is no longer usable."""
_OF_OTHERS: Final = (AlreadySo, NoSuchAdministrator, NothingToRevoke, NotInThisState, OwnAccount)
"""Refusals of a page about another account. Their page links to the list of accounts."""


async def answer(console: Console, route: ConsoleRoute, request: Request) -> Response:
    """Answer one request."""
    try:
        visit = await _arrive(console, request)
    except cookies.DuplicateCookie:
        return error_pages.cookies_twice(nobodys(console, request))
    except Refusal as refusal:
        # Without the database the session is unknown.
        return _lead_away(nobodys(console, request), route, refusal)
    try:
        if first := _what_comes_first(visit, route):
            response = visit.go(leading_to(first, _wanted(visit, route)))
        elif request.method == "POST":
            response = await _post(visit, route)
        else:
            response = await _get(visit, route)
    except Refusal as refusal:
        response = _lead_away(visit, route, refusal)
    return _with_cookies(visit, response)


def _with_cookies(visit: Visit, response: Response) -> Response:
    names = cookies.names_of(visit.app)
    response.raw_headers.extend(cookies.sent_under(names, made) for made in visit.set_cookies)
    return response


async def answer_outside(
    console: Console, request: Request, draw: Callable[[Visit], Response]
) -> Response:
    """Answer a request that matches no route, with the menu of its session."""
    try:
        visit = await _arrive(console, request)
    except (cookies.DuplicateCookie, Refusal):
        visit = nobodys(console, request)
    return _with_cookies(visit, draw(visit))


def _what_comes_first(visit: Visit, route: ConsoleRoute) -> str | None:
    """Return the page that the administrator must complete first, or None."""
    me = visit.principal
    if me is None or route.is_public:
        return None
    if me.account.must_change_password and not route.is_open_to_given_password:
        return NEW_PASSWORD
    if me.must_decide and not (route.is_open_to_undecided or route.is_open_to_given_password):
        return AFTER_RECOVERY
    return None


def _wanted(visit: Visit, route: ConsoleRoute) -> str:
    """Return the page to open after the mandatory one. A mandatory page carries it as `to`."""
    if route.path in {NEW_PASSWORD, AFTER_RECOVERY}:
        return first_asked(visit)
    return visit.here if route.is_page and visit.request.method == "GET" else "/"


def nobodys(console: Console, request: Request) -> Visit:
    """Return a context without session and cookies, for pages that need neither."""
    actor = actor_of(request.scope, Interface.CONSOLE)
    sent = themes.alone(request.scope["headers"], cookies.names_of(console.app))
    return Visit(console.app, console.pages, request, actor, sent)


async def _arrive(console: Console, request: Request) -> Visit:
    actor = actor_of(request.scope, Interface.CONSOLE)
    visit = Visit(
        console.app,
        console.pages,
        request,
        actor,
        cookies.parse(request.scope["headers"], cookies.names_of(console.app)),
    )
    # A slow client delays its body. A session that was read earlier would be out of date.
    visit.body = await submitted_form.body_of(request)
    visit.principal = await _principal(visit)
    if visit.principal is not None:
        account = visit.principal.account
        visit.take_token(visit.principal.new_token)
        visit.actor = replace(
            actor, id=account.id, name=account.username, session_ref=visit.principal.session.ref
        )
    return visit


async def _principal(visit: Visit) -> Principal | None:
    token = visit.cookies.get(cookies.SESSION)
    if not token:
        return None
    try:
        return await hop(sessions.find, visit.app, token, visit.actor)
    except SessionEnded:
        # Keep the cookie: another installation on this host may use the same cookie name.
        return None


def _page_of(visit: Visit, route: ConsoleRoute) -> str:
    """Return the address of the requested page, or of the page with the pressed button."""
    return visit.here if route.is_page else page_behind(visit)


async def _get(visit: Visit, route: ConsoleRoute) -> Response:
    visit.page = _page_of(visit, route)
    if visit.principal is None and visit.is_from_elsewhere:
        # Cross-site navigation does not send our strict cookies, so reload from our own page.
        # This includes the login page: it redirects a session and resumes a login attempt.
        href = leading_to(visit.here, first_asked(visit))
        return visit.draw("reload.html", _("One moment"), href=href)
    if route.is_public or visit.principal is not None:
        try:
            response = await route.show(visit)
        except ProofNeeded:
            return reauthenticate.draw(visit, None)
        if visit.principal is not None and visit.principal.notice:
            await hop(sessions.clear_notice, visit.app, visit.principal)
        return response
    return _to_login(visit, route)


def _to_login(visit: Visit, route: ConsoleRoute) -> Response:
    return visit.go(_login_for(visit.here if route.is_page else "/"))


def _login_for(target: str) -> str:
    return leading_to("/login", target)


async def _post(visit: Visit, route: ConsoleRoute) -> Response:
    visit.page = _page_of(visit, route)
    if (refused := await submitted_form.take(visit, route)) is not None:
        return refused
    visit.page = _page_of(visit, route)  # again: the form may contain the list query
    if route.act is None or (visit.principal is None and not route.is_public):
        raise SessionEnded
    if visit.principal is not None and (asked := await _take_proof(visit)) is not None:
        return asked
    try:
        return await route.act(visit)
    except _LEADS_AWAY:
        raise
    except ProofNeeded:
        return reauthenticate.draw(visit, None)
    except Refusal as refusal:
        await asyncio.sleep(refusal_messages.pause(refusal))
        return await route.show(visit, refusal)


async def _take_proof(visit: Visit) -> Response | None:
    """Check the answer to "Confirm it is you" if the form contains one.

    Return that page again after a wrong answer or a change of method, a redirect if a page
    required the re-authentication, and None if the action may continue.
    """
    if reauthenticate.is_asking_for_other_page(visit):
        return reauthenticate.draw(visit, None)
    if not reauthenticate.is_answered(visit):
        return None
    try:
        await reauthenticate.check(visit)
    except SessionEnded:
        raise
    except Refusal as refusal:
        return reauthenticate.draw(visit, refusal)
    page = reauthenticate.page_to_open(visit)
    return visit.go(page) if page else None


def _lead_away(visit: Visit, route: ConsoleRoute, refusal: Refusal) -> Response:
    """Return a page of its own for a refusal, with a link to continue."""
    row = refusal_messages.answer_for(refusal)
    page = _page_of(visit, route)
    link = None
    if isinstance(refusal, DatabaseUnavailable):
        link = (page, _("Back to the page"))
    if isinstance(refusal, _OF_OTHERS) and "name" in visit.request.path_params:
        link = (list_query(visit).address, _("System Administrators"))
    if isinstance(refusal, SessionEnded):
        visit.principal = None
        link = (_login_for(page), _("Login"))
    if isinstance(refusal, AttemptEnded):
        here = ("/your-mfa-settings", _("Your MFA Settings"))
        link = here if visit.principal else ("/login", _("Login"))
    return visit.message(
        row.title,
        row.sentence,
        status=row.status,
        link=link,
        retry_after=refusal_messages.retry_after(refusal),
        is_session_over=isinstance(refusal, SessionEnded),
    )
