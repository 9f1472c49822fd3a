"""A change of an account is seen by the next request of every other process.

Each round changes alice in this process, as the command line does, or by SQL, and calls the
servers immediately: one on SQLite, two nodes on PostgreSQL. `make test` runs a few dozen rounds,
`make soak` a thousand.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.support.acts import BY_CLI, CLI
from tests.support.installation import CHEAP, settings_for
from tests.support.postgres import PostgresServer
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.crypto.passwords import run
from watchword.domain.mfa import Event
from watchword.domain.secret import Secret
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.context import Watchword

ROUNDS = 1000 if "SOAK_ROUNDS" in os.environ else 24
SEED = os.environ.get("SOAK_SEED") or str(random.SystemRandom().randrange(10**6))


@dataclass
class Caller:
    """A client of one node, with one connection."""

    connection: http.client.HTTPSConnection

    def whoami(self, password: str) -> dict[str, object] | int:
        """Return the answer, or the status of a refusal."""
        credentials = base64.b64encode(f"alice:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}"}
        self.connection.request("GET", "/api/v1/whoami", headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        return json.loads(body) if answer.status == 200 else answer.status


@dataclass
class Scene:
    """The installation, and clients of the servers that use it."""

    app: Watchword
    callers: list[Caller] = field(default_factory=list)
    password: str = ""

    def create(self) -> None:
        new = NewAdministrator("alice", "", "", Secret(PASSWORD))
        run(other_accounts.create(self.app, BY_CLI, new))
        self.generate()

    def generate(self) -> None:
        self.password = api_password.generate_by_operator(self.app, CLI, "alice").reveal()

    def typed(self, statement: str) -> None:
        """Execute SQL as an operator does, on a connection of its own."""
        if url := self.app.settings.database_url:
            with psycopg.connect(url) as connection:
                connection.execute(statement.encode())
            return
        with self.app.database.engine.connect() as other:
            other.exec_driver_sql(statement)


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    url, folders = "", [tmp_path / "one"]
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url, folders = server.url(server.new_database()), [tmp_path / "one", tmp_path / "two"]
    environ = {"WATCHWORD_DATABASE_URL": url} if url else {}
    with ExitStack() as stack:
        settings = settings_for(folders[0], url)
        app = stack.enter_context(closing(bootstrap.open(settings, hashing=CHEAP)))
        scene = Scene(app)
        scene.create()
        bob = NewAdministrator("bob", "", "", Secret(PASSWORD))  # alice may be disabled and deleted
        run(other_accounts.create(app, BY_CLI, bob))
        for folder in folders:
            if folder != folders[0]:
                shutil.copytree(folders[0] / "keys", folder / "keys")
            extra = () if url else ("--workers", "2")  # two processes in each case
            served = stack.enter_context(Served.running(folder, extra=extra, environ=environ))
            context = ssl.create_default_context(cafile=str(served.ca))
            host, _, port = served.api.rpartition("//")[2].partition(":")
            for _ in range(1 if url else 2):
                made = http.client.HTTPSConnection(host, int(port), context=context, timeout=30)
                made.connect()  # each connection goes to the worker with the fewest
                scene.callers.append(Caller(stack.enter_context(closing(made))))
        yield scene


Change = Callable[[Scene], None]


def replaced(scene: Scene) -> None:
    api_password.generate_by_operator(scene.app, CLI, "alice")


def revoked(scene: Scene) -> None:
    other_credentials.revoke_api_password(scene.app, BY_CLI, "alice")


def disabled(scene: Scene) -> None:
    other_accounts.disable(scene.app, BY_CLI, "alice")


def deleted(scene: Scene) -> None:
    other_accounts.delete(scene.app, BY_CLI, "alice")


def revoked_by_sql(scene: Scene) -> None:
    scene.typed("UPDATE api_passwords SET mac = NULL")


def disabled_by_sql(scene: Scene) -> None:
    scene.typed("UPDATE administrators SET is_disabled = (1 = 1) WHERE username = 'alice'")


def deleted_by_sql(scene: Scene) -> None:
    scene.typed(
        "DELETE FROM administrators WHERE username = 'alice'"
        if scene.app.settings.database_url
        else "DELETE FROM api_passwords"  # SQLite deletes other rows only on request
    )


ENDING: list[Change] = [
    replaced, revoked, disabled, deleted, revoked_by_sql, disabled_by_sql, deleted_by_sql,
]  # fmt: skip
"""Changes after which the API password is refused."""


def restored(scene: Scene) -> None:
    """Make alice as before. The refusals would soon throttle the address of the callers."""
    scene.typed("DELETE FROM throttles")
    scene.typed("DELETE FROM administrators WHERE username = 'alice'")
    scene.create()


def test_end_of_an_api_password_is_seen_by_the_next_request_of_every_process(
    scene: Scene,
) -> None:
    dice = random.Random(SEED)
    print(f"SOAK_SEED={SEED}")
    for number in range(ROUNDS):
        for caller in scene.callers:
            for _ in range(2):  # the second one is answered from the cache
                assert isinstance(caller.whoami(scene.password), dict), number
        change = dice.choice(ENDING)
        change(scene)
        found = [caller.whoami(scene.password) for caller in scene.callers]
        assert found == [401] * len(scene.callers), (number, change.__name__)
        restored(scene)


def test_new_name_and_mfa_status_are_seen_by_the_next_request_of_every_process(
    scene: Scene,
) -> None:
    dice = random.Random(SEED)
    status = "disabled"
    for number in range(ROUNDS):
        name = f"Alice {number}"
        if dice.random() < 0.5:
            other_accounts.change(scene.app, BY_CLI, "alice", full_name=name)
        else:
            scene.typed(f"UPDATE administrators SET full_name = '{name}' WHERE username = 'alice'")
        if dice.random() < 0.5:
            event, status = (
                (Event.ENABLE, "pending") if status == "disabled" else (Event.DISABLE, "disabled")
            )
            other_credentials.change_mfa(scene.app, BY_CLI, "alice", event)
            scene.generate()
        for caller in scene.callers:
            for _ in range(2):
                found = caller.whoami(scene.password)
                assert isinstance(found, dict), number
                assert found["full_name"] == name, number
                assert found["mfa"] == {"enabled": status != "disabled", "status": status}


def test_enabled_mfa_ends_the_regular_password_in_every_process(scene: Scene) -> None:
    for number in range(max(3, ROUNDS // 10)):
        for caller in scene.callers:
            for _ in range(2):
                assert isinstance(caller.whoami(PASSWORD), dict), number
        other_credentials.change_mfa(scene.app, BY_CLI, "alice", Event.ENABLE)
        assert [c.whoami(PASSWORD) for c in scene.callers] == [401] * len(scene.callers), number
        other_credentials.change_mfa(scene.app, BY_CLI, "alice", Event.DISABLE)
