"""Dispatch of every request at the console.

    read cookies -> (POST) read body -> find session -> (POST) check origin and form token
                 -> call handler -> draw a refusal on the page of the form -> set cookies

Handlers do not catch refusals. The route of a handler names the page that shows them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from watchword import i18n
from watchword.domain.audit import Interface
from watchword.domain.errors import (
    AlreadySo,
    AttemptEnded,
    FirstRunOver,
    HasPassword,
    NoSuchAdministrator,
    NoSuchMember,
    NotAnAdministrator,
    NothingToRevoke,
    NotInThisState,
    OwnAccount,
    PasswordMissing,
    ProofNeeded,
    Refusal,
    SessionEnded,
)
from watchword.domain.operational_errors import CannotDecrypt, DatabaseUnavailable
from watchword.i18n import _
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal
from watchword.web.console.frame import error_pages, paths, reauthenticate, submitted_form
from watchword.web.console.frame.list_query import list_query
from watchword.web.console.frame.navigation import page_of_action, requested_target, with_target
from watchword.web.console.frame.paths import AFTER_RECOVERY, NEW_PASSWORD
from watchword.web.console.frame.rendering import Pages
from watchword.web.console.frame.request_context import RequestContext
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.http import cookies, refusal_messages
from watchword.web.http.request_scope import actor_of
from watchword.web.http.worker_threads import console as in_thread


class Console(Struct, frozen=True):
    """Objects that all requests share."""

    app: Watchword
    pages: Pages
    not_after: Callable[[], datetime] | None = None


_WITH_OWN_PAGE: Final = (AttemptEnded, CannotDecrypt, FirstRunOver, SessionEnded)
"""Refusals that get a page of their own, because the page of the form is no longer usable."""
_ABOUT_OTHER_ACCOUNTS: Final = (
    AlreadySo, HasPassword, NothingToRevoke, NotInThisState, OwnAccount, PasswordMissing,
)  # fmt: skip
"""Refusals of a page about another account. Their page links to the page of that account."""


async def answer(console: Console, route: ConsoleRoute, request: Request) -> Response:
    """Answer one request."""
    try:
        context = await _context_of(console, request)
    except cookies.DuplicateCookie:
        return error_pages.duplicate_cookies(anonymous_context(console, request))
    except Refusal as refusal:
        # Without the database the session is unknown.
        return _refusal_page(anonymous_context(console, request), route, refusal)
    try:
        if first := _mandatory_page(context, route):
            response = context.redirect(with_target(first, _page_after(context, route)))
        elif _is_closed_to_member(context, route):
            response = _refused_to_member(context, route)
        elif request.method == "POST":
            response = await _post(context, route)
        else:
            response = await _get(context, route)
    except Refusal as refusal:
        response = _refusal_page(context, route, refusal)
    return _with_cookies(context, response)


def _with_cookies(context: RequestContext, response: Response) -> Response:
    names = cookies.names_of(context.app)
    response.raw_headers.extend(cookies.sent_under(names, made) for made in context.set_cookies)
    return response


async def answer_outside(
    console: Console, request: Request, draw: Callable[[RequestContext], Response]
) -> Response:
    """Answer a request that matches no route, with the menu of its session."""
    try:
        context = await _context_of(console, request)
    except (cookies.DuplicateCookie, Refusal):
        context = anonymous_context(console, request)
    return _with_cookies(context, draw(context))


def _mandatory_page(context: RequestContext, route: ConsoleRoute) -> str | None:
    """Return the page that the administrator must complete first, or None."""
    me = context.principal
    if me is None or route.is_public:
        return None
    if me.account.must_change_password and not route.is_open_to_given_password:
        return NEW_PASSWORD
    if me.must_decide and not (route.is_open_to_undecided or route.is_open_to_given_password):
        return AFTER_RECOVERY
    return None


def _is_closed_to_member(context: RequestContext, route: ConsoleRoute) -> bool:
    me = context.principal
    is_member = me is not None and not me.account.is_administrator
    return is_member and not (route.is_public or route.is_open_to_members)


def _refused_to_member(context: RequestContext, route: ConsoleRoute) -> Response:
    """Return the member's first page instead of Overview. Raises NotAnAdministrator elsewhere."""
    if route.path == "/":
        return context.redirect(paths.HOME_OF_MEMBER)
    raise NotAnAdministrator


def _page_after(context: RequestContext, route: ConsoleRoute) -> str:
    """Return the page to open after the mandatory one. A mandatory page carries it as `to`."""
    if route.path in {NEW_PASSWORD, AFTER_RECOVERY}:
        return requested_target(context)
    return context.here if route.is_page and context.request.method == "GET" else "/"


def anonymous_context(console: Console, request: Request) -> RequestContext:
    """Return a context without session and cookies, for pages that need neither."""
    actor = actor_of(request.scope, Interface.CONSOLE)
    sent = cookies.public(request.scope["headers"], cookies.names_of(console.app))
    return RequestContext(console.app, console.pages, request, actor, sent)


