"""The epoch: changes that raise it, changes that do not, and how it is read."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from tests.support.acts import BY_CLI, CLI, PASSWORD, Acts
from tests.support.installation import Installation
from watchword.cli.doctor_messages import sentence
from watchword.domain.api_password import OVERLAPS
from watchword.domain.mfa import Event
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.domain.sessions import TOUCH_INTERVAL
from watchword.storage import epoch, postgres, schema
from watchword.storage.database import Connection
from watchword.storage.epoch import PostgresEpoch, SqliteEpoch
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.operations import maintenance, metrics
from watchword.usecases.operations.data_checks import examine_data

NOTED = {
    "administrators": {
        "last_login_at", "last_login_address", "seen_event_id", "language", "time_zone", "browser_time_zone",
    },
    "api_passwords": {
        "last_used_at", "last_used_address", "last_used_client", "regular_used_at",
        "regular_used_address",
    },
    "old_api_passwords": {"last_used_at", "last_used_address", "last_used_client"},
    "authenticators": {"last_step", "last_used_at"},
}  # fmt: skip
"""Columns that no cached answer depends on. A new column raises the epoch, or is named here."""
WATCHED = [schema.metadata.tables[name] for name in NOTED]
of_sqlite = pytest.mark.parametrize("here", ["sqlite"], indirect=True)
of_postgres = pytest.mark.parametrize("here", ["postgresql"], indirect=True)


def now(here: Installation) -> int:
    with here.app.database.reading() as connection:
        return epoch.get(connection)


@contextmanager
def typed(here: Installation) -> Iterator[Connection]:
    """A transaction of another client, as an operator types it."""
    with closing(here.reopened()) as other, other.database.writing() as connection:
        yield connection


def test_deleted_row_is_an_outage_that_the_doctor_explains(
    acts: Acts, caplog: pytest.LogCaptureFixture
) -> None:
    key = acts.generate_api_password(acts.login())
    acts.app.database.outage.log_by(time.monotonic)
    with typed(acts.here) as connection:
        connection.exec_driver_sql("DELETE FROM epoch")
    for credential in (key, PASSWORD):
        with pytest.raises(DatabaseUnavailable):
            acts.call_api(credential)
    [logged] = [r.message for r in caplog.records if "no-epoch" in r.message]
    assert logged.startswith("the database cannot be used (no-epoch: the table epoch is empty);")
    found = next(f for f in examine_data(acts.here.settings, acts.here.clock.now())
                 if f.check == "database")  # fmt: skip
    assert "INSERT INTO epoch (id, n) VALUES (1, 1);" in sentence(found)
    with typed(acts.here) as connection:
        connection.exec_driver_sql("INSERT INTO epoch (id, n) VALUES (1, 1)")
    acts.call_api(key)


def is_raised_by(here: Installation, *statements: str) -> bool:
    before = now(here)
    with typed(here) as connection:
        for each in statements:
            connection.exec_driver_sql(each)
    return now(here) != before


def test_sql_that_changes_a_watched_column_raises_the_epoch(acts: Acts) -> None:
    acts.activate()
    for _ in range(2):  # the second one keeps the first one for a while
        api_password.generate_by_operator(acts.app, CLI, "alice", OVERLAPS[-1])
    raised = {
        table.name: {c.name for c in table.c if is_raised_by(
            acts.here, f"UPDATE {table.name} SET {c.name} = {c.name}")}
        for table in WATCHED
    }  # fmt: skip
    assert raised == {t.name: {c.name for c in t.c} - NOTED[t.name] for t in WATCHED}


def test_sql_that_deletes_or_inserts_a_row_raises_the_epoch(acts: Acts) -> None:
    acts.activate()
    here = acts.here
    for table in ("authenticators", "api_passwords"):
        copied = f"CREATE TEMPORARY TABLE kept AS SELECT * FROM {table}"
        filled = f"INSERT INTO {table} SELECT * FROM kept"
        assert is_raised_by(here, copied, f"DELETE FROM {table}")
        with typed(here) as connection:
            for each in (copied, "DELETE FROM kept"):
                connection.exec_driver_sql(each)
        assert not is_raised_by(here, copied, filled)  # no row
    assert is_raised_by(here, "DELETE FROM sessions")
    assert is_raised_by(here, "DELETE FROM administrators")


ADMISSIONS = (
    "INSERT INTO applications VALUES (1, 'Wiki', 'wiki', TRUE, 'mfa', TRUE, FALSE, NULL, 60, 60, FALSE)",
    "INSERT INTO application_hosts (host, application_id) VALUES ('wiki.example', 1)",
    "INSERT INTO application_public_paths VALUES (1, '/public/')",
    "INSERT INTO application_groups VALUES (1, 'staff')",
    "INSERT INTO application_accounts SELECT 1, id FROM administrators",
    "INSERT INTO account_groups SELECT id, 'staff' FROM administrators",
)


def test_sql_that_changes_who_may_enter_an_application_raises_the_epoch(acts: Acts) -> None:
    here = acts.here
    for inserted in ADMISSIONS:
        assert is_raised_by(here, inserted), inserted
    changed = "UPDATE applications SET is_enabled = FALSE"
    renamed = "UPDATE account_groups SET name = 'other'"
    promoted = "UPDATE administrators SET role = 'member'"
    for change in (changed, renamed, promoted, "DELETE FROM account_groups",
                   "DELETE FROM application_groups", "DELETE FROM applications"):  # fmt: skip
        assert is_raised_by(here, change), change


@of_sqlite
def test_sql_that_replaces_a_row_raises_the_epoch(acts: Acts) -> None:
    """SQLite runs no trigger of the deletion then, only that of the insertion."""
    for table in ("api_passwords", "administrators"):
        assert is_raised_by(acts.here, f"REPLACE INTO {table} SELECT * FROM {table}")


@of_postgres
def test_truncating_a_table_raises_the_epoch(acts: Acts) -> None:
    assert is_raised_by(acts.here, "TRUNCATE api_passwords")
    assert is_raised_by(acts.here, "TRUNCATE administrators CASCADE")


@of_postgres
def test_sql_with_another_search_path_raises_the_epoch(acts: Acts) -> None:
    assert is_raised_by(
        acts.here, "SET LOCAL search_path = ''", "UPDATE public.administrators SET cred_ver = 7"
    )


def test_change_that_is_rolled_back_does_not_raise_the_epoch(acts: Acts) -> None:
    before = now(acts.here)
    with acts.app.database.trying() as connection:
        connection.execute(schema.administrators.update().values(is_disabled=True))
        assert epoch.get(connection) != before or not acts.app.database.is_sqlite
    assert now(acts.here) == before


def test_every_change_of_an_account_raises_the_epoch(acts: Acts) -> None:
    bob = Acts(acts.here, "bob")
    bob.login()
    changes: list[Callable[[], object]] = [
        lambda: api_password.generate_by_operator(acts.app, CLI, "bob"),
        lambda: other_credentials.revoke_api_password(acts.app, BY_CLI, "bob"),
        lambda: other_credentials.change_mfa(acts.app, BY_CLI, "bob", Event.ENABLE),
        bob.login,  # enrols
        lambda: other_credentials.end_sessions(acts.app, BY_CLI, "bob"),
        lambda: other_credentials.change_mfa(acts.app, BY_CLI, "bob", Event.RESET),
        lambda: other_accounts.change(acts.app, BY_CLI, "bob", full_name="Bob"),
        lambda: other_accounts.disable(acts.app, BY_CLI, "bob"),
        lambda: other_accounts.delete(acts.app, BY_CLI, "bob"),
    ]
    for number, change in enumerate(changes):
        before = now(acts.here)
        change()
        assert now(acts.here) != before, number


def test_logins_checks_and_monitoring_do_not_raise_the_epoch(acts: Acts) -> None:
    password = api_password.generate_by_operator(acts.app, CLI, "alice").reveal()
    acts.activate()
    before = now(acts.here)
    for _ in range(3):
        acts.login()
        acts.here.clock.advance(TOUCH_INTERVAL)
        acts.call_api(password)
        with pytest.raises(Exception):  # noqa: B017, PT011 - refused, whatever the reason
            acts.password("wrong wrong wrong")
        maintenance.demand_ready(acts.app)
        metrics.count(acts.app, CLI)
        maintenance.sweep(acts.app)
    assert now(acts.here) == before


@of_postgres
def test_raising_the_epoch_does_not_delay_changes_of_other_accounts(acts: Acts) -> None:
    """The row is locked at the end of a transaction only, so no order of locks can deadlock."""
    acts.create("bob")
    change = "UPDATE administrators SET cred_ver = cred_ver + 1 WHERE username = %s"
    with psycopg.connect(acts.here.settings.database_url) as one, one.cursor() as cursor:
        cursor.execute(change, ["alice"])
        with psycopg.connect(acts.here.settings.database_url) as other:
            other.execute("SET lock_timeout = '2s'")
            other.execute(change, ["bob"])


@of_postgres
def test_one_transaction_raises_the_epoch_once(acts: Acts) -> None:
    for name in ("bob", "carol", "dave"):
        acts.create(name)
    before = now(acts.here)
    assert is_raised_by(acts.here, "UPDATE administrators SET cred_ver = cred_ver + 1")
    assert now(acts.here) == before + 1


@of_postgres
def test_migration_may_alter_a_table_after_changing_its_rows(acts: Acts) -> None:
    """PostgreSQL refuses it while a deferred trigger waits."""
    with acts.app.database.engine.connect() as connection:
        connection.exec_driver_sql(postgres.MIGRATING)
        connection.execute(schema.administrators.update().values(cred_ver=9))
        connection.exec_driver_sql("ALTER TABLE administrators ADD COLUMN more text")
        connection.rollback()


@of_sqlite
def test_sqlite_epoch_follows_the_row_until_it_is_closed(acts: Acts) -> None:
    read = acts.app.database.epoch
    assert isinstance(read, SqliteEpoch)
    assert read.now() == now(acts.here)
    api_password.generate_by_operator(acts.app, CLI, "alice")
    assert read.now() == now(acts.here)
    with sqlite3.connect(str(acts.app.database.url.database)) as other:
        other.execute("UPDATE administrators SET is_disabled = 1")
    assert read.now() == now(acts.here)
    read.close()
    assert read.now() is None


@of_sqlite
def test_sqlite_epoch_is_unknown_without_its_row(acts: Acts) -> None:
    read = acts.app.database.epoch
    assert isinstance(read, SqliteEpoch)
    read.now()
    with acts.app.database.writing() as connection:
        connection.execute(sa.delete(schema.epoch))
    assert read.now() is None


@of_postgres
def test_postgresql_epoch_is_unknown_once_the_connection_is_lost(acts: Acts) -> None:
    read = acts.app.database.epoch
    assert isinstance(read, PostgresEpoch)
    assert read.fileno is None
    assert read.connect()
    assert asked(read) == now(acts.here)
    url = acts.here.settings.database_url
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(epoch.EpochUnknown):
        asked(read)
    read.close()
    assert not read.connect()


def asked(read: PostgresEpoch) -> int | None:
    read.send()
    for _ in range(2000):
        is_complete, number = read.receive()
        if is_complete:
            return number
        threading.Event().wait(0.005)
    raise AssertionError("no answer")
