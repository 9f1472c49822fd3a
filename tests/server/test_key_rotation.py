"""`watchword keys` while servers run, and killed at every step."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from tests.support import forked, phone
from tests.support.acts import CLI, Acts, basic_header
from tests.support.forked import Started
from tests.support.installation import Installation
from tests.support.person import Person
from tests.support.postgres import PostgresServer
from tests.support.served import Served
from watchword.crypto import keyring
from watchword.domain.mfa import Event
from watchword.storage import sealed_rows
from watchword.storage.schema import authenticators
from watchword.usecases.administrators import other_credentials
from watchword.usecases.administrators.authorization import By


def environ_of(here: Installation) -> dict[str, str]:
    environ = os.environ | {"WATCHWORD_DATA_DIR": str(here.folder)}
    if here.settings.database_url:
        environ["WATCHWORD_DATABASE_URL"] = here.settings.database_url
    return environ


def command(
    here: Installation, *arguments: str, moment: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command. At the moment it kills itself."""
    return forked.run_whole(arguments, environ_of(here), "", moment)


# --- killed ----------------------------------------------------------------------------------
MOMENTS = [
    ("watchword.files.atomic", "write", 1, "before"),
    ("watchword.files.atomic", "write", 1, "after"),
    ("watchword.files.atomic", "write", 2, "before"),
    ("watchword.files.atomic", "write", 2, "after"),
    ("watchword.storage.sealed_rows", "replace", 1, "after"),
    ("watchword.storage.sealed_rows", "replace", 3, "before"),
    ("watchword.storage.sealed_rows", "replace", 5, "after"),
    ("watchword.usecases.operations.key_rotation", "_verify", 1, "before"),
    ("watchword.usecases.operations.key_rotation", "_record_end", 1, "before"),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda m: f"{m[1]}-{m[2]}-{m[3]}")
def test_a_killed_rotation_is_completed_by_the_same_command(
    acts: Acts, moment: tuple[str, str, int, str]
) -> None:
    """Killed at any step: all values can be decrypted, one key is made, and a second run completes."""
    acts.activate()
    for name in ("bob", "carol", "dora"):
        acts.create(name)
        other_credentials.change_mfa(acts.app, By(CLI), name, Event.ENABLE)
        acts.password(username=name)
    killed = command(acts.here, "keys", "rotate", moment=[*map(str, moment)])
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    acts.login()
    done = command(acts.here, "keys", "rotate", "--yes")
    assert done.returncode == 0, done.stderr
    assert (
        "All values can be decrypted with it: installation 1, authenticators 1, enrolments 3"
        in (done.stdout)
    )
    ring = keyring.load(keyring.path_in(acts.here.folder))
    assert len(ring.ids) == 2
    assert ring.current_id == ring.ids[-1]
    with acts.app.database.reading() as connection:
        assert sealed_rows.count_not_under(connection, keyring.head_of(ring.current_id)) == 0
    acts.login()


# --- while servers run -----------------------------------------------------------------------
@contextmanager
def servers(database: str, data: Path) -> Iterator[tuple[Served, Served]]:
    """Run two servers on one keyring; on SQLite one server, returned twice."""
    if database == "sqlite":
        with Served.running(data) as one:
            yield one, one
        return
    with Served.running(data) as one, Served.running(data) as two:
        yield one, two


class Caller(threading.Thread):
    """A script that calls the API continuously, with a pause after each call."""

    def __init__(self, served: Served, header: bytes) -> None:
        super().__init__()
        self.served, self.header = served, header
        self.statuses: list[int] = []
        self.enough = threading.Event()

    def run(self) -> None:
        with requests.Session() as http:
            http.trust_env = False
            http.verify = str(self.served.ca)
            http.headers["Authorization"] = self.header.decode()
            while not self.enough.wait(0.01):
                answer = http.get(f"{self.served.api}/api/v1/whoami", timeout=30)
                self.statuses.append(answer.status_code)

    def end(self) -> set[int]:
        self.enough.set()
        self.join(60)
        return set(self.statuses)


