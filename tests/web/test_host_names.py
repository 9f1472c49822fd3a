"""Host names over plain HTTP on loopback: unknown ones are refused (DNS rebinding)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.routing import Route

from tests.support import loops
from tests.support.acts import Acts, basic_header
from tests.support.walk import framework
from watchword import asgi
from watchword.domain.host_names import is_own, is_same_origin
from watchword.web import ASGIApp

PLAIN = {"insecure_plain_http_on_loopback": True, "api_url": "https://ops.example.org:8474"}
Answered = tuple[int, dict[str, str], str]


async def _ask(
    app: ASGIApp, method: str, path: str, headers: dict[str, str], scheme: str
) -> Answered:
    messages: list[MutableMapping[str, Any]] = []
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "client": ("127.0.0.1", 50000), "scheme": scheme, "headers": sent,
    }  # fmt: skip

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    fields = {k.decode(): v.decode() for k, v in messages[0]["headers"]}
    return messages[0]["status"], fields, b"".join(m.get("body", b"") for m in messages).decode()


def ask(
    app: ASGIApp, path: str, host: str, *, method: str = "GET", scheme: str = "http", **more: str
) -> Answered:
    headers = {"host": host, **{name.replace("_", "-"): value for name, value in more.items()}}
    return loops.run(_ask(app, method, path, headers, scheme))


def routes_of(app: ASGIApp) -> list[tuple[str, str]]:
    inner = framework(app)
    assert inner is not None
    return [
        (method, re.sub(r"\{[^}]*\}", "x", route.path))
        for route in inner.routes
        if isinstance(route, Route)
        for method in sorted(route.methods or ())
    ]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8474", "127.0.0.1.evil.example"])
def test_only_the_liveness_check_accepts_other_names(acts: Acts, host: str) -> None:
    acts.here.with_settings(**PLAIN)
    for app in (asgi.console(acts.app), asgi.api(acts.app)):
        found = {path: ask(app, path, host, method=m)[0] for m, path in routes_of(app)}
        assert {p for p, status in found.items() if status != 421} <= {"/health/live"}


def test_refusal_explains_what_to_do(acts: Acts) -> None:
    acts.here.with_settings(**PLAIN)
    status, headers, page = ask(asgi.console(acts.app), "/login", "evil.example")
    assert (status, headers["content-type"]) == (421, "text/html; charset=utf-8")
    assert "set console_url or api_url" in page
    assert 'href="http://localhost:8470"' in page
    status, headers, body = ask(asgi.api(acts.app), "/api/v1/whoami", "evil.example")
    assert (status, headers["content-type"]) == (421, "application/problem+json")
    assert json.loads(body)["code"] == "unknown-host"
    assert "http://localhost:8474" in json.loads(body)["detail"]


def test_other_name_reads_no_metrics_and_uses_no_login_budget(acts: Acts) -> None:
    acts.here.with_settings(**PLAIN)
    api = asgi.api(acts.app)
    wrong = basic_header("alice", "wrong wrong wrong").decode()
    assert ask(api, "/metrics", "evil.example")[0] == 421
    assert ask(api, "/metrics", "localhost:8474")[0] == 200
    for _ in range(30):
        assert ask(api, "/api/v1/whoami", "evil.example", authorization=wrong)[0] == 421
    assert ask(api, "/api/v1/whoami", "localhost", authorization=wrong)[0] == 401


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8474", "localhost.", "a.localhost", "127.0.0.1:1", "[::1]:8474",
     "10.1.2.3", "[2001:db8::1]", "watchword:8474", "ops.example.org", "OPS.example.org.:1", ""],
)  # fmt: skip
def test_loopback_addresses_and_configured_names_are_answered(acts: Acts, host: str) -> None:
    acts.here.with_settings(**PLAIN)
    assert ask(asgi.console(acts.app), "/login", host)[0] == 200
    assert ask(asgi.api(acts.app), "/api/v1/whoami", host)[0] == 401


def test_any_name_is_accepted_over_https(acts: Acts) -> None:
    assert ask(asgi.console(acts.app), "/login", "any.example", scheme="https")[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.localhost.example", "1.2.3.4.example"])
def test_name_with_a_dot_must_be_configured(host: str) -> None:
    assert not is_own(host, ["ops.example.org"])
    assert is_own(host, [host])


# --- origins ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://h", "https://h:443", True),
        ("https://h:443", "https://H", True),
        ("http://h", "http://h:80", True),
        ("https://h", "http://h", False),
        ("https://h", "https://h:8470", False),
        ("https://h", "https://h.evil.example", False),
        ("null", "null", False),
        ("", "", False),
        ("https://h:x", "https://h", False),
        ("https://[::1]", "https://[::1]:443", True),
    ],
)
def test_omitted_port_is_the_default(one: str, other: str, is_same: bool) -> None:
    assert is_same_origin(one, other) is is_same


@pytest.mark.parametrize("host", ["ops.example.org:443", "ops.example.org"])
def test_origin_without_the_default_port_is_accepted(acts: Acts, host: str) -> None:
    sent = {"origin": "https://ops.example.org", "scheme": "https", "method": "POST"}
    assert ask(asgi.api(acts.app), "/api/v1/administrators", host, **sent)[0] == 401


def test_refused_origins_are_logged_in_few_lines_with_both_origins(
    acts: Acts, caplog: pytest.LogCaptureFixture
) -> None:
    acts.here.with_settings(console_url="https://ops.example.org")
    caplog.set_level(logging.WARNING, "watchword.server")
    for app, path in (
        (asgi.console(acts.app), "/login"), (asgi.api(acts.app), "/api/v1/administrators")
    ):  # fmt: skip
        for _ in range(20):
            status, _headers, _body = ask(
                app, path, "10.0.0.7:8470", method="POST", scheme="https",
                origin="https://other.example",
            )  # fmt: skip
            assert status == 403
    lines = [r.getMessage() for r in caplog.records if "another origin" in r.getMessage()]
    assert len(lines) == len((1, 2, 4, 8, 16, 32))
    assert all("https://other.example" in line for line in lines)
    assert all("https://10.0.0.7:8470" in line for line in lines)
