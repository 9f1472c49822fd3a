"""The printed recipe in real reverse proxies: scripts, sessions, refusals, spellings, an outage."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from tests.support import gated
from tests.support.acts import basic_header
from tests.support.gate import BROWSER, WIKI
from tests.support.gated import CADDY, NGINX, Gated, Proxy
from tests.support.installation import CHEAP
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.config import load
from watchword.domain.applications import checked
from watchword.storage import applications
from watchword.usecases.unit_of_work import bookkeeping

SPELLINGS = [
    "/public/../page", "/public/%2e%2e/page", "/public/..%2fpage", "/public/%252e%252e/page",
    "//public/x", "/public//../page", "/public/;/../page", "/public/..;/page", "/public\\..\\page",
    "/public/%5c..%5cpage", "/public/x%00", "/public/%23", "/PUBLIC/x", "/p%75blic/x", "/public/%",
    "/public/%zz", "/public/./page", "/public/.", "/public/..", "/publicity", "/page?/public/x",
    "https://wiki.example/public/../page",
]  # fmt: skip


def prepare(served: Served, host: str) -> None:
    served.create("alice")
    served.create("bob")
    app = bootstrap.open(load(data_dir=str(served.data), environ={}).settings, hashing=CHEAP)
    with bookkeeping(app) as u:
        applications.create(u.connection, checked(replace(WIKI, hosts=(host,))))
    app.close()


@pytest.fixture(scope="module", params=[NGINX, CADDY], ids=lambda proxy: proxy.name)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gated]:
    proxy: Proxy = request.param
    with gated.running(tmp_path_factory.mktemp("gated"), proxy, prepare) as opened:
        yield opened


@pytest.fixture(scope="module")
def secret(front: Gated) -> str:
    return front.served.cli("api-password", "generate", "--yes", "alice").stdout.strip()


def test_script_passes_and_the_tool_never_sees_the_api_password(front: Gated, secret: str) -> None:
    basic = basic_header("alice", secret).decode()
    for headers in (
        {"Authorization": basic},
        {"Authorization": f"Bearer {secret}"},
        {"Watchword-Authorization": basic},
    ):
        reply = front.ask("/a%2Fb//c/%7e?d=/../e", headers, method="PUT", body=b"content")
        assert reply.status == 200, reply
        assert (reply.seen["method"], reply.seen["body"]) == ("PUT", "content")
        assert reply.seen["path"] == "/a%2Fb//c/%7e?d=/../e"
        assert reply.seen_header("remote-user") == ["alice"]
        assert reply.seen_header("remote-auth-level") == ["api"]
        assert secret not in reply.body.decode()
        assert basic not in reply.body.decode()
        assert reply.seen_header("authorization") == []


def test_authorization_of_the_tool_reaches_it_byte_for_byte(front: Gated, secret: str) -> None:
    for own in ("Bearer abc", "PVEAPIToken=root@pam!x=1", "Basic eDp5"):
        headers = {"Authorization": own, "Watchword-Authorization": f"Bearer {secret}"}
        reply = front.ask("/", headers)
        assert (reply.status, reply.seen_header("authorization")) == (200, [own])
        assert reply.seen_header("watchword-authorization") == []


def test_refusals_arrive_as_the_gateway_gives_them(front: Gated, secret: str) -> None:
    script = front.ask("/page")
    assert (script.status, script.all("www-authenticate")) == (
        401, ['Basic realm="Watchword", charset="UTF-8"'],
    )  # fmt: skip
    assert json.loads(script.body)["code"] == "unauthorized"
    browser = front.ask("/page?a=b", BROWSER)
    assert browser.status == 302
    assert browser.all("location")[0].startswith(f"{front.served.console}/enter?r=")
    assert browser.all("set-cookie")[0].startswith("__Host-ww_r=")
    form = front.ask("/page", BROWSER, method="POST", body=b"a=b")
    assert (form.status, b"Log in again" in form.body) == (401, True)
    foreign = front.ask("/.watchword/enter", {"Authorization": f"Bearer {secret}"})
    assert foreign.status == 403
    assert front.tool == [] or all(seen["path"] != "/page" for seen in front.tool)


def test_throttled_client_gets_429_with_retry_after(front: Gated) -> None:
    wrong = front.served.cli("api-password", "generate", "--yes", "bob").stdout.strip()
    front.served.cli("api-password", "generate", "--yes", "bob")
    replies = [front.ask("/", {"Authorization": f"Bearer {wrong}"}) for _ in range(40)]
    assert {reply.status for reply in replies} == {401, 429}
    assert int(replies[-1].all("retry-after")[0]) > 0


def test_401_of_the_tool_itself_arrives(front: Gated, secret: str) -> None:
    reply = front.ask("/own-401", {"Watchword-Authorization": f"Bearer {secret}"})
    assert (reply.status, reply.seen["path"]) == (401, "/own-401")


SPOOFED = ["Remote-User", "remote-user", "REMOTE-USER", "Remote_User", "Remote.User", "Remote~User"]


def test_identity_of_a_client_never_reaches_the_tool(front: Gated) -> None:
    for path in ("/public/x", "/favicon.ico"):
        headers = [(name, "mallory") for name in SPOOFED]
        reply = front.ask(path, headers)
        assert reply.status == 200
        assert "mallory" not in reply.body.decode()


def test_spelling_of_a_public_path_reaches_no_page_without_a_login(front: Gated) -> None:
    before = len(front.tool)
    for target in SPELLINGS:
        reply = front.ask(target)
        assert reply.status in {400, 401, 403, 404, 500}, (target, reply)
    assert len(front.tool) == before


def cookies_of(reply: gated.Reply) -> dict[str, str]:
    pairs = (each.partition(";")[0].partition("=") for each in reply.all("set-cookie"))
    return {name: value for name, _, value in pairs}


def test_person_logs_in_at_the_console_and_comes_back_to_the_page(front: Gated) -> None:
    person = Person(front.served)
    jar: dict[str, str] = {}

    def get(target: str, **headers: str) -> gated.Reply:
        cookie = {"Cookie": "; ".join(f"{n}={v}" for n, v in jar.items() if v)} if jar else {}
        reply = front.ask(target, BROWSER | cookie | headers)
        jar.update(cookies_of(reply))
        return reply

    sent_away = get("/page?a=b%20c")
    ticket = sent_away.all("location")[0].removeprefix(front.served.console)
    person.open(ticket)
    assert person.heading == "Login"
    person.press("OK", Username="alice", Password=PASSWORD)
    assert person.sees("opens in a moment")
    back = urlsplit(person.page.links["Continue"])
    entered = get(f"{back.path}?{back.query}")
    assert (entered.status, entered.all("location")) == (303, ["/page?a=b%20c"])
    page = get("/page?a=b%20c")
    assert (page.status, page.seen["path"]) == (200, "/page?a=b%20c")
    assert page.seen_header("remote-user") == ["alice"]
    assert page.seen_header("remote-auth-level") == ["password"]
    person.open("/").press("Logout")
    assert get("/page").status == 302
    person.close()


def test_gateway_that_is_gone_lets_nothing_through_and_comes_back(
    front: Gated, secret: str
) -> None:
    before = len(front.tool)
    front.served.process.send_signal(signal.SIGSTOP)
    try:
        assert front.ask("/public/x").status >= 500
    finally:
        front.served.process.send_signal(signal.SIGCONT)
    assert len(front.tool) == before
    assert front.ask("/public/x").status == 200
