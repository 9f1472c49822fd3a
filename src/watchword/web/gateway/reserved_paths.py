"""The paths of an application's hosts that the gateway answers itself: enter and log out."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from markupsafe import Markup

from watchword import i18n
from watchword.domain import gateway_credentials
from watchword.domain.applications import Application
from watchword.domain.audit import Actor
from watchword.domain.gateway_credentials import SESSION_COOKIE
from watchword.domain.gateway_decision import ENTER_PATH, LOGOUT_PATH
from watchword.domain.original_request import Fields, OriginalRequest
from watchword.i18n import _
from watchword.usecases.applications import applications
from watchword.usecases.context import Watchword
from watchword.usecases.gateway import hand_over
from watchword.web.gateway import pages
from watchword.web.gateway.answers import NO_STORE, RETURN_COOKIE, Answer
from watchword.web.http import cookies

_CODE: Final = re.compile(r"c=([A-Za-z0-9_-]{43})")
_NONCE: Final = re.compile(rb"(?:\A|;)[ \t]*__Host-ww_r=([A-Za-z0-9_-]{43})(?=;|\Z)")
_REFERRER: Final = (b"referrer-policy", b"no-referrer")
_OWN_NAVIGATION: Final = frozenset({b"same-origin", b"none"})


def answer(
    app: Watchword, actor: Actor, console: str, name: str, request: OriginalRequest, fields: Fields
) -> Answer:
    """Return the answer to a reserved path of an application."""
    application = applications.enabled_at(app, name, request.host)
    if application is None or not request.is_reading:
        return Answer(HTTPStatus.FORBIDDEN)
    accepted = b",".join(v for name, v in fields if name == b"accept-language")
    with i18n.using(i18n.accepted(accepted.decode("latin-1"))):
        if request.path == ENTER_PATH:
            return _enter(app, actor, application, request, fields)
        return _leave(app, actor, console, application, request, fields)


def _enter(
    app: Watchword, actor: Actor, application: Application, request: OriginalRequest, fields: Fields
) -> Answer:
    code = _CODE.fullmatch(request.target.partition("?")[2])
    nonces = _nonces(fields)
    entered = None
    if code is not None and len(nonces) == 1:
        entered = hand_over.claim(app, actor, application, request.host, code[1], nonces[0])
    if entered is None:
        return _start_again()
    own = cookies.header(SESSION_COOKIE, entered.token.reveal(), same_site="Lax")
    spent = cookies.removal(RETURN_COOKIE, same_site="Lax")
    location = (b"location", pages.local(entered.target).encode("utf-8"))
    return Answer(HTTPStatus.SEE_OTHER, (NO_STORE, location, own, spent, _REFERRER))


def _nonces(fields: Fields) -> list[str]:
    sent = b";".join(value for name, value in fields if name == b"cookie")
    return [found.decode() for found in _NONCE.findall(sent)]


def _start_again() -> Answer:
    text = _("This step of the login is not valid in this browser, or it is over. Open the "
             "application again.")  # fmt: skip
    link = Markup('<p><a href="/">%s</a></p>\n') % _("Open the application")
    return _page(HTTPStatus.FORBIDDEN, _("Start again"), text, link)


def _page(status: HTTPStatus, title: str, text: str, link: Markup) -> Answer:
    fields = (NO_STORE, *pages.fields(is_framed=False))
    return Answer(status, fields, pages.page(title, text, link))


def _leave(
    app: Watchword,
    actor: Actor,
    console: str,
    application: Application,
    request: OriginalRequest,
    fields: Fields,
) -> Answer:
    """End the login. A link on another site only leads to a page with the link."""
    sites = {value for name, value in fields if name == b"sec-fetch-site"}
    if not sites <= _OWN_NAVIGATION:
        text = _("Log out of this server and of all applications?")
        link = Markup('<p><a href="%s">%s</a></p>\n') % (LOGOUT_PATH, _("Logout"))
        return _page(HTTPStatus.OK, _("Logout"), text, link)
    token = gateway_credentials.presented(fields).session_token
    if token is not None:
        hand_over.leave(app, actor, application, request.host, token)
    over = cookies.removal(SESSION_COOKIE, same_site="Lax")
    location = (b"location", f"{console}/login".encode("ascii"))
    return Answer(HTTPStatus.SEE_OTHER, (NO_STORE, location, over, _REFERRER))
