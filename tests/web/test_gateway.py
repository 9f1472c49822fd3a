"""The gateway as a reverse proxy sees it: peers, credentials, sessions, answers, faults."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support import loops, statements
from tests.support.acts import CLI, PASSWORD, Acts
from tests.support.acts import basic_header as basic_header_bytes
from tests.support.gate import BROWSER, Answer, Gate
from watchword.crypto.passwords import run
from watchword.domain import gateway_credentials, public_paths
from watchword.domain.applications import Admission, Level
from watchword.domain.audit import AuditEvent
from watchword.domain.secret import Secret
from watchword.storage import applications, gateway_sessions
from watchword.storage import sessions as console_sessions
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.administrators.authorization import By
from watchword.usecases.audit import audit_log
from watchword.usecases.unit_of_work import bookkeeping
from watchword.web.gateway import answers
from watchword.web.http import worker_threads


def basic_header(username: str, password: str) -> str:
    return basic_header_bytes(username, password).decode()


REMOTE = ["remote-user", "remote-groups", "remote-name", "remote-email"]
CHALLENGE = 'Basic realm="Watchword", charset="UTF-8"'
KINDS = ["forward", "nginx", "envoy"]


@pytest.fixture
def gate(acts: Acts) -> Gate:
    return Gate(acts)


def events(gate: Gate, event: AuditEvent) -> list[Any]:
    return audit_log.page(gate.acts.app, CLI, AuditFilter(event=event.value), 500)


def test_request_without_credential_gets_a_challenge_or_the_login(gate: Gate) -> None:
    for kind in ("forward", "answer", "envoy"):
        script = gate.ask(kind=kind)
        assert (script.status, script.get("www-authenticate")) == (401, CHALLENGE)
        assert json.loads(script.body)["code"] == "unauthorized"
        browser = gate.ask(BROWSER, kind=kind, target="/page?a=b")
        assert browser.status == 302
        assert re.fullmatch(
            r"https://console\.example:8470/enter\?r=[A-Za-z0-9_-]+", browser.get("location") or ""
        )
        assert re.fullmatch(
            r"__Host-ww_r=[A-Za-z0-9_-]{43}; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax",
            browser.get("set-cookie") or "",
        )
        assert browser.get("cache-control") == "no-store"
    check = gate.ask(BROWSER, kind="nginx")
    assert (check.status, check.get("location"), check.get("www-authenticate")) == (401, None, None)


@pytest.mark.parametrize("kind", KINDS)
def test_api_password_opens_in_each_form_and_is_not_passed_on(gate: Gate, kind: str) -> None:
    secret = gate.api_password()
    for header in ("authorization", "watchword-authorization"):
        for value in (basic_header("alice", secret), f"Bearer {secret}"):
            answer = gate.ask({header: value}, kind=kind)
            assert (answer.status, answer.body) == (200, b"")
            assert answer.get("remote-user") == "alice"
            assert answer.get("remote-auth-level") == "api"
            assert answer.get("authorization") is None
            assert answer.get("cache-control") == "no-store"
            assert answer.get("set-cookie") is None
            assert secret not in repr(answer.headers)
    assert gate.acts.times(AuditEvent.API_PASSWORD_FIRST_USE) == 1
    (first,) = events(gate, AuditEvent.API_PASSWORD_FIRST_USE)
    assert (first.interface, first.address) == ("gateway", "192.0.2.50")


def test_wrong_api_password_is_refused_even_with_a_session(gate: Gate) -> None:
    cookie, _ = gate.session()
    right = gate.api_password()
    assert gate.ask({"cookie": cookie}).status == 200
    wrong = gate.api_password()  # replaced below, so it is well-formed and wrong
    gate.api_password()
    for value in (basic_header("alice", wrong), f"Bearer {wrong}", basic_header("bob", right)):
        answer = gate.ask({"authorization": value, "cookie": cookie, **BROWSER})
        assert (answer.status, answer.get("www-authenticate")) == (401, CHALLENGE)
    twice = [("authorization", "Basic eDp5"), ("authorization", "Basic eDp5"), ("cookie", cookie)]
    assert gate.ask(twice).status == 401
    refused = events(gate, AuditEvent.API_AUTH_FAIL)
    assert [each.interface for each in refused] == ["gateway"] * 3


def test_wrong_api_passwords_slow_their_address_and_never_the_owner(gate: Gate) -> None:
    wrong = gate.api_password()
    right = gate.api_password()
    statuses = {gate.script(wrong, address="198.51.100.7").status for _ in range(40)}
    assert statuses == {401, 429}
    throttled = gate.script(wrong, address="198.51.100.7")
    assert int(throttled.get("retry-after") or 0) > 0
    as_nginx = gate.script(wrong, address="198.51.100.7", kind="nginx")
    answered = gate.script(wrong, address="198.51.100.7", kind="answer")
    assert (as_nginx.status, answered.status) == (401, 429)
    assert gate.script(right, address="198.51.100.7").status == 200
    assert gate.script(wrong, address="198.51.100.8").status == 401


def test_answer_of_nginx_does_not_count_a_failure_again(gate: Gate) -> None:
    wrong = gate.api_password()
    gate.api_password()
    for _ in range(3):
        assert gate.script(wrong, kind="nginx").status == 401
        assert gate.script(wrong, kind="answer").get("www-authenticate") == CHALLENGE
    assert len(events(gate, AuditEvent.API_AUTH_FAIL)) == 3


def test_regular_password_is_never_compared(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    def verify(*_: object, **__: object) -> None:
        raise AssertionError("a password was hashed")

    monkeypatch.setattr(type(gate.acts.app.pepper), "verify", verify)
    right, wrong = gate.script(PASSWORD), gate.script("wrong")
    assert (right.status, right.body) == (wrong.status, wrong.body) == (401, wrong.body)
    assert [h for h in right.headers if h[0] != "x-request-id"] == [
        h for h in wrong.headers if h[0] != "x-request-id"
    ]
    assert gate.acts.times(AuditEvent.API_AUTH_FAIL) == 0


def test_requests_without_credentials_write_nothing_and_are_not_throttled(gate: Gate) -> None:
    async def many() -> list[int]:
        return [(await gate.asking()).status for _ in range(500)]

    gate.ask()
    with statements.noted(gate.acts.app) as sent:
        assert set(loops.run(many())) == {401}
    assert not [each for each in sent if each.startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize("name", ["do:main", "jürgen", "🦊 100%"])
def test_unusual_username_enters_and_is_percent_encoded(gate: Gate, name: str) -> None:
    gate.acts.create(name)
    secret = gate.api_password(name)
    answer = gate.script(secret, name)
    assert answer.status == 200
    expected = {"do:main": "do:main", "jürgen": "j%C3%BCrgen", "🦊 100%": "%F0%9F%A6%8A 100%25"}
    assert answer.get("remote-user") == expected[name]


def test_authorization_of_the_tool_is_given_back_beside_a_session(gate: Gate) -> None:
    cookie, _ = gate.session()
    for kind in KINDS:
        for own in ("Bearer abc", "PVEAPIToken=root@pam!x=1", "Basic eDp5", "Basic !"):
            answer = gate.ask({"cookie": cookie, "authorization": own}, kind=kind)
            assert (answer.status, answer.get("authorization")) == (200, own)
            removed = answer.get("x-envoy-auth-headers-to-remove")
            assert removed == ("watchword-authorization" if kind == "envoy" else None)
    answer = gate.ask({"cookie": cookie}, kind="envoy")
    removed = answer.get("x-envoy-auth-headers-to-remove")
    assert removed == "authorization, watchword-authorization"


def test_session_is_bound_to_application_and_host(gate: Gate) -> None:
    gate.change(hosts=("wiki.example", "www.example"))
    cookie, _ = gate.session()
    answer = gate.ask({"cookie": cookie})
    assert (answer.status, answer.get("remote-auth-level")) == (200, "password")
    assert int(answer.get("remote-auth-time") or 0) == int(gate.acts.here.clock.now().timestamp())
    assert gate.ask({"cookie": cookie}, host="www.example").status == 401
    gate.put(replace(gate.wiki, name="other", hosts=("other.example",)))
    assert gate.ask({"cookie": cookie}, name="other", host="other.example").status == 401
    assert gate.ask({"cookie": f"{cookie}; {cookie}"}).status == 401
    assert gate.ask({"cookie": cookie.replace("ww_v=1", "ww_v=2")}).status == 401


def end_console_session(gate: Gate, session_id: int) -> None:
    with bookkeeping(gate.acts.app) as u:
        console_sessions.delete(u.connection, session_id)


def disable(gate: Gate, _: int) -> None:
    gate.acts.create("bob")
    other_accounts.disable(gate.acts.app, By(CLI), "alice")


def remove_grant(gate: Gate, _: int) -> None:
    gate.change(who=Admission(groups=frozenset({"staff"})))


def change_password(gate: Gate, _: int) -> None:
    new = Secret(PASSWORD + " again")
    run(other_accounts.set_password(gate.acts.app, By(CLI), "alice", new))


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (end_console_session, 401),
        (disable, 401),
        (remove_grant, 403),
        (change_password, 401),
        (lambda gate, _: gate.change(is_enabled=False), 403),
    ],
    ids=["logout", "account-disabled", "grant-removed", "password-changed", "disabled"],
)
def test_end_takes_effect_with_the_next_request_in_another_process(
    gate: Gate, end: Any, status: int
) -> None:
    cookie, session_id = gate.session()
    other = gate.another()
    for through in (gate.app, other):
        assert gate.ask({"cookie": cookie}, through=through).status == 200
    end(gate, session_id)
    for through in (other, gate.app):
        assert gate.ask({"cookie": cookie}, through=through).status == status


def test_revoked_and_expired_api_password_is_refused_at_the_next_request(gate: Gate) -> None:
    secret = gate.api_password()
    assert gate.script(secret).status == 200
    gate.api_password()
    assert gate.script(secret).status == 401
    gate.acts.here.with_settings(api_password_max_days=10)
    gate.app = gate.another()
    last = gate.api_password()
    assert gate.script(last).status == 200
    gate.acts.here.clock.advance(timedelta(days=10))
    assert gate.script(last).status == 401


def test_session_ends_after_its_idle_and_its_absolute_time(gate: Gate) -> None:
    gate.change(idle_seconds=3600, absolute_seconds=7200)
    cookie, _ = gate.session()
    for _ in range(3):
        gate.acts.here.clock.advance(timedelta(minutes=35))
        assert gate.ask({"cookie": cookie}).status == 200
    gate.acts.here.clock.advance(timedelta(minutes=15))
    assert gate.ask({"cookie": cookie}).status == 401
    cookie, _ = gate.session()
    gate.acts.here.clock.advance(timedelta(minutes=61))
    assert gate.ask({"cookie": cookie}).status == 401


def test_administrators_api_password_is_refused_and_recorded(gate: Gate) -> None:
    secret = gate.api_password()
    gate.change(accept_administrators_api_passwords=False)
    answers_ = [gate.script(secret), gate.script(secret)]
    assert [a.status for a in answers_] == [403, 403]
    code = json.loads(answers_[0].body)["code"]
    assert code == "administrators-api-passwords-not-accepted"
    refused = events(gate, AuditEvent.GATEWAY_REFUSED)[0]
    assert (refused.subject, refused.facts["application"]) == ("alice", "wiki")


def test_not_permitted_page_names_account_and_application(gate: Gate) -> None:
    cookie, _ = gate.session()
    gate.change(who=Admission())
    answer = gate.ask({"cookie": cookie, **BROWSER, "accept-language": "en"})
    page = answer.body.decode()
    assert answer.status == 403
    assert "<h1>You may not open this application</h1>" in page
    assert "alice" in page
    assert "wiki" in page
    assert '<a href="/.watchword/logout">Use another account</a>' in page
    german = gate.ask({"cookie": cookie, **BROWSER, "accept-language": "de"})
    assert '<html lang="de">' in german.body.decode()
    assert german.get("content-language") == "de"


def test_refusals_of_a_browser_have_the_form_of_the_request(gate: Gate) -> None:
    cookie, _ = gate.session()
    gate.change(level=Level.MFA)
    for sent in ({}, {"cookie": cookie}):  # without a session, and with one that is too weak
        form = gate.ask({**BROWSER, **sent}, method="POST")
        assert (form.status, b"nothing was sent" in form.body) == (401, True)
        frame = gate.ask({**BROWSER, **sent, "sec-fetch-dest": "iframe"}, target="//evil.example/x")
        assert frame.status == 401
        assert b'<a href="/evil.example/x" target="_top">' in frame.body
        assert "frame-ancestors" not in (frame.get("content-security-policy") or "")
        fetch = gate.ask({**BROWSER, **sent, "sec-fetch-mode": "cors"})
        assert (fetch.status, fetch.get("www-authenticate"), fetch.get("location")) == (
            401,
            None,
            None,
        )
        socket = gate.ask({**sent, "sec-websocket-key": "x"})
        assert (socket.status, socket.body, socket.get("www-authenticate")) == (401, b"", None)
        assert gate.ask({**BROWSER, **sent}).status == 302


def test_public_path_passes_without_identity(gate: Gate) -> None:
    cookie, _ = gate.session()
    for kind in KINDS:
        answer = gate.ask(
            {"cookie": cookie, "authorization": "Bearer t"}, kind=kind, target="/public/x"
        )
        assert answer.status == 200
        assert [answer.get(name) for name in REMOTE] == [""] * 4
        assert answer.get("authorization") == "Bearer t"
    assert gate.ask(kind="forward", target="/public/../x").status == 401
    assert gate.ask(kind="forward", target="/public/x", method="POST").status == 401


def test_peer_that_is_not_trusted_is_refused_and_recorded_once(gate: Gate) -> None:
    secret = gate.api_password()
    for _ in range(5):
        assert gate.script(secret, peer="203.0.113.9").status == 403
    (recorded,) = events(gate, AuditEvent.GATEWAY_FOREIGN_PEER)
    assert (recorded.address, recorded.interface) == ("203.0.113.9", "gateway")
    assert gate.ask(kind="x").status == 404


def test_unknown_application_and_foreign_host_are_refused(gate: Gate) -> None:
    cookie, _ = gate.session()
    for more in ({"name": "other"}, {"name": "wiki%2f"}, {"host": "evil.example"},
                 {"host": "wiki.example:8443"}, {"target": "/.watchword/enter"}):  # fmt: skip
        answer = gate.ask({"cookie": cookie}, **more)
        assert (answer.status, answer.get("remote-user")) == (403, None)


FIELDS = ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"]


@pytest.mark.parametrize("name", FIELDS)
def test_original_that_is_incomplete_or_of_another_family_is_refused(gate: Gate, name: str) -> None:
    cookie, _ = gate.session()
    answer = gate.ask({"cookie": cookie}, but=(name,))
    assert answer.status == 403
    assert json.loads(answer.body)["flaw"] == "incomplete"
    other = {"x-original-method": "GET", "x-original-url": "https://wiki.example/page"}
    assert gate.ask({"cookie": cookie, **other}, but=(name,)).status == 403


class PlantedError(Exception):
    """A fault."""


def fail(*_: object, **__: object) -> Any:
    raise PlantedError


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (gateway_credentials, "presented"),
        (public_paths, "matching"),
        (applications, "find"),
        (gateway_sessions, "find"),
        (answers, "allowing"),
        (worker_threads.gateway.__class__, "__call__"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_fault_in_any_part_of_the_decision_is_a_refusal(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    cookie, _ = gate.session()
    for kind in KINDS:
        assert gate.ask({"cookie": cookie}, kind=kind).status == 200
    gate.app = gate.another()
    monkeypatch.setattr(module, name, fail)
    for kind in KINDS:
        answer = gate.ask({"cookie": cookie}, kind=kind)
        assert (answer.status, answer.get("remote-user")) == (503, None)


def test_allowed_request_of_a_known_visitor_costs_no_statement_and_no_thread(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, _ = gate.session()
    secret = gate.api_password()
    headers = [{"cookie": cookie}, {"authorization": basic_header("alice", secret)}]

    async def asked() -> list[Answer]:
        for sent in headers * 3:  # until the connection of PostgreSQL's epoch is open
            assert (await gate.asking(sent)).status == 200
        monkeypatch.setattr(type(worker_threads.gateway), "__call__", fail)
        with statements.noted(gate.acts.app) as made:
            found = [await gate.asking(sent, target=f"/{n}") for n in range(50) for sent in headers]
        assert made == []
        return found

    assert {each.status for each in loops.run(asked())} == {200}