async def _context_of(console: Console, request: Request) -> RequestContext:
    actor = actor_of(request.scope, Interface.CONSOLE)
    context = RequestContext(
        console.app,
        console.pages,
        request,
        actor,
        cookies.parse(request.scope["headers"], cookies.names_of(console.app)),
    )
    context.not_after = console.not_after
    # A slow client delays its body. A session that was read earlier would be out of date.
    context.body = await submitted_form.body_of(request)
    context.principal = await _principal(context)
    if context.principal is not None:
        account = context.principal.account
        if account.language:
            i18n.choose(account.language)
        context.set_session_cookie(context.principal.new_token)
        context.actor = replace(actor.known_as(account), session_ref=context.principal.session.ref)
    return context


async def _principal(context: RequestContext) -> Principal | None:
    token = context.cookies.get(cookies.SESSION)
    if not token:
        return None
    try:
        return await in_thread(sessions.find, context.app, token, context.actor)
    except SessionEnded as ended:
        context.ended = ended
        # Keep the cookie: another installation on this host may use the same cookie name.
        return None


def _page_of(context: RequestContext, route: ConsoleRoute) -> str:
    """Return the address of the requested page, or of the page with the pressed button."""
    return context.here if route.is_page else page_of_action(context)


async def _get(context: RequestContext, route: ConsoleRoute) -> Response:
    context.page = _page_of(context, route)
    if context.principal is None and context.is_cross_site_navigation:
        # Cross-site navigation does not send our strict cookies, so reload from our own page.
        # This includes the login page: it redirects a session and resumes a login attempt.
        href = with_target(context.here, requested_target(context))
        return context.draw("reload.html", _("One moment"), href=href)
    if route.is_public or context.principal is not None:
        try:
            response = await route.show(context)
        except ProofNeeded:
            return reauthenticate.draw(context, None)
        if context.principal is not None and context.principal.notice:
            await in_thread(sessions.clear_notice, context.app, context.principal)
        return response
    return _to_login(context, route)


def _to_login(context: RequestContext, route: ConsoleRoute) -> Response:
    return context.redirect(_login_for(context.here if route.is_page else "/"))


def _login_for(target: str) -> str:
    return with_target("/login", target)


async def _post(context: RequestContext, route: ConsoleRoute) -> Response:
    context.page = _page_of(context, route)
    if (refused := await submitted_form.take(context, route)) is not None:
        return refused
    context.page = _page_of(context, route)  # again: the form may contain the list query
    if route.act is None or (context.principal is None and not route.is_public):
        raise context.ended
    if context.principal is not None and (asked := await _take_proof(context)) is not None:
        return asked
    try:
        return await route.act(context)
    except _WITH_OWN_PAGE:
        raise
    except ProofNeeded:
        return reauthenticate.draw(context, None)
    except Refusal as refusal:
        await asyncio.sleep(refusal_messages.pause(refusal))
        return await route.show(context, refusal)


async def _take_proof(context: RequestContext) -> Response | None:
    """Check the answer to "Confirm it is you" if the form contains one.

    Return that page again after a wrong answer or a change of method, a redirect if a page
    required the re-authentication, and None if the action may continue.
    """
    if reauthenticate.is_asking_for_other_page(context):
        return reauthenticate.draw(context, None)
    if not reauthenticate.is_answered(context):
        return None
    try:
        await reauthenticate.check(context)
    except SessionEnded:
        raise
    except Refusal as refusal:
        return reauthenticate.draw(context, refusal)
    page = reauthenticate.page_to_open(context)
    return context.redirect(page) if page else None


def _refusal_page(context: RequestContext, route: ConsoleRoute, refusal: Refusal) -> Response:
    """Return a page of its own for a refusal, with a link to continue."""
    if isinstance(refusal, AttemptEnded) and context.principal:
        refusal = AttemptEnded(cause="setup")
    row = refusal_messages.answer_for(refusal)
    page = _page_of(context, route)
    link = None
    if isinstance(refusal, DatabaseUnavailable):
        link = (page, _("Back to the page"))
    if isinstance(refusal, NoSuchAdministrator) and "name" in context.request.path_params:
        link = (list_query(context).address, _("System Administrators"))
    if isinstance(refusal, NoSuchMember) and "name" in context.request.path_params:
        link = (list_query(context).address, _("Members"))
    if isinstance(refusal, _ABOUT_OTHER_ACCOUNTS) and "name" in context.request.path_params:
        link = (page_of_action(context), _("Back to the account"))
    if isinstance(refusal, SessionEnded):
        context.principal = None
        link = (_login_for(page), _("Login"))
    if isinstance(refusal, AttemptEnded):
        here = ("/your-mfa-settings", _("Your MFA Settings"))
        link = here if context.principal else ("/login", _("Login"))
    return context.message(
        row.title,
        row.sentence,
        status=row.status,
        link=link,
        retry_after=refusal_messages.retry_after(refusal),
        is_session_over=isinstance(refusal, SessionEnded),
    )
