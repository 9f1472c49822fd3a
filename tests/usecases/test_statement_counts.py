"""Statements and transactions of the requests that are sent most.

Each figure is of one whole request, from its first byte to its answer, in a process that has
served requests before. `tests.support.statements.Counted` defines what is counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.acts import CLI, CONSOLE, Acts, basic_header
from tests.support.asgi_client import Held
from tests.support.statements import counted
from watchword import asgi
from watchword.domain.audit import AuditEvent
from watchword.usecases.api import api_password
from watchword.web.http import cookies

BEFORE_LOGIN = "x" * 43


def cookie_header(acts: Acts, values: Mapping[str, str]) -> str:
    names = cookies.names_of(acts.app)
    return "; ".join(f"{names.sent(name)}={value}" for name, value in values.items())


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


def test_api_password_takes_at_most_4_statements_at_its_first_use_and_1_later(acts: Acts) -> None:
    """The first use is recorded; a later one within a minute only looks the caller up."""
    password = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    headers = {"authorization": basic_header("alice", password).decode()}
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
