"""Outages: an unavailable database, a full disk, a read-only folder.

Meanwhile the answers are clear and no login succeeds unchecked. Afterwards no data is damaged and
everything works as before.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.server.outage import Answered, Load, wait_until
from tests.server.test_serving import serve
from tests.soak import invariants
from tests.support import postgres
from tests.support.acts import BY_CLI, CLI
from tests.support.installation import CHEAP, settings_for
from tests.support.person import Person
from tests.support.postgres import PostgresServer
from tests.support.served import PASSWORD, Served
from watchword import bootstrap
from watchword.crypto import keyring
from watchword.crypto.passwords import run
from watchword.domain.operational_errors import DatabaseUnavailable, PlaceUnusable
from watchword.domain.secret import Secret
from watchword.domain.throttle import IN_FLIGHT
from watchword.storage import installation
from watchword.storage.database import Database, url_for
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts
from watchword.usecases.api import api_password
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword

LOCKED_SECONDS = 10


@contextmanager
def opened(data: Path, url: str = "") -> Iterator[Watchword]:
    with closing(bootstrap.open(settings_for(data, url), hashing=CHEAP)) as app:
        yield app


def people(data: Path, url: str = "") -> str:
    """Create four administrators. Returns alice's API password."""
    with opened(data, url) as app:
        for name in ("alice", "bob", "mallory", "trudy"):
            run(
                other_accounts.create(app, BY_CLI, NewAdministrator(name, "", "", Secret(PASSWORD)))
            )
        return api_password.generate_by_operator(app, CLI, "alice").reveal()


def log_in_at_last(load: Load) -> Answered:
    """Log in, waiting for an attempt that was in evaluation when the outage began."""
    http = load.client(99)
    end = time.monotonic() + IN_FLIGHT.total_seconds() + 10
    while True:
        answer = load.login(http, "alice", PASSWORD)
        if answer.status == 303 or time.monotonic() > end:
            http.close()
            return answer
        threading.Event().wait(0.3)


def demand_as_before(load: Load) -> None:
    """Demand that no wrong credential was accepted and that correct ones are accepted again."""
    assert load.errors == []
    assert load.statuses("login") <= {303, 503, 429}
    assert 303 in load.statuses("login")
    assert load.statuses("wrong login") <= {422, 429, 503}
    assert load.statuses("wrong") <= {401, 429, 503}
    assert load.statuses("whoami") <= {200, 503}
    assert load.statuses("live") == {200}
    load.demand_plain_503s()
    assert log_in_at_last(load).status == 303
    http = load.client(98)
    assert load.api(http, "whoami", "alice", load.api_password).status == 200
    assert load.api(http, "ready", "alice", load.api_password, "/health/ready").status == 200
    http.close()


def demand_refused(load: Load, since: float, until: float) -> None:
    """Demand that no login succeeds while nothing can be written. An attempt that was in evaluation
    when the outage began makes the next one wait: a 429 for some seconds.
    """
    assert load.statuses("ready", since, until) == {503}
    for what in ("login", "wrong login", "wrong"):
        assert load.statuses(what, since, until) <= {503, 429}
    assert 503 in load.statuses("login", since, until)


def demand_all_counted(load: Load, app: Watchword) -> None:
    """Demand that each evaluated attempt and each login is recorded, and no reservation is left."""
    answers = [(a.what, a.status) for a in load.answers]  # the clients are still running
    audit_log.verify(app, CLI)
    with app.database.reading() as connection:
        assert invariants.broken(connection) == []
        rows = connection.exec_driver_sql(
            "SELECT event, count(*) FROM audit_events"
            " WHERE event IN ('auth.login', 'auth.password_fail') GROUP BY event"
        )
        stored = {row[0]: int(row[1]) for row in rows}
        sessions = connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one()
        in_flight = connection.exec_driver_sql(
            "SELECT count(*) FROM throttles"
            f" WHERE in_flight_until > {int((time.time() + 5.5) * 1_000_000)}"
        ).scalar_one()
    assert stored["auth.login"] >= answers.count(("login", 303))
    assert stored["auth.password_fail"] >= answers.count(("wrong login", 422)) > 0
    assert sessions > 0
    assert in_flight == 0


def demand_logged(load: Load, *reasons: str) -> None:
    """Demand one line at the beginning of the outage and one at its end."""
    began, over = "the database cannot be used (", "the database can be used again, after "
    wait_until(lambda: any(over in line for line in load.served.errors))
    lines = [line for line in load.served.errors if began in line or over in line]
    assert len(lines) == 2, lines
    assert any(f"{began}{reason}: " in lines[0] for reason in reasons), lines
    assert over in lines[1]


@contextmanager
def locked_by_another_process(database: Path) -> Iterator[None]:
    code = ("import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
            "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()")  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as locker:
        assert locker.stdin is not None
        assert locker.stdout is not None
        assert locker.stdout.readline() == b"locked\n"
        try:
            yield
        finally:
            locker.stdin.close()
            locker.wait(10)


def test_sqlite_locked_by_another_process(tmp_path: Path) -> None:
    data = tmp_path / "data"
    password = people(data)
    with Served.running(data) as served, Load(served, password).running() as load:
        load.wait_for_both()
        with locked_by_another_process(data / "watchword.db"):
            since = time.monotonic()
            refused = served.cli("administrator", "create", "--password-stdin", "carol",
                                 stdin=PASSWORD, expect=1)  # fmt: skip
            threading.Event().wait(since + LOCKED_SECONDS - time.monotonic())
            load.wait_for_503s(since, "ready", "login")
            until = time.monotonic()
        threading.Event().wait(1)
        assert "The database is busy: " in refused.stderr
        demand_refused(load, since, until)
        demand_as_before(load)
        demand_logged(load, "busy")
        with opened(data) as app:
            demand_all_counted(load, app)


