"""No request blocks the event loop for long, whatever it contains.

All interfaces run in one loop: work of one request between two iterations delays all other clients.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from starlette.routing import Route

from tests.support import event_loop, installation, loops
from tests.support.acts import Acts, basic_header
from tests.support.event_loop import Cost, Pair, Sent, cost
from tests.support.walk import FORM, framework
from watchword import asgi
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.web import ASGIApp
from watchword.web.api.bodies import MOST_BYTES as MOST_JSON
from watchword.web.http import cookies, forms

MOST_OF_TURN: Final = 4
"""Units that a large request may take longer than a plain one, in one iteration of the loop. These
requests take one or two more. The bugs that this test found took up to 800 more.
"""
MOST_OF_ALL: Final = 40
"""The same for all threads: a long C function in a worker thread also blocks the loop. The strength
check of a long password takes 20 units there, in Python code that does not block the loop.
"""
HOPELESS: Final = 20
TRIES: Final = 8
PROXY: Final = "10.0.0.9"
HEADER: Final = 30 * 1024
FORM_TYPE: Final = (b"content-type", b"application/x-www-form-urlencoded")
JSON_TYPE: Final = (b"content-type", b"application/json")
ACCENTS: Final = "\u0301\u0327"


def _many(part: str, most: int, join: str = ",") -> str:
    """Return as many numbered parts as fit."""
    found = [part.replace("#", f"{n:x}") for n in range(most // max(1, len(part)))]
    return join.join(found)[:most].rpartition(join)[0]


# --- what is sent ----------------------------------------------------------------------------
def headers() -> Mapping[str, tuple[Pair, ...]]:
    size = HEADER
    return {
        "cookies of no name": ((b"cookie", b";" * size),),
        "cookies of others": ((b"cookie", _many("c#=x", size, ";").encode()),),
        "cookies named nearly as ours": ((b"cookie", _many("__Host-ww_#=", size, ";").encode()),),
        "a long user agent": ((b"user-agent", b"x" * size),),
        "many languages": ((b"accept-language", _many("x#", size).encode()),),
        "many types": ((b"accept", _many("a/b#", size).encode()),),
        "many addresses": ((b"x-forwarded-for", _many("10.0.0.#", size).encode()),),
        "many trusted addresses": ((b"x-forwarded-for", b"10.0.0.1," * 3000 + b"10.0.0.1"),),
        "many hosts": ((b"x-forwarded-host", _many("h#", size).encode()),),
        "many entity tags": ((b"if-match", _many('"#"', size).encode()),),
        "many entity tags not": ((b"if-none-match", _many('"#"', size).encode()),),
        "a long origin": ((b"origin", b"https://" + b"x" * size),),
        "a long media type": ((b"content-type", b"a/b;" + b"x=y;" * (size // 4)),),
        "a long request id": ((b"x-request-id", b"x" * size),),
        "credentials of colons": ((b"authorization", b"Basic " + b"Ojo6" * 1000),),
        "long credentials": ((b"authorization", b"Basic " + b"eHh4" * (size // 4)),),
        "many fields": tuple((b"x-%d" % n, b"y" * 300) for n in range(98)),
    }  # fmt: skip


def queries() -> Mapping[str, str]:
    size = HEADER
    return {
        "a query of many fields": "a&" * (size // 2),
        "a query of many different fields": _many("q#=", size, "&"),
        "a query of escapes": "to=/" + "%41" * (8000 // 3),
        "a query of one known field often": "limit=1&" * (size // 8),
        "a search of many words": "search=" + "%C3%A4+" * (size // 7),
    }


def form_bodies(token: str) -> Mapping[str, bytes]:
    room = forms.MOST_BYTES - 2000
    start = f"form_token={token}&"
    each = room // len(FORM)
    return {
        "a form of many fields": (start + "a=&" * (room // 3)).encode(),
        "a form of escapes": (start + "x=" + "%41" * (room // 3)).encode(),
        "a form of long fields": (start + "&".join(f"{f}={'x' * each}" for f in FORM)).encode(),
        "a form of accents": (
            start + "&".join(f"{f}={quote(ACCENTS * (each // 12))}" for f in FORM)
        ).encode(),
        "a long password": (start + "password=" + quote(ACCENTS * (room // 12))).encode(),
        "strong passwords": (
            start
            + "&".join(
                f"{name}={quote(f'{n} otter pencil gravel monsoon lantern thimble quartz meadow')}"
                for n, name in enumerate(FORM)
            )
        ).encode(),
        "a form that is JSON": b'{"a":' * (room // 5),
    }


def json_bodies() -> Mapping[str, bytes]:
    size = MOST_JSON
    escaped = "\\u0301\\u0327" * (3400 // 2)
    return {
        "many keys": b"{" + _many('"#":1', size - 2).encode() + b"}",
        "one known key often": b'{"email":""' + b',"email":""' * (size // 11 - 2) + b"}",
        "nesting": b'{"username":' + b"[" * (size - 20),
        "objects": b"[" + b"{}," * (size // 3 - 1) + b"{}]",
        "objects behind a known key": b'{"email":[' + b"{}," * (size // 3 - 9) + b"{}]}",
        "numbers": b'{"email":[' + b"1," * (size // 2 - 9) + b"1]}",
        "a long number": b'{"email":' + b"9" * (size - 20) + b"}",
        "a long text": b'{"email":"' + b"\\u0041" * (size // 6 - 9) + b'"}',
        "accents": (
            f'{{"username":"n","password":"{escaped}","full_name":"{escaped}","email":"{escaped}"}}'
        ).encode(),
        "blanks": b" " * size,
        "a form of many fields": b"a=&" * (size // 3),
        "parts": b"--x\r\n\r\n" * (size // 9),
    }  # fmt: skip


def invoke_bodies() -> Mapping[str, bytes]:
    """Calls of the functions whose argument `config` contains JSON."""
    room = forms.MOST_BYTES - 100
    keys = "{" + _many('"#":1', room // 2) + "}"
    whole = {name: quote(ACCENTS * 900) for name in ("userName", "password")}
    return {
        "config of many keys": b"password=x&config=" + keys.encode(),
        "config of one known key often": b"password=x&config={" + b'"fullName":"",' * 2200
        + b'"userName":"n"}',
        "config of nesting": b"password=x&config=" + b"[" * room,
        "arguments of accents": "&".join(f"{k}={v}" for k, v in whole.items()).encode(),
        "many arguments": b"a=&" * (room // 3),
        "escapes": b"userName=" + b"%41" * (room // 3),
    }  # fmt: skip


# --- where it is sent ------------------------------------------------------------------------
@pytest.fixture
def acts(sqlite_of_alice: tuple[Path, str], tmp_path: Path) -> Iterator[Acts]:
    opened = installation.open_copy(
        sqlite_of_alice, tmp_path / "d", None, trusted_proxies="10.0.0.0/8"
    )
    yield Acts(opened, is_there=True)
    opened.app.close()


def routes_of(app: ASGIApp) -> list[tuple[Route, str]]:
    inner = framework(app)
    assert inner is not None
    found = [route for route in inner.routes if isinstance(route, Route)]
    paths = [re.sub(r"\{(name|username)(:\w+)?\}", "bob", route.path) for route in found]
    paths = [path.replace("{Function}", "CreateSystemAdministrator") for path in paths]
    return [(r, re.sub(r"\{[^}]*\}", "nothing", p)) for r, p in zip(found, paths, strict=True)]


def session_of(acts: Acts) -> tuple[Pair, str]:
    """Return a session's cookie and the token of its forms."""
    done = acts.password()
    assert isinstance(done, LoggedIn)
    me = acts.principal(done)
    cookie = f"{cookies.SESSION}={done.session_token.reveal()}".encode()
    token = forms.token_for(acts.app.keyring, forms.bound_to_session(me.session.id))
    return (b"cookie", cookie), token


