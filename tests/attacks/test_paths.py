"""Alternative notations of paths, return targets, and text in response headers."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.attacker import Answer, Attacker
from tests.support.served import PASSWORD

JSON = ("Content-Type", "application/json")
ADMINISTRATORS = "/api/v1/administrators"


def basic(owner: Owner) -> str:
    return "Basic " + base64.b64encode(f"{owner.username}:{PASSWORD}".encode()).decode()


@pytest.fixture
def owner(house: House) -> Owner:
    return house.owner()


@pytest.fixture
def victim(house: House, owner: Owner) -> Attacker:
    return house.logged_in(owner)


# --- paths -----------------------------------------------------------------------------------
PATHS = ["//administrators/{n}/delete", "/./administrators/{n}/delete", "/administrators//{n}/delete",
         "/administrators/{n}/delete/", "/administrators/{n}/delete;x=1", "/ADMINISTRATORS/{n}/delete",
         "/administrators/{n}%2Fdelete", "/administrators%2F{n}%2Fdelete", "/administrators/{n}/delete%00",
         "/administrators/{n}/delete%20", "/administrators/{n}/x/../delete", "/administrators/{n}/.",
         "/administrators/%c0%ae%c0%ae/delete", "/administrators/{n}%00/delete", "\\administrators\\{n}",
         "/administrators/{n}%ED%A0%80/delete", "/administrators/{n}%FF/delete", "/login/../administrators",
         "/static/..%2f..%2f..%2fetc%2fpasswd", "/static/%2e%2e%2fapp.py", "/administrators/%/delete",
         "/administrators/%u0061/delete", "/static//../", "/administrators/..%2f{n}/delete"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_path_in_another_notation_is_not_found(
    house: House, owner: Owner, victim: Attacker, path: str
) -> None:
    """A proxy may read it as one of our paths, so it requires a session, too."""
    found = path.format(n=owner.username)
    assert victim.get(found).status in {404, 400}
    assert house.browser().get(found).status in {404, 400, 303}
    assert victim.get(f"/administrators/{owner.username}").status == 200


@pytest.mark.parametrize("path", [p for p in PATHS if p.startswith("/")])
def test_api_path_in_another_notation_is_not_found(house: House, owner: Owner, path: str) -> None:
    found = "/api/v1" + path.format(n=owner.username).replace("/delete", "/mfa")
    assert house.browser().call([], path=found).status in {400, 401}
    assert house.browser().call([basic(owner)], path=found).status in {404, 400}


@pytest.mark.parametrize(
    "path",
    [
        "/health/live/",
        "/health/live%2f..",
        "/health/live;",
        "/health/./live",
        "/health/live/../../api/v1/whoami",
        "//health/live",
        "/api/v1/whoami?/health/live",
        "/HEALTH/LIVE",
        "/health/live%00",
    ],
)
def test_public_path_opens_no_other(house: House, path: str) -> None:
    assert house.browser().call([], path=path).status == 401


# --- where a login leads ---------------------------------------------------------------------
TARGETS = ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil",
           "https://evil.example", "https:evil.example", "http:/evil.example", "javascript:alert(1)",
           "data:text/html,x", "/%2f/evil.example", "/%5cevil.example", "/..//evil.example", "@evil",
           "/@evil.example", "evil.example", ".evil.example", "/evil.example",
           "/\r\nSet-Cookie: x=y", "/%0d%0aX: y", "/a\nb", "/x:y", "/;//evil", "/#//evil", " /evil",
           "/\u2215evil", "/\uff0f\uff0fevil.example", "\u3002evil", "/" + "a" * 4200, "\x00/",
           "/%00", "?x", "https://127.0.0.1@evil.example", "////127.0.0.1", "/administrators/",
           "/administrators\n"]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_login_redirects_only_to_own_pages(house: House, owner: Owner, target: str) -> None:
    visitor = house.browser()
    page = visitor.get("/login?to=" + quote(target, safe=""))
    assert page.hidden("to") == "/"
    answer = visitor.login(owner.username, to=target)
    assert (answer.status, answer.header("location")) == (303, "/")
    assert not answer.header("x")
    good = house.browser().login(owner.username, to="/your-sessions")
    assert good.header("location") == "/your-sessions"


@pytest.mark.parametrize(
    ("target", "location"), [("/login?to=//evil", "/login"), ("/a?b", "/a?b=")]
)
def test_login_with_a_target_on_this_host_stays_there(
    house: House, owner: Owner, target: str, location: str
) -> None:
    answer = house.browser().login(owner.username, to=target)
    assert (answer.status, answer.header("location")) == (303, location)


def test_second_step_redirects_only_to_own_pages(house: House) -> None:
    owner, visitor = house.owner(mfa="active"), house.browser()
    visitor.login(owner.username, to="//evil.example")
    assert visitor.second_step(owner.code()).header("location") == "/"


LINKS = ['/audit-log?account=a@b"><script>x</script>', "/audit-log?account='><script>x</script>",
         "/audit-log?account=;url=//evil.example", "/audit-log?account=0;url='//evil.example'",
         "/audit-log?account=a%0d%0alocation:%20//evil.example", "/audit-log?account=%0d%0ax-evil:1",
         "/audit-log?account=a@b&to=//evil.example", "/audit-log?to=//evil.example&account=a,b",
         "/audit-log?account=a(b&t%6f=//evil.example", "/administrators/@evil.example:80?search=:",
         "/administrators/a%22%3E%3Cscript%3Ex?search=a:b", "/audit-log?account=@&//evil.example",
         "/audit-log?account=https://evil.example", "/login?to=//evil.example&username=a@b",
         "/administrators?search=javascript:alert(1)", "/audit-log?account=%\\evil.example"]  # fmt: skip
ELSEWHERE = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"),
             ("Sec-Fetch-Dest", "document")]  # fmt: skip


def _is_ours(target: str) -> bool:
    """Whether a browser stays on this server, also if it reads backslashes as slashes."""
    found = urlsplit(urljoin("https://ours.example/login", target.replace("\\", "/")))
    is_plain = not set('\r\n"<>') & set(target)
    return is_plain and found.netloc == "ours.example" and "evil" not in found.path.split("/")


@pytest.mark.parametrize("link", LINKS)
def test_deep_link_with_raw_characters_stays_on_this_host(
    house: House, owner: Owner, link: str
) -> None:
    """The link is kept over the reload for cross-site links and over the login."""
    reload, first = house.browser().get(link, ELSEWHERE), house.browser().get(link)
    assert _is_clean(reload)
    assert _is_clean(first)
    assert "<script>x" not in reload.text
    assert not reload.header("location")
    targets = [unescape(found) for found in re.findall(r'content="0; url=([^"]*)"', reload.text)]
    assert len(targets) == 1
    wanted = first.header("location")
    asked = parse_qs(urlsplit(wanted).query).get("to", [first.hidden("to") or "/"])[0]
    targets += [wanted, asked, house.browser().login(owner.username, to=asked).header("location")]
    assert [target for target in targets if not _is_ours(target)] == []


# --- headers ---------------------------------------------------------------------------------
NASTY = ["x\r\nset-cookie: a=b", "x\nx-evil: 1", "x%0d%0ax-evil: 1", "\u560d\u560ax-evil: 1", 'x"; y',
         "x\u2028x-evil: 1", "x\x00x-evil: 1"]  # fmt: skip


def _is_clean(answer: Answer) -> bool:
    names = {k.lower() for k, _ in answer.headers}
    cookies = [v for k, v in answer.headers if k.lower() == "set-cookie"]
    return "x-evil" not in names and all(c.startswith("__Host-ww_") for c in cookies)


@pytest.mark.parametrize("text", NASTY)
def test_user_text_does_not_become_a_header(
    house: House, owner: Owner, victim: Attacker, text: str
) -> None:
    encoded = quote(text, safe="")
    new = {"username": text, "password": PASSWORD, "repeat_password": PASSWORD}
    body = json.dumps({"username": text, "password": PASSWORD}).encode()
    answers = [
        victim.get(f"/administrators/{encoded}"),
        victim.post(f"/administrators/{encoded}/set-password", {}),
        victim.post("/new-administrator", new),
        victim.post("/audit-log/export", {"format": text, "account": text, "event": text}),
        house.browser().get(f"/administrators/{encoded}"),
        house.browser().get(f"/first-run/{encoded}"),
        house.browser().call([basic(owner)], "POST", ADMINISTRATORS, body, [JSON]),
        house.browser().call([basic(owner)], path=f"{ADMINISTRATORS}?after={encoded}&limit=1"),
    ]
    assert all(_is_clean(answer) for answer in answers)
    assert all(answer.status < 500 for answer in answers)
    assert victim.is_in()


@pytest.mark.parametrize("value", ["x y", "a\tb", "<script>", "a" * 65, "x\xe9", "x;y", ""])
def test_invalid_request_id_is_replaced(house: House, value: str) -> None:
    answer = house.browser().send("GET", "/login", headers=[("X-Request-Id", value)])
    assert answer.header("x-request-id") != value
    assert len(answer.header("x-request-id")) == 32


@pytest.mark.parametrize(
    "sent",
    [b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
     b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
     b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
     b"GET /login HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
     b"GET /login HTTP/1.1\r\nHost : x\r\n\r\n",
     b"GET /login HTTP/1.1\r\n Host: x\r\n\r\n",
     b"\x00\x01\x02\r\n\r\n"],
    ids=["both-lengths", "odd-coding", "two-lengths", "negative", "bare-cr", "space", "fold", "nul"],
)  # fmt: skip
def test_ambiguous_request_is_refused(house: House, sent: bytes) -> None:
    received = house.browser().raw(sent)
    assert b"HTTP/1.1 200" not in received
    assert received.count(b"HTTP/1.1 ") <= 1
    assert house.browser().get("/login").status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "x\xe9", '"><script>', ""])
def test_forged_host_appears_in_no_link_or_header(house: House, host: str) -> None:
    browser = house.browser()
    connection = browser._connection(house.served.console_port)
    connection.putrequest("GET", "/your-sessions", skip_host=True)
    connection.putheader("Host", host.encode("latin-1"))
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    assert response.status in {303, 400}
    assert (response.getheader("location") or "/login").startswith("/login")