def moved(person: Person, to: Served) -> Person:
    """Return the same browser at the other node, as behind a load balancer."""
    person.response.url = person.response.url.replace(person.served.console, to.console)
    person.served = to
    return person


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_logins_enrolments_and_calls_continue_during_rotations(
    database: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Logins that begin at one server before a rotation complete at the other after it."""
    if database == "postgresql":
        url = postgres_server.url(postgres_server.new_database())
        monkeypatch.setenv("WATCHWORD_DATABASE_URL", url)
    with servers(database, tmp_path / "data") as (one, two):
        cli = one.cli
        for name in ("alice", "bob", "carol"):
            cli("administrator", "create", name, "--password-stdin",
                stdin="otter pencil gravel monsoon")  # fmt: skip
        for name in ("bob", "carol"):
            cli("mfa", "enable", name)
        generated = cli("api-password", "generate", "alice").stdout.strip()
        callers = [Caller(served, basic_header("alice", generated)) for served in (one, two)]
        for caller in callers:
            caller.start()
        try:
            bob = Person(one).login("bob")
            secret = bob.token
            first = json.loads(cli("keys", "list", "--json").stdout)
            cli("keys", "rotate", "--yes")
            moved(bob, two).press("OK", Code=phone.code(secret))
            assert bob.recovery_codes()
            spare = bob.recovery_codes()[0]
            carol = Person(two).login("carol")
            cli("keys", "rotate", "--yes")
            moved(carol, one).press("OK", Code=phone.code(carol.token))
            assert carol.recovery_codes()
            again = Person(one).login("bob")
            cli("keys", "rotate", "--yes")
            next_code = phone.code(secret, datetime.now(UTC) + timedelta(seconds=30))
            moved(again, two).press("OK", Code=next_code)
            assert again.heading == "Overview"
            by_code = Person(one).login("bob").follow("Use a recovery code")
            by_code.press("OK", Recovery_code=spare).follow("Continue").press("Keep current phone")
            assert by_code.heading == "Overview"
            by_code.settings()
        finally:
            statuses = [caller.end() for caller in callers]
        assert statuses == [{200}, {200}]
        assert all(len(caller.statuses) > 10 for caller in callers)
        listed = json.loads(cli("keys", "list", "--json").stdout)
        assert [key["state"] for key in listed] == ["old", "old", "old", "current"]
        assert listed[0]["id"] == first[0]["id"]
        assert [key["sealed"] for key in listed] == [0, 0, 0, 4]
        refused = cli("keys", "retire", expect=1)
        assert "API passwords: alice." in refused.stderr
        assert "No key was retired" in refused.stderr
        retired = cli("keys", "retire", "--force", "--yes")
        assert listed[0]["id"] in retired.stdout
        assert cli("keys", "retire").stdout.strip() == "There is no old key."
        for person in (bob, carol, again, by_code):
            person.close()


def ready(served: Served, header: bytes) -> tuple[int, str]:
    answer = requests.get(
        f"{served.api}/health/ready", verify=str(served.ca), timeout=30,
        headers={"Authorization": header.decode()},
    )  # fmt: skip
    return answer.status_code, answer.text


def test_nodes_with_keyrings_of_their_own_are_rotated_by_hand(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepare, copy, activate, copy. A node without the new keyring gets a hint."""
    url = postgres_server.url(postgres_server.new_database())
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", url)
    one_keys, two_keys, lost_keys = (tmp_path / n / "keys" for n in ("one", "two", "lost"))
    with Served.running(tmp_path / "one") as one:
        one.create("alice")
        header = basic_header("alice", one.cli("api-password", "generate", "alice").stdout.strip())
        for folder in (two_keys, lost_keys):
            shutil.copytree(one_keys, folder)
        with Served.running(tmp_path / "two") as two, Served.running(tmp_path / "lost") as lost:
            assert "Copy " in one.cli("keys", "rotate", "--prepare").stderr
            shutil.copy(one_keys / "keyring.json", two_keys / "keyring.json")
            one.cli("mfa", "enable", "alice")
            person = Person(two).login()
            hint = one.cli("keys", "rotate", "--activate", "--yes").stderr
            assert "copy" in hint
            secret = person.token
            person.press("OK", Code=phone.code(secret))
            assert person.recovery_codes()
            person.close()
            assert ready(two, header) == (200, '{"status":"ready"}')
            status, body = ready(lost, header)
            assert (status, json.loads(body)["code"]) == (503, "key-outdated")
            shutil.copy(one_keys / "keyring.json", two_keys / "keyring.json")
            caught = one.cli("keys", "rotate", "--activate", "--yes").stdout
            assert "Values encrypted with it: 1" in caught
        with pytest.raises(AssertionError, match="The keys were rotated"):
            Served.start(tmp_path / "lost").stop()


def test_a_value_that_no_key_decrypts_is_reported(acts: Acts) -> None:
    acts.activate()
    with acts.app.database.writing() as connection:
        stored = connection.execute(sa.select(authenticators.c.secret)).scalar_one()
        connection.execute(authenticators.update().values(secret=stored[:-1] + b"?"))
    done = command(acts.here, "keys", "rotate", "--yes")
    assert done.returncode == 1
    assert "watchword mfa reset alice" in done.stderr
    assert "Traceback" not in done.stderr


def on_a_terminal(here: Installation, answer: bytes, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal and type an answer. Returns exit code and output."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    code = Started.on_terminal(arguments, environ_of(here), theirs).wait()
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    return code, seen


def test_on_a_terminal_progress_is_shown_and_force_asks_first(acts: Acts) -> None:
    acts.activate()
    code, seen = on_a_terminal(acts.here, b"y\n", "keys", "rotate")
    assert (code, "3 of 3 encrypted" in seen) == (0, True), seen
    assert ("only node" in seen) == (acts.here.database == "postgresql")
    code, seen = on_a_terminal(acts.here, b"n\n", "keys", "retire", "--force")
    assert (code, "End these credentials?" in seen) == (1, True), seen
    assert "alice" in seen
    acts.login()
    code, _ = on_a_terminal(acts.here, b"y\n", "keys", "retire", "--force")
    assert code == 0
    assert len(keyring.load(keyring.path_in(acts.here.folder)).ids) == 1


def test_both_steps_in_one_command_are_a_usage_error(here: Installation) -> None:
    done = command(here, "keys", "rotate", "--prepare", "--activate")
    assert (done.returncode, "two steps" in done.stderr) == (2, True)