async def is_quick(app: ASGIApp, sent: Sent, plain: Cost) -> bool:
    """Whether one of several tries is fast enough; the first one loads modules."""
    for _ in range(TRIES):
        found = await cost(app, sent, PROXY)
        turn, total = found.turn - plain.turn, found.total - plain.total
        units = max(turn / MOST_OF_TURN, total / MOST_OF_ALL)
        if units <= event_loop.UNIT or units <= event_loop.unit():
            return True
        if units > HOPELESS * event_loop.UNIT:
            break
    return False


def slow(app: ASGIApp, every: Mapping[str, Sent], form: bytes = b"") -> list[str]:
    """Return the names of the requests that take too long, compared with plain ones."""

    async def all_of_them() -> list[str]:
        plain: dict[tuple[str, str], Cost] = {}
        found = []
        for name, sent in every.items():
            key = (sent.method, sent.target.partition("?")[0])
            if key not in plain:
                plain[key] = await dearest(app, Sent(*key, sent.headers[:2], form))
            if not await is_quick(app, sent, plain[key]):
                found.append(name)
        return found

    return loops.run(all_of_them())


async def dearest(app: ASGIApp, sent: Sent) -> Cost:
    """The slowest of several: the first may succeed, and the next be refused with a page."""
    costs = [await cost(app, sent, PROXY) for _ in range(3)]
    return Cost(turn=max(c.turn for c in costs), total=max(c.total for c in costs))


