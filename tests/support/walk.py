"""Requests to every route of both interfaces, by every kind of client."""

from __future__ import annotations

import http.client
import re
import sqlite3
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.routing import Route

from tests.support import phone
from tests.support.clock import MovableClock
from tests.support.installation import CHEAP, settings_for
from tests.support.person import Person
from tests.support.served import PASSWORD, Served
from watchword import asgi, bootstrap
from watchword.web.api.routes import Dispatch

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
PUBLIC = {
    "/first-run/{token}", "/login", "/login/second-step", "/login/recovery-code",
    "/login/with-recovery-code",
    "/login/enrolment-code", "/login/cancel", "/logout", "/language",
}  # fmt: skip
"""Pages of a login, and the two buttons that end a session or an attempt."""
OPEN = {
    "/static/{name}", "/ca.crt", "/favicon.ico", "/.well-known/change-password", "/problems",
    "/problems/{code}", "/help",
}  # fmt: skip
"""Files, redirects and help: open to all clients, only by GET."""
OPEN_API = {"/health/live"}

CONSOLE_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "cache-control": "no-store",
}
CONSOLE_POLICY = re.compile(
    r"default-src 'none'; script-src 'nonce-[0-9A-Za-z_-]{16,}'; style-src 'self'; "
    r"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    r"base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    r"require-trusted-types-for 'script'"
)
API_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
NEVER = ("server", "x-powered-by", "access-control-allow-origin", "strict-transport-security")

FORM = {
    "username": "newcomer", "full_name": "Changed", "email": "changed@example.org",
    "password": "another otter with pencils", "repeat_password": "another otter with pencils",
    "current_password": PASSWORD, "new_password": "another otter with pencils",
    "repeat_new_password": "another otter with pencils", "generation": "0", "session": "1",
    "format": "csv", "attempt": "", "totp_code": "000000",
}  # fmt: skip
"""Values for the fields of all forms: if a form was accepted, it would change something."""


# --- the routes ------------------------------------------------------------------------------
def framework(app: Any) -> Starlette | Dispatch | None:
    """Return the object with the routes inside the layers around it."""
    if isinstance(app, Starlette | Dispatch):
        return app
    ours = type(app).__module__.startswith("watchword.web")
    inside = (framework(value) for value in vars(app).values()) if ours else ()
    return next((found for found in inside if found is not None), None)


