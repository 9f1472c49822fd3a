"""Kinds of clients at the gateway, and the form of the refusal that each of them can use.

A browser that navigates is redirected to the login. A background request of a page must not be: it
would read a login page as data. A script gets a challenge, so that it sends its credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from watchword.domain.gateway_decision import Outcome
from watchword.domain.original_request import Fields

_HTML: Final = "text/html"


class Client(StrEnum):
    """The kinds of clients, as far as a request shows them."""

    WEBSOCKET = "websocket"
    BACKGROUND = "background"
    FRAME = "frame"
    FORM = "form"
    NAVIGATION = "navigation"
    TEXT_BROWSER = "text-browser"
    SCRIPT = "script"


class Form(StrEnum):
    """The form of a refusal."""

    REDIRECT = "redirect"
    PAGE = "page"
    TOP_PAGE = "top-page"
    """A page for a frame, whose link opens the login in the whole window."""
    RESUBMIT_PAGE = "resubmit-page"
    """A page after a form that was not sent to the application."""
    PROBLEM = "problem"
    CHALLENGE = "challenge"
    BARE = "bare"


_LOGIN: Final[Mapping[Client, Form]] = {
    Client.WEBSOCKET: Form.BARE,
    Client.BACKGROUND: Form.PROBLEM,
    Client.FRAME: Form.TOP_PAGE,
    Client.FORM: Form.RESUBMIT_PAGE,
    Client.NAVIGATION: Form.REDIRECT,
    Client.TEXT_BROWSER: Form.REDIRECT,
    Client.SCRIPT: Form.CHALLENGE,
}
_REFUSED: Final[Mapping[Client, Form]] = {
    Client.WEBSOCKET: Form.BARE,
    Client.BACKGROUND: Form.PROBLEM,
    Client.FRAME: Form.PAGE,
    Client.FORM: Form.PAGE,
    Client.NAVIGATION: Form.PAGE,
    Client.TEXT_BROWSER: Form.PAGE,
    Client.SCRIPT: Form.PROBLEM,
}


def form_of(client: Client, outcome: Outcome) -> Form:
    """Return the form of the answer to a request that is not allowed."""
    if outcome in {Outcome.LOGIN, Outcome.STEP_UP}:
        return _LOGIN[client]
    return Form.CHALLENGE if outcome is Outcome.CHALLENGE else _REFUSED[client]


def client_of(method: str, fields: Fields) -> Client:
    """Return the kind of the client by the header fields of the original request."""
    sent = {name: value.decode("latin-1").strip() for name, value in fields}
    is_reading = method in {"GET", "HEAD"}
    if b"sec-websocket-key" in sent:
        return Client.WEBSOCKET
    mode = sent.get(b"sec-fetch-mode", "").lower()
    is_xhr = sent.get(b"x-requested-with", "").lower() == "xmlhttprequest"
    if is_xhr or mode not in {"", "navigate"}:
        return Client.BACKGROUND
    if mode:
        return _navigating(sent.get(b"sec-fetch-dest", "document").lower(), is_reading=is_reading)
    is_browser = is_reading and not any(name.startswith(b"sec-fetch-") for name in sent)
    if is_browser and _prefers_html(sent.get(b"accept", "")):
        return Client.TEXT_BROWSER
    return Client.SCRIPT


def _navigating(destination: str, *, is_reading: bool) -> Client:
    if destination != "document":
        return Client.FRAME
    return Client.NAVIGATION if is_reading else Client.FORM


def _prefers_html(accept: str) -> bool:
    """Return whether `Accept` names text/html, with a quality that no other type exceeds."""
    qualities: dict[str, float] = {}
    for part in accept[:2000].lower().split(","):
        type_, *parameters = (word.strip() for word in part.split(";"))
        qualities[type_] = next((_quality(p) for p in parameters if p.startswith("q=")), 1.0)
    return 0 < qualities.get(_HTML, 0) == max(qualities.values())


def _quality(parameter: str) -> float:
    try:
        found = float(parameter.removeprefix("q="))
    except ValueError:
        return 0.0
    return found if 0 <= found <= 1 else 0.0