def test_headers_and_queries_do_not_block_the_loop(acts: Acts) -> None:
    session, _token = session_of(acts)
    basic = (b"authorization", basic_header("alice", "otter pencil gravel monsoon"))
    wrong = []
    for app, own in ((asgi.console(acts.app), session), (asgi.api(acts.app), basic)):
        every: dict[str, Sent] = {}
        for route, path in routes_of(app):
            method = "GET" if "GET" in (route.methods or ()) else "POST"
            if method == "GET":
                every |= {
                    f"{path} {n}": Sent("GET", f"{path}?{q}", [own]) for n, q in queries().items()
                }
            if path in {"/", "/login", "/administrators/bob/edit", "/api/v1/administrators/bob"}:
                for n, sent in headers().items():
                    rest = [own] if sent[0][0] != own[0] else []
                    every |= {f"{m} {path} {n}": Sent(m, path, [*rest, *sent])
                              for m in ("GET", "POST", "PATCH") if m in (route.methods or ())}  # fmt: skip
        wrong += slow(app, every)
    assert wrong == []


def test_forms_do_not_block_the_loop(acts: Acts) -> None:
    app = asgi.console(acts.app)
    wrong = []
    acts.create("bob")
    for number, (route, path) in enumerate(routes_of(app)):
        if "POST" not in (route.methods or ()):
            continue
        session, token = session_of(Acts(acts.here, f"account {number}"))
        every = {f"{path} {name}": Sent("POST", path, [session, FORM_TYPE], body)
                 for name, body in form_bodies(token).items()}  # fmt: skip
        wrong += slow(app, every, f"form_token={token}".encode())
    assert wrong == []


def test_api_bodies_do_not_block_the_loop(acts: Acts) -> None:
    app = asgi.api(acts.app)
    acts.create("bob")
    basic = (b"authorization", basic_header("alice", "otter pencil gravel monsoon"))
    wrong = []
    for route, path in routes_of(app):
        takes_form = path.startswith("/api/invoke/")
        bodies = invoke_bodies() if takes_form else json_bodies()
        sent_as = FORM_TYPE if takes_form else JSON_TYPE
        for method in sorted((route.methods or set()) & {"POST", "PUT", "PATCH"}):
            every = {f"{method} {path} {name}": Sent(method, path, [basic, sent_as], body)
                     for name, body in bodies.items()}  # fmt: skip
            wrong += slow(app, every)
    assert wrong == []


def test_measurement_detects_work_on_the_loop() -> None:
    """A measurement that detects nothing would pass all tests above."""

    async def occupied(_scope: object, _receive: object, _send: object) -> None:
        sum(range(1_000_000))

    assert not loops.run(is_quick(occupied, Sent("GET", "/"), Cost()))
