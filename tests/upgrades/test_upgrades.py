"""Upgrades of databases that earlier versions wrote, without loss of data."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support import postgres
from tests.support.acts import CLI, Acts
from tests.support.clock import MovableClock
from tests.support.forked import Forked
from tests.support.installation import CHEAP, Installation, settings_for
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.config import Settings
from watchword.crypto import keyring, tokens
from watchword.domain.audit import Actor, Interface
from watchword.domain.errors import CodeWrong, LoginFailed
from watchword.domain.mfa import Status
from watchword.domain.operational_errors import KeyMissing, SchemaForeign
from watchword.domain.sessions import DEVICE_LIFE
from watchword.storage import administrators, migrate
from watchword.storage import known_browsers as stored_browsers
from watchword.storage.audit_query import AuditFilter
from watchword.storage.database import Database, url_for
from watchword.storage.schema import REVISION, known_browsers
from watchword.usecases import accounts
from watchword.usecases.account import recovery_codes
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log, login_counts
from watchword.usecases.context import Watchword
from watchword.usecases.operations import key_rotation
from watchword.usecases.sessions.sessions import LoggedIn
from watchword.usecases.throttling import known_browsers as recognised

FIXTURES = sorted(p for p in Path(__file__).parent.iterdir() if (p / "sqlite").is_dir())


@dataclass
class Kept:
    """A copy of a fixture that no server has opened yet."""

    settings: Settings
    database: str
    known: dict[str, Any]

    @property
    def schema(self) -> str:
        return str(self.known["schema"])

    @property
    def clock(self) -> MovableClock:
        """A clock two seconds after the fixture was written."""
        return MovableClock(datetime.fromisoformat(self.known["now"]) + timedelta(seconds=2))

    def open(self, **given: Any) -> Watchword:
        return bootstrap.open(self.settings, clock=self.clock, hashing=CHEAP, **given)

    @property
    def revision(self) -> str | None:
        settings = self.settings
        url = url_for(settings.database_url, settings.data_dir)
        with closing(Database(url, pool=1, is_read_only=True)) as database:
            return migrate.stored_revision(database)


@pytest.fixture(params=[(f, d) for f in FIXTURES for d in ("sqlite", "postgresql")],
                ids=lambda p: f"{p[0].name}-{p[1]}")  # fmt: skip
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """The data of an earlier version."""
    fixture, database = request.param
    folder = tmp_path / "data"
    shutil.copytree(fixture / database, folder)
    url = ""
    if database == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database())
        script = ["-v", "ON_ERROR_STOP=1", "-f", str(folder / "dump.sql")]
        subprocess.run([postgres.program("psql"), "-q", *script, url], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    known = {"schema": fixture.name, **json.loads((folder / "known.json").read_text())}
    return Kept(settings_for(folder, url), database, known)


@pytest.fixture
def kept(old: Kept) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """The same data, opened by the current version."""
    with closing(old.open()) as app:
        clock = app.clock
        assert isinstance(clock, MovableClock)
        yield Installation(old.database, old.settings.data_dir, old.settings, clock, app), old.known


def test_upgrade_keeps_accounts_and_credentials_usable(
    kept: tuple[Installation, dict[str, Any]],
) -> None:
    here, known = kept
    assert migrate.stored_revision(here.app.database) == REVISION
    alice = Acts(here, phone=bytes.fromhex(known["secret"]), is_there=True)
    assert alice.status is Status.ACTIVE
    with pytest.raises(CodeWrong):
        alice.second_step(alice.attempt(), known["used_code"])
    here.clock.next_step()
    alice.second_step(alice.attempt())
    alice.by_recovery_code(alice.attempt(), known["recovery_codes"][0])
    assert recovery_codes.state(here.app, CLI, alice.account)[0] == 8  # the used code is replaced
    assert alice.call_api(known["api_password"]).account.username == "alice"
    bob = Acts(here, "bob", is_there=True)
    assert isinstance(bob.password(), LoggedIn)
    assert Acts(here, "carol:c", is_there=True).status is Status.PENDING
    with pytest.raises(LoginFailed):
        bob.password(username="dave")


MFA_BEFORE_0006 = (
    "SELECT a.username, m.status, m.pending_from, m.pending_since, m.activated_at, m.secret,"
    " m.last_step FROM administrators a JOIN authenticators m ON m.administrator_id = a.id"
    " ORDER BY a.id"
)
MFA = (
    "SELECT a.username, a.mfa_status, a.mfa_pending_from, a.mfa_pending_since, a.mfa_activated_at,"
    " m.secret, coalesce(m.last_step, 0) FROM administrators a"
    " LEFT JOIN authenticators m ON m.administrator_id = a.id ORDER BY a.id"
)
RECOVERY_CODES = "SELECT administrator_id, mac, created_at FROM recovery_codes ORDER BY mac"


def stored(old: Kept, *queries: str) -> list[list[tuple[Any, ...]]]:
    url = url_for(old.settings.database_url, old.settings.data_dir)
    with closing(Database(url, pool=1, is_read_only=True)) as database:
        with database.reading() as connection:
            return [[tuple(row) for row in connection.exec_driver_sql(q)] for q in queries]


def test_upgrade_keeps_status_secret_last_step_and_recovery_codes(old: Kept) -> None:
    is_older = old.schema < "0006"
    before = stored(old, MFA_BEFORE_0006 if is_older else MFA, RECOVERY_CODES)
    statuses = {row[0]: row[1] for row in before[0]}
    assert statuses == {
        "alice": "active", "bob": "disabled", "carol:c": "pending", "dave": "disabled",
    }  # fmt: skip
    old.open().close()
    assert stored(old, MFA, RECOVERY_CODES) == before
    [[(kind, name, created_at, last_used_at)]] = stored(
        old, "SELECT kind, name, created_at, last_used_at FROM authenticators"
    )
    assert (kind, name) == ("totp", "")
    assert (last_used_at is None) is is_older  # earlier schemas have no such time
    assert [created_at] == [row[4] for row in before[0] if row[0] == "alice"]


def test_upgraded_secret_is_rotated_and_another_one_is_added(
    kept: tuple[Installation, dict[str, Any]],
) -> None:
    here, known = kept
    rotation = key_rotation.rotate(here.app, Actor(Interface.CLI), lambda _done, _of: None)
    assert rotation.is_whole
    assert rotation.proved["authenticators"] == 1
    here.clock.next_step()
    alice = Acts(here, phone=bytes.fromhex(known["secret"]), is_there=True)
    alice.second_step(alice.attempt())
    bob = Acts(here, "bob", is_there=True)
    bob.activate()
    here.clock.next_step()
    bob.login()
    assert bob.status is Status.ACTIVE


def test_upgrade_binds_password_hashes_to_their_accounts(
    kept: tuple[Installation, dict[str, Any]],
) -> None:
    """An old hash that is copied to another row is not accepted, even before the next login."""
    here, _known = kept
    read = "SELECT username, password_hash FROM administrators"
    with here.app.database.writing() as connection:
        hashes: dict[str, str] = dict(tuple(r) for r in connection.exec_driver_sql(read))
        bob = sa.text("UPDATE administrators SET password_hash = :h WHERE username = 'alice'")
        connection.execute(bob, {"h": hashes["bob"]})
    assert {hash_.partition("$")[0] for hash_ in hashes.values()} == {"v2"}
    assert isinstance(Acts(here, "bob", is_there=True).password(), LoggedIn)
    with pytest.raises(LoginFailed):
        Acts(here, is_there=True).password()


def test_upgrade_keeps_recognised_browsers(old: Kept) -> None:
    """Earlier schemas stored the SHA-256 of their tokens."""
    token, settings = tokens.token().reveal(), old.settings
    now = old.clock.now()
    url = url_for(settings.database_url, settings.data_dir)
    with closing(Database(url, pool=1)) as database, database.writing() as connection:
        bob = "SELECT id, cred_ver FROM administrators WHERE username = 'bob'"
        id_, cred_ver = connection.exec_driver_sql(bob).one()
        row = {"id": "b", "token_digest": tokens.digest(token), "administrator_id": id_,
               "cred_ver": cred_ver, "created_at": now, "expires_at": now + DEVICE_LIFE}  # fmt: skip
        if old.schema >= "0007":
            row |= {"last_seen_at": now, "address": "", "user_agent": ""}
        connection.execute(known_browsers.insert().values(row))
    with closing(old.open()) as app, app.database.reading() as connection:
        account = administrators.get(connection, id_)
        assert recognised.find(app, connection, token, account) == "b"
        (browser,) = stored_browsers.of_account(connection, id_, cred_ver, now, most=9)
        assert (browser.last_seen_at, browser.address, browser.user_agent) == (now, "", "")


def upgrades(app: Watchword) -> list[Mapping[str, Any]]:
    """The facts of each upgrade in the audit log."""
    found = audit_log.page(app, CLI, AuditFilter(event="system.upgraded"), 500)
    assert all(e.interface == Interface.SYSTEM.value for e in found)
    return [e.facts for e in found]


def test_upgrade_is_recorded_once(kept: tuple[Installation, dict[str, Any]]) -> None:
    here, known = kept
    bootstrap.open(here.settings, clock=here.clock, hashing=CHEAP).close()
    assert upgrades(here.app) == [{"old": known["schema"], "new": REVISION}]


def killed_at_its_keys(old: Kept) -> None:
    """Start a server that waits for its keyring, a pipe without a writer, and kill it."""
    ring = keyring.path_in(old.settings.data_dir)
    aside = ring.rename(ring.with_name("aside"))
    os.mkfifo(ring, 0o600)
    arguments = ["serve", "--console", "127.0.0.1:0", "--api", "127.0.0.1:0"]
    environ = os.environ | {"WATCHWORD_DATA_DIR": str(old.settings.data_dir),
                            "WATCHWORD_DATABASE_URL": old.settings.database_url}  # fmt: skip
    process = Forked(arguments, environ)
    writer = os.open(ring, os.O_WRONLY)  # returns when the server reads
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    os.close(writer)
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    aside.replace(ring)


def test_upgrade_killed_before_it_is_recorded_is_repeated(old: Kept) -> None:
    """The next start upgrades the database and records it."""
    killed_at_its_keys(old)
    with closing(old.open()) as app:
        assert upgrades(app) == [{"old": old.schema, "new": REVISION}]


def test_upgrade_without_the_keys_changes_nothing(old: Kept) -> None:
    keyring.path_in(old.settings.data_dir).unlink()
    with pytest.raises(KeyMissing):
        old.open()
    assert old.revision == old.schema


def test_command_line_refuses_an_older_schema_and_keeps_it(old: Kept) -> None:
    with pytest.raises(SchemaForeign):
        old.open(is_server=False)
    assert old.revision == old.schema


def test_upgrade_copies_the_sqlite_file_first(old: Kept) -> None:
    old.open().close()
    copies = [*old.settings.data_dir.glob("watchword.db.before-*")]
    if old.database == "postgresql":
        assert copies == []
        return
    assert [copy.name for copy in copies] == [f"watchword.db.before-{old.schema}"]
    assert copies[0].stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copies[0])) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == (old.schema,)
        assert before.execute("SELECT count(*) FROM administrators").fetchone() == (4,)


def test_new_database_records_no_upgrade(tmp_path: Path) -> None:
    app = bootstrap.open(settings_for(tmp_path / "new"), hashing=CHEAP)
    assert upgrades(app) == []
    app.close()


def test_lists_are_complete_after_an_upgrade(kept: tuple[Installation, dict[str, Any]]) -> None:
    here, _known = kept
    everyone = [a.username for a in accounts.everyone(here.app, CLI)]
    assert everyone == ["alice", "bob", "carol:c", "dave"]
    assert [r.account.username for r in other_accounts.page(here.app, CLI, search="carol:")] == [
        "carol:c"
    ]
    assert [r.account.username for r in other_accounts.page(here.app, CLI)] == everyone
    events = audit_log.page(here.app, CLI, AuditFilter(account="alice"), 500)
    assert {"administrator.created", "mfa.enable", "mfa.enrol.confirmed", "auth.login"} <= {
        e.event for e in events
    }


def test_logins_before_an_upgrade_are_counted(kept: tuple[Installation, dict[str, Any]]) -> None:
    here, _known = kept
    logins = audit_log.page(here.app, CLI, AuditFilter(event="auth.login"), 500)
    found = []
    for _ in range(2):
        with here.app.database.reading() as connection:
            found.append(login_counts.of_all(here.app, connection))
        login_counts.count_new(here.app, most=4)
    assert sum(day.logins for day in found[0].days) == len(logins) > 0
    assert found[0] == found[1]


def test_audit_chain_is_valid_after_an_upgrade(kept: tuple[Installation, dict[str, Any]]) -> None:
    """The MACs of events that are older than the chain or the node column stay valid."""
    here, known = kept
    found = audit_log.verify(here.app, CLI)
    assert (found.first_id > 1) is (known["schema"] == "0001")
    assert found.count == found.last_id - found.first_id + 1
    here.clock.advance(timedelta(days=402))
    # The first pruning leaves some events older than the chain, the second none.
    for _ in range(2):
        count = audit_log.prune(here.app, most=found.last_id - 4)
        assert count
        assert audit_log.verify(here.app, CLI).last_id > found.last_id


def test_events_of_schemas_before_0004_have_no_node(
    kept: tuple[Installation, dict[str, Any]],
) -> None:
    here, known = kept
    newest, *before = audit_log.page(here.app, CLI, AuditFilter(), 500)
    assert newest.event == "system.upgraded"
    assert newest.node
    assert {bool(e.node) for e in before} == {known["schema"] >= "0004"}