def test_postgresql_stopped_and_started(tmp_path: Path) -> None:
    with postgres.running() as server:
        url = server.url(server.new_database())
        data = tmp_path / "data"
        password = people(data, url)
        environ = {"WATCHWORD_DATABASE_URL": url}
        with (
            Served.running(data, environ=environ) as served,
            Load(served, password).running() as load,
        ):
            load.wait_for_both()
            server.stop("immediate")
            since = time.monotonic()
            asked = "page", "ready", "whoami", "wrong"
            load.wait_for_503s(since, *asked)
            until = time.monotonic()
            server.start()
            threading.Event().wait(1)
            for what in asked:
                assert load.statuses(what, since, until) == {503}
            demand_as_before(load)
            # busy: the first request waited for a connection
            demand_logged(load, "unreachable", "starting", "busy")
            with opened(data, url) as app:
                demand_all_counted(load, app)


# --- full and read-only disks ----------------------------------------------------------------
@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system: root ignores file modes, but not the size of the file system.

    Its size is several times the WAL before SQLite writes it back (4 MB). Otherwise a slow machine
    would fill the disk with the load itself.
    """
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, *, but: int = 0) -> Path:
    """Fill the disk, except for a number of bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        file.truncate(max(0, file.tell() - but))
    return filler


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def test_a_full_disk_is_reported_and_nothing_is_lost(disk: Path) -> None:
    data = disk / "data"
    password = people(data)
    with Served.running(data) as served, Load(served, password).running() as load:
        load.wait_for_both()
        filler = fill(disk)
        threading.Event().wait(0.5)
        since = time.monotonic()
        refused = served.cli("administrator", "create", "--password-stdin", "carol",
                             stdin=PASSWORD, expect=1)  # fmt: skip
        load.wait_for_503s(since, "ready", "login")
        until = time.monotonic()
        filler.unlink()
        threading.Event().wait(1)
        assert refused.stderr.startswith(
            "watchword: The database cannot be written: the disk is full."
        )
        demand_refused(load, since, until)
        demand_as_before(load)
        demand_logged(load, "disk-full")
        with opened(data) as app:
            demand_all_counted(load, app)
            assert "carol" not in {a.account.username for a in other_accounts.page(app, CLI)}


@pytest.mark.parametrize("room", [0, 8 * 1024, 64 * 1024, 100 * 1024, 160 * 1024])
def test_a_start_on_a_full_disk_is_refused_and_leaves_no_partial_data(
    disk: Path, room: int
) -> None:
    """Once the disk has space again, the same folder starts like a new one."""
    filler = fill(disk, but=room)
    refused = serve(disk / "data")
    assert refused.returncode == 1, refused.stderr
    first = refused.stderr.splitlines()[0]
    assert first.startswith("watchword: ")
    assert "the disk is full" in first or "No space left on device" in first
    assert "Traceback" not in refused.stderr
    filler.unlink()
    with Served.running(disk / "data") as served:
        served.create("alice")
        person = Person(served).login()
        assert person.heading == "Overview"
        person.close()


def test_a_keyring_is_written_completely_or_not_at_all(disk: Path) -> None:
    """An empty keyring would prevent a start after space was freed."""
    path = disk / "keys" / "keyring.json"
    filler = fill(disk)
    with pytest.raises(PlaceUnusable):
        keyring.create(path)
    assert list(path.parent.iterdir()) == []
    filler.unlink()
    made = keyring.create(path)
    assert keyring.load(path).ids == made.ids
    with pytest.raises(PlaceUnusable):
        keyring.create(path)
    assert keyring.load(path).ids == made.ids
    assert [file.name for file in path.parent.iterdir()] == ["keyring.json"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("has_data", [False, True])
def test_a_start_on_a_read_only_folder_is_refused(disk: Path, has_data: bool) -> None:
    data = disk / "data"
    if has_data:
        with Served.running(data) as served:
            served.create("alice")
    remount(disk, "ro")
    refused = serve(data)
    remount(disk, "rw")
    assert refused.returncode == 1
    first = refused.stderr.splitlines()[0]
    assert first.startswith("watchword: ")
    assert "Read-only file system" in first or "read-only" in first
    assert "Traceback" not in refused.stderr
    with Served.running(data):
        pass


def test_a_command_on_a_read_only_folder_is_refused(disk: Path) -> None:
    with Served.running(disk / "data") as served:
        served.create("alice")
    remount(disk, "ro")
    refused = served.cli("mfa", "enable", "alice", expect=1)
    remount(disk, "rw")
    assert refused.stderr.startswith("watchword: The database is read-only.")
    assert "Traceback" not in refused.stderr
    with opened(disk / "data") as app, app.database.reading() as connection:
        assert invariants.broken(connection) == []


def test_a_read_only_postgresql_is_reported(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """For example after a switch to a standby: writes are refused with a reason."""
    name = postgres_server.new_database()
    url = postgres_server.url(name)
    people(tmp_path / "data", url)
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with closing(Database(url_for(url, tmp_path / "data"))) as database:
        with pytest.raises(DatabaseUnavailable) as refused, database.writing() as writing:
            installation.write_again(writing)
    assert refused.value.facts["reason"] == "read-only"


def test_a_damaged_database_is_reported(tmp_path: Path) -> None:
    people(tmp_path / "data")
    database = tmp_path / "data" / "watchword.db"
    database.write_bytes(b"no database" * 1000)
    refused = serve(tmp_path / "data")
    assert refused.returncode == 1
    first = refused.stderr.splitlines()[0]
    assert first == "watchword: The database is damaged."
