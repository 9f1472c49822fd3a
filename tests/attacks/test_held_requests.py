"""Credentials that are revoked between a request's first and last byte change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import sqlalchemy as sa

from tests.support.acts import BY_CLI, CLI, PASSWORD, Acts, basic_header
from tests.support.asgi_client import Act, Held
from tests.support.installation import Installation
from tests.support.kept import Kept
from tests.support.walk import FORM as FIELDS
from tests.support.walk import Answer
from watchword import asgi
from watchword.crypto.passwords import run
from watchword.domain.applications import Application
from watchword.domain.mfa import Event
from watchword.domain.roles import Role
from watchword.domain.secret import Secret
from watchword.storage import schema
from watchword.usecases import accounts
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.applications import applications
from watchword.usecases.applications.applications import Managed
from watchword.usecases.context import Watchword
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.web.api import etags
from watchword.web.api.authentication import Authenticated
from watchword.web.api.operations import FORM, JSON
from watchword.web.api.operations import Operation as Declared
from watchword.web.api.rpc.functions import FUNCTIONS, Function
from watchword.web.api.table import TABLE
from watchword.web.console.frame.routes import ConsoleRoute
from watchword.web.console.route_table import BUTTONS, PAGES
from watchword.web.http import cookies, cross_origin, forms

NEW = "another otter with pencils"
DAYS = 30
ON_DORA = {"reset_mfa", "disable_mfa", "DeactivateSystemAdministratorMFA"}
"""These need an account whose MFA is active; all others act on Bob."""
NOTHING = {"/api/get-metadata", "/api/get-status", "/api//get-status", "/api/cancel-async"}
"""These are answered without reading the body, with the same response for every caller."""


# --- the operations, read from the table -----------------------------------------------------
def target_of(name: str) -> str:
    return "dora" if name in ON_DORA else "bob"


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    media_type: str = ""
    body: str = ""

    @property
    def target(self) -> str:
        return "mia" if self.path.startswith("/api/v1/members/") else target_of(self.name)


def _rest(row: Declared) -> Operation:
    if row.body is None:
        return Operation(row.name, row.method, row.path)
    example = msgspec.to_builtins(row.body.example)
    body = {name: value for name, value in example.items() if value is not None}
    if row.name.startswith("create_") and "username" in body:
        body["username"] = "eve"
    sent = json.dumps(body) if row.body.media_type == JSON else urlencode(body)
    return Operation(row.name, row.method, row.path, row.body.media_type, sent)


def _function(function: Function) -> Operation:
    username = "eve" if function.name.startswith("Create") else target_of(function.name)
    values = {"config": json.dumps({"userName": username, "fullName": "E"}), "password": NEW,
              "userName": username}  # fmt: skip
    sent = urlencode({a.name: values[a.name] for a in function.arguments})
    return Operation(function.name, "POST", f"/api/invoke/{function.name}", FORM, sent)


def operations() -> Iterator[Operation]:
    """Yield the operations that can change something: not those that the API always refuses."""
    for row in TABLE:
        if "{Function}" in row.path:
            yield from map(_function, FUNCTIONS.values())
        elif (
            row.method not in cross_origin.SAFE_METHODS and row.path not in NOTHING and row.answers
        ):
            yield _rest(row)


# --- the ways in which a credential ends -----------------------------------------------------
def _revoked(app: Watchword, _here: Installation) -> None:
    other_credentials.revoke_api_password(app, BY_CLI, "alice")


def _replaced(app: Watchword, _here: Installation) -> None:
    api_password.generate_by_operator(app, CLI, "alice")


def _expired(_app: Watchword, here: Installation) -> None:
    here.clock.advance(timedelta(days=DAYS))


def _disabled(app: Watchword, _here: Installation) -> None:
    other_accounts.disable(app, BY_CLI, "alice")


def _deleted(app: Watchword, _here: Installation) -> None:
    other_accounts.delete(app, BY_CLI, "alice")


def _password_set(app: Watchword, _here: Installation) -> None:
    run(other_accounts.set_password(app, BY_CLI, "alice", Secret(NEW)))


def _mfa_enabled(app: Watchword, _here: Installation) -> None:
    other_credentials.change_mfa(app, BY_CLI, "alice", Event.ENABLE)


End = Callable[[Watchword, Installation], None]
OF_API_PASSWORD: tuple[End, ...] = (_revoked, _replaced, _expired, _disabled, _deleted)
OF_REGULAR_PASSWORD: tuple[End, ...] = (_disabled, _deleted, _password_set, _mfa_enabled)
WAYS = [*((end, True) for end in OF_API_PASSWORD), *((end, False) for end in OF_REGULAR_PASSWORD)]


# --- the scene -------------------------------------------------------------------------------
Rows = Mapping[str, list[Any]]


@dataclass
class Between:
    """ASGI layer that runs a function after authentication, before the routes."""

    routes: Any
    meanwhile: Callable[[], object] = bool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.meanwhile()
        await self.routes(scope, receive, send)


def authentication(app: Any) -> Any:
    """Return the authenticating layer of the API."""
    if isinstance(app, Authenticated):
        return app
    values = vars(app).values() if type(app).__module__.startswith("watchword.web") else ()
    return next((found for value in values if (found := authentication(value))), None)


class House:
    """Alice's requests, whose credentials are revoked through another process's connection."""

    def __init__(self, acts: Acts) -> None:
        self.acts, self.here, self.other = acts, acts.here, acts.here.reopened()
        self.api, self.console = asgi.api(acts.app), asgi.console(acts.app)
        layer = authentication(self.api)
        layer._routes = self.between = Between(layer._routes)
        self.passwords = {True: self._prepared(), False: PASSWORD}
        self.kept = Kept.of(self.here)

    def _prepared(self) -> str:
        Acts(self.here, "dora").activate()
        self.acts.create("bob")
        portal = Managed(Application("portal", ("portal.example",)))
        applications.create(self.acts.app, BY_CLI, portal)
        mia = NewAdministrator("mia", "", "", Secret(PASSWORD), role=Role.MEMBER)
        run(other_accounts.create(self.acts.app, BY_CLI, mia))
        for name in ("bob", "dora", "mia"):
            api_password.generate_by_operator(self.acts.app, CLI, name)
        return api_password.generate_by_operator(self.acts.app, CLI, "alice").reveal()

    def rows(self) -> Rows:
        """Return all rows by table."""
        with self.acts.app.database.reading() as connection:
            tables = schema.metadata.sorted_tables
            return {t.name: sorted(map(repr, connection.execute(sa.select(t)))) for t in tables}

    def ask(self, asked: Operation, password: str, meanwhile: Act) -> Answer:
        """Send a request whose body, or routing if it has none, waits for `meanwhile`."""
        headers = {"authorization": basic_header("alice", password).decode(),
                   "content-type": asked.media_type, "content-length": str(len(asked.body))}  # fmt: skip
        self.between.meanwhile = bool if asked.body else meanwhile
        in_body = meanwhile if asked.body else bool
        path = asked.path.replace("{username}", asked.target).replace("{name}", "portal")
        return Held(asked.method, path, headers, asked.body.encode(), in_body).sent_to(self.api)

    def press(self, route: ConsoleRoute, meanwhile: Act) -> Answer:
        """Log in and send a form whose body waits for `meanwhile`."""
        logged_in = self.acts.password()
        assert isinstance(logged_in, LoggedIn)
        token = logged_in.session_token.reveal()
        bound = forms.bound_to_session(sessions.find(self.acts.app, token).session.id)
        sent = {**FIELDS, forms.TOKEN_FIELD: forms.token_for(self.acts.app.keyring, bound)}
        cookie = cookies.names_of(self.acts.app).sent(cookies.SESSION)
        headers = {"cookie": f"{cookie}={token}", "content-type": FORM}
        path = route.path.replace("{name}", "bob")
        return Held("POST", path, headers, urlencode(sent).encode(), meanwhile).sent_to(
            self.console
        )

    def changed_after(self, way: End, request: Callable[[Act], Answer]) -> tuple[int, list[str]]:
        """Return the response's status and the tables changed after the credential's end."""
        self.kept.put_back()
        after: list[Rows] = []

        def meanwhile() -> None:
            way(self.other, self.here)
            after.append(self.rows())

        answer = request(meanwhile)
        return answer.status, [t for t, rows in self.rows().items() if rows != after[0][t]]


@pytest.fixture
def house(acts: Acts) -> Iterator[House]:
    acts.here.with_settings(api_password_max_days=DAYS)
    opened = House(acts)
    yield opened
    opened.other.close()


# --- the API ---------------------------------------------------------------------------------
@pytest.mark.parametrize("is_api_password", [True, False])
def test_held_operation_with_a_valid_credential_succeeds(
    house: House, is_api_password: bool
) -> None:
    """Shows that the next test does not pass because the operations fail anyway."""
    for asked in operations():
        house.kept.put_back()
        answer = house.ask(asked, house.passwords[is_api_password], bool)
        assert answer.status < 300, (asked, answer)
        assert '"statusCode":"failed"' not in answer.body, (asked, answer)


@pytest.mark.parametrize(("way", "is_api_password"), [(_revoked, True), (_password_set, False)])
def test_held_operation_with_a_revoked_credential_is_unauthorized(
    house: House, way: End, is_api_password: bool
) -> None:
    password = house.passwords[is_api_password]
    found = {
        asked.name: house.changed_after(way, partial(house.ask, asked, password))
        for asked in operations()
    }
    assert found == dict.fromkeys(found, (401, []))


def test_held_operation_is_unauthorized_after_each_end_of_a_credential(house: House) -> None:
    create = next(operations())
    found = {
        (way.__name__, is_api): house.changed_after(
            way, partial(house.ask, create, house.passwords[is_api])
        )
        for way, is_api in WAYS
    }
    assert found == dict.fromkeys(found, (401, []))


def test_every_writing_operation_is_tested() -> None:
    names = {operation.name for operation in operations()}
    assert {"create_administrator", "delete_administrator", "DeleteSystemAdministrator"} <= names
    assert len(names) >= len(FUNCTIONS) + len([r for r in TABLE if r.method == "DELETE"])


# --- the console -----------------------------------------------------------------------------
def _sessions_ended(app: Watchword, _here: Installation) -> None:
    other_credentials.end_sessions(app, BY_CLI, "alice")


def test_held_form_of_an_ended_session_changes_nothing(house: House) -> None:
    found = {
        route.path: house.changed_after(_sessions_ended, partial(house.press, route))
        for route in (*PAGES, *BUTTONS)
        if route.act is not None and (route.stands_in_session or not route.is_public)
    }
    assert found == dict.fromkeys(found, (403, []))


def test_held_form_of_a_valid_session_is_accepted(house: House) -> None:
    """Shows that the other tests do not pass because all forms are refused."""
    assert house.press(next(r for r in BUTTONS if r.path == "/stay"), bool).status == 204


def test_held_export_of_a_disabled_account_is_refused(house: House) -> None:
    export = next(route for route in BUTTONS if route.path.endswith("/export"))
    found = house.changed_after(_disabled, partial(house.press, export))
    assert found == (403, [])


@pytest.mark.parametrize("header", [{}, {"if-match": "seen"}], ids=["plain", "if-match"])
def test_held_change_uses_the_account_at_the_end_of_the_body(
    acts: Acts, header: Mapping[str, str]
) -> None:
    """A script disables bob with `If-Match`; meanwhile another administrator enables him."""
    acts.create("bob")
    seen = etags.of(other_accounts.disable(acts.app, BY_CLI, "bob"))
    headers = {"authorization": basic_header("alice", PASSWORD).decode(),
               "content-type": JSON, **dict.fromkeys(header, seen)}  # fmt: skip
    held = Held("PATCH", "/api/v1/administrators/bob", headers, b'{"enabled": false}',
                lambda: other_accounts.enable(acts.app, BY_CLI, "bob"))  # fmt: skip
    answer = held.sent_to(asgi.api(acts.app))
    is_disabled = accounts.by_name(acts.app, CLI, "bob").is_disabled
    assert (answer.status, is_disabled) == ((412, False) if header else (200, True))
