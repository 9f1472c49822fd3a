"""Statements and transactions of the requests that are sent most.

Each figure is of one whole request, from its first byte to its answer, in a process that has
served requests before. `tests.support.statements.Counted` defines what is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from tests.support.acts import CLI, CONSOLE, Acts, basic_header
from tests.support.asgi_client import Held
from tests.support.statements import Counted, counted
from tests.support.walk import Answer
from watchword import asgi
from watchword.domain.api_password import OVERLAPS
from watchword.domain.audit import AuditEvent
from watchword.usecases.api import api_password
from watchword.usecases.login.password_login import AttemptStarted, Browser
from watchword.usecases.sessions import login_attempts
from watchword.web.api.operations import FORM
from watchword.web.http import cookies, forms

BEFORE_LOGIN = "x" * 43


def cookie_header(acts: Acts, values: Mapping[str, str]) -> str:
    names = cookies.names_of(acts.app)
    return "; ".join(f"{names.sent(name)}={value}" for name, value in values.items())


def recognised_browser(acts: Acts) -> str:
    """Log in with a code and return the browser's token."""
    done = acts.second_step(acts.attempt())
    acts.here.clock.next_step()
    return done.browser_token.reveal()


def post_code(acts: Acts, browser: Browser, code: str) -> tuple[Answer, Counted]:
    started = acts.password(browser=browser)
    assert isinstance(started, AttemptStarted)
    token = started.token.reveal()
    found = login_attempts.find(acts.app, token)
    sent = {cookies.ATTEMPT: token, cookies.BEFORE_LOGIN: BEFORE_LOGIN}
    if browser.known:
        sent[cookies.BROWSER] = browser.known
    bound = forms.bound_to_cookie(BEFORE_LOGIN)
    fields = {
        "attempt": found.attempt.id,
        "totp_code": code,
        forms.TOKEN_FIELD: forms.token_for(acts.app.keyring, bound),
    }
    headers = {"cookie": cookie_header(acts, sent), "content-type": FORM}
    console = asgi.console(acts.app)
    body = urlencode(fields).encode()
    with counted(acts.app) as figures:
        answer = Held("POST", "/login/second-step", headers, body, bool).sent_to(console)
    return answer, figures


@pytest.mark.parametrize("is_recognised", [True, False], ids=["recognised", "unrecognised"])
def test_code_at_login_takes_at_most_12_statements_in_3_transactions(
    acts: Acts, is_recognised: bool
) -> None:
    acts.activate()
    acts.here.clock.next_step()
    browser = Browser(known=recognised_browser(acts)) if is_recognised else Browser()
    answer, figures = post_code(acts, browser, acts.code())
    assert (answer.status, acts.times(AuditEvent.LOGIN)) == (303, 3 + is_recognised)
    assert len(figures.statements) <= 12, figures.statements
    assert figures.transactions <= 3


def test_overview_takes_at_most_2_transactions(acts: Acts) -> None:
    """One finds the session, the other reads the page."""
    acts.activate()
    acts.here.clock.next_step()
    token = acts.second_step(acts.attempt()).session_token.reveal()
    headers = {"cookie": cookie_header(acts, {cookies.SESSION: token})}
    console = asgi.console(acts.app)
    for _ in range(2):  # the first request records the network that it comes from
        with counted(acts.app) as figures:
            answer = Held("GET", "/", headers, b"", bool).sent_to(console)
    assert answer.status == 200
    assert CONSOLE.address in answer.body
    assert figures.transactions <= 2


@pytest.mark.parametrize("is_old", [False, True], ids=["current", "old"])
def test_api_password_takes_at_most_4_statements_at_its_first_use_and_1_later(
    acts: Acts, is_old: bool
) -> None:
    """The first use is recorded; a later one within a minute only looks the caller up."""
    old, new = (
        api_password.generate_by_operator(acts.app, CLI, "alice", overlap).reveal()
        for overlap in OVERLAPS[::2]
    )
    headers = {"authorization": basic_header("alice", old if is_old else new).decode()}
    found = []
    for _ in range(2):
        api = asgi.api(acts.app)  # a new one, which has not seen the caller before
        with counted(acts.app) as figures:
            answer = Held("GET", "/api/v1/whoami", headers, b"", bool).sent_to(api)
        assert answer.status == 200
        found.append(figures)
    first, later = found
    assert acts.times(AuditEvent.API_PASSWORD_FIRST_USE) == 1
    assert len(first.statements) <= 4, first.statements
    assert first.transactions == 2
    assert (len(later.statements), later.transactions) == (1, 1)
