"""Backup and restore of PostgreSQL with its own programs, as the how-to describes."""

from __future__ import annotations

import functools
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg
import pytest

from tests.cli.test_command_line import command
from tests.support import installation
from tests.support.acts import Acts
from tests.support.installation import CHEAP, Installation
from tests.support.postgres import PostgresServer, binaries
from tests.support.served import ROOT
from watchword import bootstrap
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import CodeWrong, RecoveryCodeWrong, Refusal, SessionEnded
from watchword.domain.totp import time_step
from watchword.usecases.operations.after_restore import end_what_was_open


@pytest.fixture
def alice(
    postgres_template: tuple[Path, str], postgres_server: PostgresServer, tmp_path: Path
) -> Acts:
    """Return an administrator with MFA, recovery codes and an API password, on PostgreSQL."""
    return Acts(installation.open_copy(postgres_template, tmp_path / "data", postgres_server))


def program(name: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(binaries() / name), *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def dumped(url: str, file: Path) -> Path:
    program("pg_dump", "--format=custom", "--no-owner", f"--file={file}", url)
    return file


def restored(server: PostgresServer, dump: Path) -> str:
    url = server.url(server.new_database())
    program("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction",
            f"--dbname={url}", str(dump))  # fmt: skip
    return url


def moved(here: Installation, url: str, folder: Path) -> Installation:
    """Open the restored database with the keys of the dump, as on another host."""
    shutil.copytree(here.folder / "keys", folder / "keys")
    settings = msgspec.structs.replace(here.settings, database_url=url, data_dir=folder)
    opening = functools.partial(bootstrap.open, clock=here.clock, hashing=CHEAP)
    return Installation("postgresql", folder, settings, here.clock, opening(settings))


def test_after_a_restored_dump_used_credentials_stay_refused(
    alice: Acts, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    session = alice.activate()
    api_password = alice.generate_api_password(session)
    alice.here.clock.next_step()
    dump = dumped(alice.here.settings.database_url, tmp_path / "watchword.dump")
    used = alice.code()
    later = alice.second_step(alice.attempt(), used)
    url = restored(postgres_server, dump)
    alice.app.close()

    alice.here = moved(alice.here, url, tmp_path / "other")
    with closing(alice.app):
        # Without the step after the restore, the used code would be accepted again.
        with psycopg.connect(url) as connection:
            (last,) = connection.execute("SELECT last_step FROM authenticators").fetchone() or (0,)
        assert last < time_step(alice.here.clock.now())
        end_what_was_open(alice.app, Actor(Interface.CLI, name="operator"))
        with pytest.raises(CodeWrong):
            alice.second_step(alice.attempt(), used)
        with pytest.raises(RecoveryCodeWrong):
            alice.by_recovery_code(alice.attempt(), alice.recovery_codes[0].reveal())
        with pytest.raises(SessionEnded):
            alice.principal(later)
        assert alice.call_api(api_password).account.username == "alice"
        alice.here.clock.next_step()
        assert alice.login().account.username == "alice"


def test_the_step_after_the_restore_is_recorded_and_revokes_on_demand(
    alice: Acts, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    api_password = alice.generate_api_password(alice.activate())
    dump = dumped(alice.here.settings.database_url, tmp_path / "watchword.dump")
    url = restored(postgres_server, dump)
    environ = {"WATCHWORD_DATABASE_URL": url}
    done = command(alice.here.folder, "restore", "--after-database-restore",
                   "--revoke-api-passwords", environ=environ)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "8 recovery codes" in done.stdout
    with psycopg.connect(url) as connection:
        events = connection.execute(
            "SELECT interface, facts FROM audit_events WHERE event = 'system.restored'"
        ).fetchall()
        tables = ("sessions", "login_attempts", "enrolments", "known_browsers", "recovery_codes")
        left = [connection.execute(f"SELECT count(*) FROM {t}").fetchone() for t in tables]
    assert len(events) == 1
    assert events[0][0] == "cli"
    assert '"api_passwords_revoked": 1' in events[0][1]
    assert left == [(0,)] * len(tables)
    alice.app.close()
    alice.here = moved(alice.here, url, tmp_path / "other")
    with closing(alice.app), pytest.raises(Refusal):
        alice.call_api(api_password)


@pytest.mark.parametrize("arguments", [("backup", "FILE"), ("restore", "FILE")])
def test_backup_and_restore_of_postgresql_are_refused_with_a_hint(
    alice: Acts, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    alice.app.close()
    file = tmp_path / "file"
    done = command(alice.here.folder, arguments[0], str(file), "--passphrase-stdin", stdin="x" * 20,
                   environ={"WATCHWORD_DATABASE_URL": alice.here.settings.database_url})  # fmt: skip
    assert done.returncode == 1
    for word in ("pg_dump", "pg_restore", "keys/", "restore --after-database-restore"):
        assert word in done.stderr
    assert not file.exists()


def test_the_how_to_names_the_commands_that_are_tested_here() -> None:
    page = (ROOT / "docs" / "how-to" / "backup-and-restore.md").read_text()
    flat = " ".join(page.replace("\\\n", " ").split())
    assert "pg_dump --format=custom --no-owner --file=" in flat
    assert "pg_restore --no-owner --exit-on-error --single-transaction --dbname=" in flat
    assert "watchword restore --after-database-restore" in flat
    assert "watchword restore --replace " in flat