@dataclass
class Answer:
    """A response."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str | None:
        values = [v for k, v in self.headers if k.lower() == name]
        assert len(values) < 2, f"{name} came twice"
        return values[0] if values else None


def read_tables(folder: Path) -> Mapping[str, list[Route]]:
    """Return the route tables of both interfaces."""
    app = bootstrap.open(settings_for(folder), clock=MovableClock(), hashing=CHEAP)
    found = {}
    for interface, built in (("console", asgi.console(app, b"ca")), ("api", asgi.api(app))):
        inner = framework(built)
        assert inner is not None
        found[interface] = [route for route in inner.routes if isinstance(route, Route)]
        assert len(found[interface]) == len(inner.routes)
    app.close()
    return found


# --- clients ---------------------------------------------------------------------------------
class Walk:
    """A server with alice (MFA disabled), bob, carol (active) and dora (given password)."""

    def __init__(self, served: Served, tables: Mapping[str, list[Route]]) -> None:
        self.served = served
        self.tables = tables
        for name in ("alice", "bob", "carol"):
            served.create(name)
        served.cli("administrator", "create", "--password-stdin", "--must-change", "dora",
                   stdin=PASSWORD)  # fmt: skip
        self.alice, self.alice_token = self._cookies("alice")
        self.other, self.other_token = self._cookies("bob")
        self.dora, self.dora_token = self._cookies("dora")
        self.half, self.half_token = self._half_finished()
        self.expired, self.expired_token = self._expired()

    def _cookies(self, name: str) -> tuple[str, str]:
        person = Person(self.served).login(name)
        return _given(person)

    def _half_finished(self) -> tuple[str, str]:
        """Return a login with a correct password that waits for its code."""
        carol = Person(self.served).login("carol").settings().press("Enable MFA")
        carol.press("Finish now")
        carol.press("OK", Code=phone.code(carol.token)).follow("Continue").press("Logout")
        return _given(carol.login("carol"))

    def _expired(self) -> tuple[str, str]:
        cookies, token = self._cookies("alice")
        with sqlite3.connect(self.served.data / "watchword.db") as database:
            database.execute("UPDATE sessions SET expires_at = 1 WHERE id ="
                             " (SELECT max(id) FROM sessions)")  # fmt: skip
        database.close()
        return cookies, token

    def paths(self, interface: str) -> Iterator[tuple[Route, str, str]]:
        """Yield every route with every method, with bob in its path."""
        for route in self.tables[interface]:
            path = re.sub(r"\{(name|username)(:\w+)?\}", "bob", route.path)
            path = re.sub(r"\{[^}]*\}", "nothing", path)
            for method in METHODS:
                yield route, method, path

    def ask(
        self, method: str, path: str, *, interface: str = "console", cookies: str = "", token: str = "",
        **headers: str,
    ) -> Answer:  # fmt: skip
        """Send a request over the real port, with a form that could change something."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookies:
            sent["Cookie"] = cookies
        body = None
        if method not in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            body = urlencode({**FORM, "form_token": token}) if interface == "console" else "{}"
        connection = self._connection(interface)
        connection.request(method, path, body=body, headers=sent)
        response = connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read().decode())
        demand_headers(interface, path, answer)
        return answer

    def _connection(self, interface: str) -> http.client.HTTPSConnection:
        if interface not in (kept := self.__dict__.setdefault("_kept", {})):
            context = ssl.create_default_context(cafile=str(self.served.ca))
            port = self.served.console_port if interface == "console" else self.served.api_port
            kept[interface] = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        connection: http.client.HTTPSConnection = kept[interface]
        return connection

    def rest(self) -> None:
        """Close the connections (a server closes idle ones), and delete stored failures."""
        with sqlite3.connect(self.served.data / "watchword.db") as database:
            database.execute("DELETE FROM throttles")
        database.close()
        for connection in self.__dict__.pop("_kept", {}).values():
            connection.close()

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row except those of the log and the throttles, without times of use."""
        return rows_of(self.served.data / "watchword.db")


def _given(person: Person) -> tuple[str, str]:
    cookies = "; ".join(f"{c.name}={c.value}" for c in person.http.cookies)
    token = next(f.fields["form_token"] for f in person.page.forms.values())
    person.close()
    return cookies, token


_USES = {"last_seen_at", "last_used_at", "regular_used_at", "regular_used_address"}
"""Columns that a read may write."""


def rows_of(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    database = sqlite3.connect(file)
    names = [n for (n,) in database.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
    found = {}
    for name in set(names) - {"audit_events", "audit_chain", "throttles", "sqlite_sequence"}:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
        kept = ", ".join(c for c in columns if c not in _USES)
        seen = " WHERE token_digest NOT LIKE 'address:%'" if name == "known_browsers" else ""
        found[name] = sorted(database.execute(f"SELECT {kept} FROM {name}{seen}"), key=repr)
    database.close()
    return found


def demand_headers(interface: str, path: str, answer: Answer) -> None:
    """Check the headers that every response must have."""
    expected = dict(CONSOLE_HEADERS if interface == "console" else API_HEADERS)
    if interface == "console":
        policy = answer.header("content-security-policy") or ""
        assert CONSOLE_POLICY.fullmatch(policy), f"{path}: {policy}"
        if path.startswith("/static/") and answer.status == 200:
            expected["cache-control"] = "public, max-age=31536000, immutable"
    found = {name: answer.header(name) for name in expected}
    assert found == expected, path
    assert [n for n in NEVER if answer.header(n) is not None] == [], path
    assert "Traceback" not in answer.body
