"""Every route of both interfaces, with every method, for callers without permission.

The routes come from the applications, so new ones are included. Each must reject unauthenticated
clients, except the public ones named here. A rejected request may not change a row, for any caller
and any form.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping

import pytest
from starlette.routing import Route

from tests.support import walk as support
from tests.support.served import PASSWORD, Served
from tests.support.walk import METHODS, OPEN, OPEN_API, PUBLIC, Answer, Walk


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Route]]:
    return support.read_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def started(
    tmp_path_factory: pytest.TempPathFactory, tables: Mapping[str, list[Route]]
) -> Iterator[Walk]:
    with Served.running(tmp_path_factory.mktemp("walk") / "data") as served:
        yield Walk(served, tables)


@pytest.fixture
def walk(started: Walk) -> Iterator[Walk]:
    """The walk; afterwards only the count of refused origins may have changed."""
    before = started.rows()
    yield started
    started.rest()
    after = started.rows()
    assert {n for n, r in after.items() if r != before[n]} <= {"origin_refusals"}


def takes(route: Route, method: str) -> bool:
    return method in (route.methods or ())


def is_to_login(answer: Answer) -> bool:
    where = answer.header("location") or ""
    return answer.status == 303 and re.fullmatch(r"/login(\?to=/.*)?", where) is not None


def is_rejected(route: Route, method: str, answer: Answer, posted: str) -> bool:
    """Whether an unauthenticated client was rejected by a route that is not public."""
    if not takes(route, method):
        return answer.status == 405 and bool(answer.header("allow"))
    if method in {"GET", "HEAD"}:
        return is_to_login(answer)
    return answer.status == 403 and posted in answer.body


ELSEWHERE = "came from elsewhere"
OUTDATED = "was out of date"
NO_COOKIE = "did not send the cookie"
ENDED = "You have been logged out"
IN_SESSION_TOO = {"/logout", "/language"}
"""Public buttons of pages inside a session."""
BEFORE_LOGIN = PUBLIC - IN_SESSION_TOO - {"/login/cancel"}


def is_shown_again(answer: Answer) -> bool:
    """Whether a form from before the login was not read: it, or the page in its place, is shown
    again; a logged-in browser is redirected.
    """
    is_let_in = any(
        k.lower() == "set-cookie" and v.startswith("__Host-ww_s=") and "Max-Age=0" not in v
        for k, v in answer.headers
    )
    is_form = answer.status == 403 and (OUTDATED in answer.body or NO_COOKIE in answer.body)
    return not is_let_in and (is_form or answer.status in {303, 409, 410})


# --- the console -----------------------------------------------------------------------------
def test_tables_contain_the_named_public_routes(
    tables: Mapping[str, list[Route]],
) -> None:
    paths = {route.path for route in tables["console"]}
    assert paths >= PUBLIC | OPEN
    assert len(paths - PUBLIC - OPEN) > 20
    assert len(tables["api"]) > 10
    assert {route.path for route in tables["api"]} > OPEN_API


def private(walk: Walk) -> Iterator[tuple[Route, str, str]]:
    return ((r, m, p) for r, m, p in walk.paths("console") if r.path not in PUBLIC | OPEN)


@pytest.mark.parametrize(
    ("caller", "posted"),
    [
        ("nobody", OUTDATED),
        ("nobody with a password in HTTP Basic", OUTDATED),
        ("half-finished", ENDED),
        ("half-finished without the form's token", OUTDATED),
        ("expired", ENDED),
        ("expired without the form's token", ENDED),
        ("made up", ENDED),
    ],
)
def test_client_without_session_is_redirected_to_the_login(
    walk: Walk, caller: str, posted: str
) -> None:
    basic = "Basic " + base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    given: dict[str, dict[str, str]] = {
        "nobody": {},
        "nobody with a password in HTTP Basic": {"Authorization": basic},
        "half-finished": {"cookies": walk.half, "token": walk.half_token},
        "half-finished without the form's token": {"cookies": walk.half},
        "expired": {"cookies": walk.expired, "token": walk.expired_token},
        "expired without the form's token": {"cookies": walk.expired},
        "made up": {"cookies": "__Host-ww_s=" + "A" * 43, "token": walk.alice_token},
    }
    wrong = []
    for route, method, path in private(walk):
        answer = walk.ask(method, path, **given[caller])
        if not is_rejected(route, method, answer, posted):
            wrong.append((method, path, answer.status))
        assert "carol" not in answer.body
    assert wrong == []


@pytest.mark.parametrize("caller", ["nobody", "half", "expired", "alice", "dora"])
def test_form_without_its_token_is_rejected(walk: Walk, caller: str) -> None:
    """Public forms too: a login begins with a page of this server."""
    cookies = "" if caller == "nobody" else getattr(walk, caller)
    wrong = []
    for route, method, path in walk.paths("console"):
        if method != "POST" or not takes(route, method):
            continue
        answer = walk.ask(method, path, cookies=cookies)
        must_choose = caller == "dora" and route.path not in PUBLIC | {"/new-password"}
        if route.path in BEFORE_LOGIN:
            wrong += [(method, path, answer.status)] * (not is_shown_again(answer))
            continue
        expected = 303 if must_choose else 403
        # A page of an ended session gets its own message; its form is not accepted either.
        of_session = route.path not in PUBLIC or route.path in IN_SESSION_TOO
        says = ENDED if caller == "expired" and of_session else OUTDATED
        if answer.status != expected or (expected == 403 and says not in answer.body):
            wrong.append((method, path, answer.status))
    assert wrong == []


@pytest.mark.parametrize(
    "headers",
    [
        {"token": "another's"},
        {"token": "own", "Sec_Fetch_Site": "cross-site"},
        {"token": "own", "Sec_Fetch_Site": "same-site"},
        {"token": "own", "Origin": "https://evil.example"},
        {"token": "own", "Origin": "null"},
        {"token": "nobody's"},
    ],
    ids=["another-session", "cross-site", "same-site", "origin", "null", "made-up"],
)
def test_form_of_another_session_or_site_is_rejected(walk: Walk, headers: dict[str, str]) -> None:
    sent = dict(headers)
    tokens = {"another's": walk.other_token, "own": walk.alice_token, "nobody's": "A" * 43}
    sent["token"] = tokens[sent["token"]]
    says = ELSEWHERE if "Origin" in sent or "Sec_Fetch_Site" in sent else OUTDATED
    wrong = []
    for route, method, path in walk.paths("console"):
        if method == "POST" and takes(route, method):
            answer = walk.ask(method, path, cookies=walk.alice, **sent)
            if route.path in BEFORE_LOGIN and "Origin" not in sent and "Sec_Fetch_Site" not in sent:
                is_right = is_shown_again(answer)
            else:
                is_right = answer.status == 403 and says in answer.body
            if not is_right:
                wrong.append((method, path, answer.status))
    assert wrong == []


def test_given_password_opens_only_the_page_to_replace_it(walk: Walk) -> None:
    wrong = []
    for route, method, path in private(walk):
        if not takes(route, method) or route.path == "/new-password":
            continue
        answer = walk.ask(method, path, cookies=walk.dora, token=walk.dora_token)
        if (answer.status, (answer.header("location") or "").partition("?")[0]) != (
            303,
            "/new-password",
        ):
            wrong.append((method, path, answer.status))
    assert wrong == []
    assert walk.ask("GET", "/new-password", cookies=walk.dora).status == 200


def test_safe_methods_change_nothing(walk: Walk) -> None:
    """GET, HEAD and OPTIONS of every route, with a session."""
    wrong = []
    for route, method, path in walk.paths("console"):
        if method in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            answer = walk.ask(method, path, cookies=walk.alice)
            expected = {200, 302, 303, 404, 409, 410} if takes(route, method) else {405}
            if answer.status not in expected:
                wrong.append((method, path, answer.status))
            if method == "HEAD":
                assert answer.body == ""
    assert wrong == []


def test_open_routes_accept_only_get(walk: Walk) -> None:
    for route, method, path in walk.paths("console"):
        if route.path in OPEN:
            status = walk.ask(method, path).status
            assert status in ({200, 302, 404} if method in {"GET", "HEAD"} else {405})


@pytest.mark.parametrize(
    "path",
    ["/administrators/bob/delete/", "//administrators", "/administrators%2Fbob", "/Login",
     "/administrators/../new-administrator", "/login%00", "/administrators;x", "/" + "x" * 5000],
    ids=["slash", "double", "encoded-slash", "case", "dots", "nul", "semicolon", "long"],
)  # fmt: skip
def test_similar_path_is_not_found(walk: Walk, path: str) -> None:
    for method in METHODS:
        assert walk.ask(method, path, token=walk.alice_token).status == 404


def test_duplicate_cookie_is_refused_by_every_route(walk: Walk) -> None:
    session = next(c for c in walk.alice.split("; ") if c.startswith("__Host-ww_s="))
    for route, method, path in walk.paths("console"):
        if takes(route, method) and route.path not in OPEN:
            answer = walk.ask(method, path, cookies=f"{session}; {session}", token=walk.alice_token)
            assert answer.status == 400


# --- the Management API ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "given", ["nothing", "cookie", "cookie and form token", "bearer", "made up"]
)
def test_api_ignores_cookies_and_requires_credentials(walk: Walk, given: str) -> None:
    sent = {
        "nothing": {},
        "cookie": {"cookies": walk.alice},
        "cookie and form token": {"cookies": walk.alice, "X_CSRF_Token": walk.alice_token},
        "bearer": {"Authorization": f"Bearer {walk.alice_token}"},
        "made up": {"Authorization": "Basic " + base64.b64encode(b"nobody:wwp_0").decode()},
    }[given]
    # As through a proxy: /metrics is open only to direct requests from this host.
    sent["X_Forwarded_For"] = "203.0.113.9"
    wrong = []
    bodies = set()
    for route, method, path in walk.paths("api"):
        if route.path in OPEN_API:
            continue
        answer = walk.ask(method, path, interface="api", **sent)
        challenge = answer.header("www-authenticate") or ""
        expected = {401, 429} if given == "made up" else {401}
        if answer.status not in expected or (answer.status == 401 and "Basic" not in challenge):
            wrong.append((method, path, answer.status))
        assert answer.header("set-cookie") is None
        assert answer.header("content-type") == "application/problem+json"
        if answer.status == 401 and method != "HEAD":
            bodies.add(answer.body)
    assert wrong == []
    assert len(bodies) == 1


@pytest.mark.parametrize(
    "headers",
    [{"Sec_Fetch_Site": "cross-site"}, {"Origin": "null"}, {"Origin": "https://evil.example"}],
    ids=["cross-site", "null", "origin"],
)
def test_other_site_writes_nothing_through_the_api(walk: Walk, headers: dict[str, str]) -> None:
    """A browser that has stored the credentials sends them with the request."""
    basic = "Basic " + base64.b64encode(f"bob:{PASSWORD}".encode()).decode()
    for _route, method, path in walk.paths("api"):
        if method in {"POST", "PUT", "PATCH", "DELETE"}:
            answer = walk.ask(method, path, interface="api", Authorization=basic, **headers)
            assert answer.status == 403


def test_unsupported_method_is_reported(walk: Walk) -> None:
    basic = "Basic " + base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    for route, method, path in walk.paths("api"):
        if takes(route, method):
            continue
        answer = walk.ask(method, path, interface="api", Authorization=basic)
        assert answer.status == (204 if method == "OPTIONS" else 405)
        assert answer.header("allow")


# --- the walk itself -------------------------------------------------------------------------
def test_walk_detects_an_accepted_form(started: Walk) -> None:
    """The same form with the correct cookie and token changes rows; the comparison detects it."""
    before = started.rows()
    for act, table in (("enable-mfa", "administrators"), ("end-sessions", "sessions")):
        path = f"/administrators/bob/{act}"
        answer = started.ask("POST", path, cookies=started.alice, token=started.alice_token)
        assert answer.status == 303
        assert started.rows()[table] != before[table]
    started.rest()
