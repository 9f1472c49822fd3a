"""Kinds of clients and the forms of their refusals: the table of the gateway's answers."""

from __future__ import annotations

import pytest

from watchword.domain.gateway_clients import Client, Form, client_of, form_of
from watchword.domain.gateway_decision import Outcome

CHROMIUM = {"sec-fetch-site": "none", "user-agent": "Mozilla/5.0", "accept": "text/html,*/*;q=0.8"}


def browser(mode: str, dest: str) -> dict[str, str]:
    return {**CHROMIUM, "sec-fetch-mode": mode, "sec-fetch-dest": dest}


CLIENTS = [
    ("GET", browser("navigate", "document"), "navigation"),
    ("HEAD", browser("navigate", "document"), "navigation"),
    ("GET", {**CHROMIUM, "sec-fetch-mode": "navigate"}, "navigation"),
    ("POST", browser("navigate", "document"), "form"),
    ("GET", browser("navigate", "iframe"), "frame"),
    ("POST", browser("navigate", "iframe"), "frame"),
    ("GET", browser("navigate", "embed"), "frame"),
    ("GET", browser("cors", "empty"), "background"),
    ("GET", browser("no-cors", "image"), "background"),
    ("POST", browser("no-cors", "empty"), "background"),
    ("GET", browser("same-origin", "empty"), "background"),
    ("GET", browser("websocket", "websocket") | {"sec-websocket-key": "x"}, "websocket"),
    ("GET", {"sec-websocket-key": "x"}, "websocket"),
    ("GET", {"x-requested-with": "XMLHttpRequest", "accept": "text/html"}, "background"),
    ("GET", {"accept": "*/*", "user-agent": "curl/8"}, "script"),
    ("GET", {"user-agent": "git/2"}, "script"),
    ("GET", {"accept": "text/html, text/*;q=0.5, image/*, application/*", "user-agent": "w3m"}, "text-browser"),
    ("GET", {"accept": "text/html, text/plain, text/css, */*;q=0.01", "user-agent": "Lynx"}, "text-browser"),
    ("POST", {"accept": "text/html", "user-agent": "Lynx"}, "script"),
    ("GET", {"accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, "
                       "text/html; q=0.01", "user-agent": "pip"}, "script"),
    ("GET", {"accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5,*/*;q=0.1"}, "script"),
    ("GET", {"accept": "text/html;q=0"}, "script"),
    ("GET", {"accept": "text/html;q=x"}, "script"),
    ("GET", {"accept": ""}, "script"),
    ("GET", {"sec-fetch-site": "none", "accept": "text/html"}, "script"),
    ("GET", browser("navigate", "document") | {"x-requested-with": "xmlhttprequest"}, "background"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "sent", "client"), CLIENTS)
def test_client_is_recognised_by_its_header_fields(
    method: str, sent: dict[str, str], client: str
) -> None:
    fields = [(name.encode(), value.encode()) for name, value in sent.items()]
    assert client_of(method, fields) == client


FORMS = {
    Client.WEBSOCKET: ("bare", "bare"),
    Client.BACKGROUND: ("problem", "problem"),
    Client.FRAME: ("top-page", "page"),
    Client.FORM: ("resubmit-page", "page"),
    Client.NAVIGATION: ("redirect", "page"),
    Client.TEXT_BROWSER: ("redirect", "page"),
    Client.SCRIPT: ("challenge", "problem"),
}


@pytest.mark.parametrize("client", Client)
def test_refusal_has_the_form_that_the_client_can_use(client: Client) -> None:
    login, refused = FORMS[client]
    for outcome in (Outcome.LOGIN, Outcome.STEP_UP):
        assert form_of(client, outcome) == login
    for outcome in (Outcome.DENY, Outcome.THROTTLED, Outcome.UNAVAILABLE):
        assert form_of(client, outcome) == refused
    assert form_of(client, Outcome.CHALLENGE) is Form.CHALLENGE
