"""Answers of the gateway: identity headers for an allowed request, refusals in the client's form."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Struct

from watchword import i18n
from watchword.domain.applications import Application
from watchword.domain.gateway_clients import Client, Form, client_of, form_of
from watchword.domain.gateway_credentials import Presented
from watchword.domain.gateway_decision import Decision, Outcome, Rule
from watchword.domain.original_request import Fields, Flaw, OriginalRequest
from watchword.domain.secret import Secret
from watchword.web.gateway import pages
from watchword.web.http import cookies

RETURN_COOKIE: Final = "__Host-ww_r"
_RETURN_LIFE: Final = timedelta(minutes=10)
_CHALLENGE: Final = (b"www-authenticate", b'Basic realm="Watchword", charset="UTF-8"')
NO_STORE: Final = (b"cache-control", b"no-store")
_PLAIN: Final = (string.ascii_letters + string.digits + string.punctuation + " ").replace("%", "")
_STATUS: Final[Mapping[Outcome, HTTPStatus]] = {
    Outcome.LOGIN: HTTPStatus.UNAUTHORIZED,
    Outcome.STEP_UP: HTTPStatus.UNAUTHORIZED,
    Outcome.CHALLENGE: HTTPStatus.UNAUTHORIZED,
    Outcome.DENY: HTTPStatus.FORBIDDEN,
    Outcome.THROTTLED: HTTPStatus.TOO_MANY_REQUESTS,
    Outcome.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_DETAILS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "Log in with a browser, or send the username and the API password of an "
    "account that may enter this application by HTTP Basic.",
    HTTPStatus.FORBIDDEN: "This request may not reach the application.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many failed attempts from your network address. Wait for the "
    "time in Retry-After.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The gateway cannot decide at the moment. Try again.",
}

Pair = tuple[bytes, bytes]
Ticket = Callable[[], tuple[str, Secret]]
"""Makes the address of the login, with a nonce for the browser."""


class Answer(Struct, frozen=True):
    """A complete answer."""

    status: int
    fields: tuple[Pair, ...] = (NO_STORE,)
    body: bytes = b""


class Asked(Struct, frozen=True):
    """The parts of an answer besides the decision."""

    application: Application | None
    request: OriginalRequest | Flaw
    fields: Fields
    ticket: Ticket


def allowing(decision: Decision, given: Presented) -> Answer:
    """Return the answer to an allowed request. The identity headers are always present, so that a
    proxy never passes on those of a client; they are empty without a visitor.
    """
    visitor = decision.visitor
    groups = ",".join(map(_quoted, visitor.groups)) if visitor else ""
    values = {
        b"remote-user": _quoted(visitor.username) if visitor else "",
        b"remote-groups": groups,
        b"remote-name": _quoted(visitor.full_name) if visitor else "",
        b"remote-email": _quoted(visitor.email) if visitor else "",
        b"remote-auth-level": visitor.proof.value if visitor else "",
        b"remote-auth-time": str(int(visitor.proved_at.timestamp())) if visitor else "",
    }
    fields = [NO_STORE, *((name, value.encode("ascii")) for name, value in values.items())]
    if given.tools_authorization is not None:
        fields.append((b"authorization", given.tools_authorization))
    return Answer(HTTPStatus.OK, tuple(fields))


def _quoted(text: str) -> str:
    """Return printable ASCII, with "%" and all other characters as percent-encoded UTF-8."""
    return quote(text, safe=_PLAIN, errors="replace")


def refusing(decision: Decision, asked: Asked) -> Answer:
    """Return the answer to a request that is not allowed, in the form that its client can use."""
    method = asked.request.method if isinstance(asked.request, OriginalRequest) else "GET"
    client = client_of(method, asked.fields)
    form, status = form_of(client, decision.outcome), _STATUS[decision.outcome]
    fields = [NO_STORE]
    if decision.retry_after:
        fields.append((b"retry-after", str(decision.retry_after).encode()))
    if form is Form.REDIRECT:
        return _redirect(asked, fields)
    if form is Form.BARE:
        return Answer(status, tuple(fields))
    if form in {Form.PROBLEM, Form.CHALLENGE}:
        challenge = [_CHALLENGE] if form is Form.CHALLENGE else []
        return _problem(status, decision, asked, [*fields, *challenge])
    accepted = b",".join(v for name, v in asked.fields if name == b"accept-language")
    with i18n.using(i18n.accepted(accepted.decode("latin-1"))):
        page = pages.of(form, decision, asked.application, asked.request)
        language = i18n.current().encode()
    more = pages.fields(is_framed=client is Client.FRAME)
    spoken = [(b"content-language", language), (b"vary", b"Accept-Language, Cookie")]
    return Answer(status, (*fields, *more, *spoken), page)


def _redirect(asked: Asked, fields: list[Pair]) -> Answer:
    address, nonce = asked.ticket()
    cookie = cookies.header(RETURN_COOKIE, nonce.reveal(), life=_RETURN_LIFE, same_site="Lax")
    location = (b"location", address.encode("ascii"))
    policy = (b"referrer-policy", b"no-referrer")
    return Answer(HTTPStatus.FOUND, (*fields, location, cookie, policy))


def _problem(status: HTTPStatus, decision: Decision, asked: Asked, fields: list[Pair]) -> Answer:
    """Return a problem document. That of 401 is the same for every cause."""
    is_login = status is HTTPStatus.UNAUTHORIZED
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": "unauthorized" if is_login else decision.rule.value,
        "detail": _DETAILS[status],
    }
    if decision.rule is Rule.UNREADABLE_REQUEST and isinstance(asked.request, Flaw):
        body["flaw"] = asked.request.value
    media_type = (b"content-type", b"application/problem+json")
    return Answer(status, (*fields, media_type), msgspec.json.encode(body))
