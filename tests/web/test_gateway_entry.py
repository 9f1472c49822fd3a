"""From a tool's host to the login at the console and back: tickets, codes, sessions, logout."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.acts import BY_CLI, CONSOLE, Acts
from tests.support.gate import BROWSER, Answer, Gate
from tests.support.race import race
from watchword.domain.application_errors import TicketOver
from watchword.domain.applications import Admission, Level
from watchword.domain.audit import AuditEvent as E
from watchword.domain.errors import SessionEnded
from watchword.domain.gateway_decision import Outcome, Rule
from watchword.domain.mfa import Event
from watchword.storage import sessions as stored
from watchword.usecases.administrators import other_accounts
from watchword.usecases.context import Watchword
from watchword.usecases.gateway import hand_over
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal

NONCE = re.compile(r"__Host-ww_r=([A-Za-z0-9_-]{43});")


@pytest.fixture
def gate(acts: Acts) -> Gate:
    return Gate(acts)


def cookies_of(answer: Answer) -> dict[str, str]:
    sent = [value for name, value in answer.headers if name == "set-cookie"]
    return {c.partition("=")[0]: c.partition("=")[2].partition(";")[0] for c in sent}


class Visit:
    """One browser at the tool's host."""

    def __init__(self, gate: Gate, host: str = "wiki.example", kind: str = "forward") -> None:
        self.gate, self.host, self.kind = gate, host, kind
        self.cookies: dict[str, str] = {}

    def get(self, target: str, **headers: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        more = {"cookie": cookie} if cookie else {}
        answer = self.gate.ask(
            BROWSER | more | headers, target=target, host=self.host, kind=self.kind
        )
        self.cookies |= cookies_of(answer)
        return answer

    def ticket(self, target: str = "/page?a=b%20c") -> str:
        """Be sent to the login, and return the ticket."""
        answer = self.get(target)
        assert answer.status == 302
        return parse_qs(urlsplit(answer.get("location") or "").query)["r"][0]

    def code(self, principal: Principal, target: str = "/page?a=b%20c") -> str:
        """Come back from the console, and return path and query with the code."""
        entering = hand_over.enter(self.gate.acts.app, CONSOLE, principal, self.ticket(target))
        address = urlsplit(entering.address)
        assert (address.scheme, address.netloc) == ("https", self.host)
        return f"{address.path}?{address.query}"


@pytest.mark.parametrize("kind", ["forward", "answer", "envoy"])
def test_login_at_the_console_opens_the_page_that_was_asked_for(gate: Gate, kind: str) -> None:
    browser, principal = Visit(gate, kind=kind), gate.acts.login()
    entered = browser.get(browser.code(principal))
    assert (entered.status, entered.get("location")) == (303, "/page?a=b%20c")
    assert entered.get("referrer-policy") == "no-referrer"
    assert browser.cookies["__Host-ww_r"] == ""
    flags = [v for n, v in entered.headers if n == "set-cookie" and "ww_v" in v]
    assert flags[0].partition("; ")[2] == "Path=/; Secure; HttpOnly; SameSite=Lax"
    if kind != "answer":
        assert browser.get("/page").status == 200
    assert gate.acts.times(E.GATEWAY_ENTERED) == 1


def test_check_of_nginx_does_not_use_the_code(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    target = browser.code(principal)
    browser.kind = "nginx"
    assert browser.get(target).status == 401
    browser.kind = "answer"
    assert browser.get(target).status == 303


def test_code_is_used_once(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    target, before = browser.code(principal), dict(browser.cookies)
    assert browser.get(target).status == 303
    browser.cookies = before
    again = browser.get(target)
    assert again.status == 403
    assert b"Start again" in again.body
    assert again.get("set-cookie") is None


def claim_in_race(app: Watchword, target: str, nonce: str) -> None:
    from watchword.storage import applications

    with app.database.reading() as connection:
        wiki = applications.find(connection, "wiki")
    assert wiki is not None
    if (
        hand_over.claim(app, CONSOLE, wiki, "wiki.example", target.partition("c=")[2], nonce)
        is None
    ):
        raise TicketOver


def test_of_parallel_uses_of_a_code_one_succeeds(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    target = browser.code(principal)
    jobs = [(target, browser.cookies["__Host-ww_r"])] * 50
    assert sorted(race(gate.acts.here, claim_in_race, jobs)) == ["done", *["ticket-over"] * 49]


def test_code_is_valid_only_in_its_browser_at_its_host_for_a_minute(gate: Gate) -> None:
    gate.change(hosts=("wiki.example", "docs.example"))
    browser, principal = Visit(gate), gate.acts.login()
    target, own = browser.code(principal), dict(browser.cookies)
    other = Visit(gate)
    assert other.get(target).status == 403  # no nonce: a link of another browser logs no account in
    other.ticket()
    assert other.get(target).status == 403  # another nonce
    elsewhere = Visit(gate, "docs.example")
    elsewhere.cookies = dict(own)
    assert elsewhere.get(target).status == 403
    twice = gate.ask(
        [*BROWSER.items(), ("cookie", f"__Host-ww_r={own['__Host-ww_r']}"),
         ("cookie", f"__Host-ww_r={own['__Host-ww_r']}")], target=target
    )  # fmt: skip
    assert twice.status == 403
    gate.acts.here.clock.advance(timedelta(seconds=61))
    assert browser.get(target).status == 403


def test_code_ends_with_its_session_and_with_the_credentials(gate: Gate) -> None:
    acts = gate.acts

    def logged_out(principal: Principal) -> None:
        sessions.logout(acts.app, CONSOLE, principal)

    def mfa_enabled(principal: Principal) -> None:
        acts.press(Event.ENABLE, principal)

    def disabled(_principal: Principal) -> None:
        other_accounts.disable(acts.app, BY_CLI, "alice")

    Acts(acts.here, "bob")
    for end in (logged_out, disabled, mfa_enabled):
        browser, principal = Visit(gate), acts.login()
        target = browser.code(principal)
        end(principal)
        assert browser.get(target).status == 403, end
        if end is disabled:
            other_accounts.enable(acts.app, BY_CLI, "alice")


def test_ticket_is_valid_for_ten_minutes_and_cannot_be_made(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    ticket = browser.ticket()
    gate.acts.here.clock.advance(timedelta(minutes=10, seconds=1))
    for wrong in (ticket, ticket[:-2], "", "x", "ä", ticket.swapcase(), "A" * 3000):
        with pytest.raises(TicketOver):
            hand_over.enter(gate.acts.app, CONSOLE, principal, wrong)


@pytest.mark.parametrize("target", ["//evil.example/", "/\\evil.example", "/https://evil.example"])
def test_no_target_leads_to_another_host(gate: Gate, target: str) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    location = browser.get(browser.code(principal, target)).get("location") or ""
    assert re.match(r"/[^/\\]", location)


def test_long_query_is_given_up_before_the_path(gate: Gate) -> None:
    principal = gate.acts.login()
    whole = "/" + "p" * 1000 + "?q=" + "v" * 1000
    for target, kept in ((whole, whole), (whole + "v" * 1000, whole.partition("?")[0])):
        browser = Visit(gate)
        assert browser.get(browser.code(principal, target)).get("location") == kept


def test_console_decides_who_enters(gate: Gate) -> None:
    principal = gate.acts.login()
    gate.change(level=Level.MFA)
    ticket = Visit(gate).ticket()
    entering = hand_over.enter(gate.acts.app, CONSOLE, principal, ticket)
    assert (entering.address, entering.decision.rule) == ("", Rule.LEVEL_TOO_LOW)
    gate.change(level=Level.PASSWORD, max_login_age=300)
    gate.acts.here.clock.advance(timedelta(minutes=6))
    entering = hand_over.enter(gate.acts.app, CONSOLE, principal, ticket)
    assert (entering.address, entering.decision.rule) == ("", Rule.LOGIN_TOO_OLD)
    gate.change(max_login_age=None, who=Admission())
    entering = hand_over.enter(gate.acts.app, CONSOLE, principal, ticket)
    assert (entering.address, entering.decision.outcome) == ("", Outcome.DENY)


def test_change_of_mfa_in_the_same_session_ends_those_at_tools(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    browser.get(browser.code(principal))
    assert browser.get("/page").status == 200
    gate.acts.press(Event.ENABLE, principal)
    assert browser.get("/page").status == 302


@pytest.mark.parametrize("through", [False, True])
def test_logout_at_a_tool_ends_the_login_everywhere(gate: Gate, through: bool) -> None:
    gate.change(hosts=("wiki.example", "docs.example"))
    principal = gate.acts.login()
    here, there = Visit(gate), Visit(gate, "docs.example")
    for browser in (here, there):
        assert browser.get(browser.code(principal)).status == 303
        assert browser.get("/page").status == 200
    asked = here.get("/.watchword/logout", **{"sec-fetch-site": "cross-site"})
    assert (asked.status, b'href="/.watchword/logout"' in asked.body) == (200, True)
    assert here.get("/page").status == 200
    if through:  # the console instead
        sessions.logout(gate.acts.app, CONSOLE, principal)
    else:
        left = here.get("/.watchword/logout", **{"sec-fetch-site": "same-origin"})
        assert (left.status, left.get("location")) == (303, "https://console.example:8470/login")
    for browser in (here, there):
        assert browser.get("/page").status == 302
    with pytest.raises(SessionEnded):
        sessions.logout(gate.acts.app, CONSOLE, principal)


def test_idle_console_session_ends_no_session_at_a_tool(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    browser.get(browser.code(principal))
    from watchword.usecases.operations import maintenance

    for _ in range(14):  # 7 hours, each request within 8 hours
        gate.acts.here.clock.advance(timedelta(minutes=30))
        maintenance.sweep(gate.acts.app)
        assert browser.get("/page").status == 200
    gate.acts.here.clock.advance(timedelta(hours=5, minutes=1))
    assert browser.get("/page").status == 302
    maintenance.sweep(gate.acts.app)
    maintenance.sweep(gate.acts.app)
    with gate.acts.app.database.reading() as connection:
        assert stored.of_account(connection, principal.account.id) == []


def test_disabled_application_answers_no_reserved_path(gate: Gate) -> None:
    browser, principal = Visit(gate), gate.acts.login()
    target = browser.code(principal)
    gate.change(is_enabled=False)
    assert browser.get(target).status == 403
    assert browser.get("/.watchword/logout").status == 403
    assert gate.ask(target="/.watchword/enter", host="other.example").status == 403
