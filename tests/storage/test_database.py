"""The database: opening, locks, migrations, keyrings of other installations, single use."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from tests.support.acts import Acts
from tests.support.clock import MovableClock
from tests.support.installation import CHEAP, Installation, settings_for
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.crypto import keyring
from watchword.domain.mfa import Mfa, Status
from watchword.domain.operational_errors import (
    DatabaseUnavailable,
    KeyForeign,
    KeyMissing,
    PlaceUnusable,
    SchemaForeign,
    SettingsInvalid,
)
from watchword.domain.throttle import Kind, Throttle
from watchword.storage import administrators, authenticators, migrate, throttles
from watchword.storage.database import Database, url_for
from watchword.storage.schema import REVISION, Instant, metadata
from watchword.storage.schema import authenticators as table

NODES = 4
PATIENCE = 30
"""Seconds that a thread waits for the others. Without a limit a failed thread blocks the rest."""
sqlite_only = pytest.mark.parametrize("here", ["sqlite"], indirect=True)


def test_an_error_of_the_database_quotes_no_parameter(here: Installation) -> None:
    """The text of an error can be logged: it contains no typed value."""
    statement = sa.text("INSERT INTO nowhere (word) VALUES (:word)")
    with here.app.database.engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError) as failed:
            connection.execute(statement, {"word": "canary"})
    assert "nowhere" in str(failed.value)
    assert "canary" not in str(failed.value)


def test_the_migrations_build_the_tables_of_the_schema(
    here: Installation, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Columns, types, keys, uniqueness and indexes, compared as the database reports them."""
    url = ""
    if not here.app.database.is_sqlite:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database())
    with closing(Database(url_for(url, tmp_path))) as built:
        with built.writing() as connection:
            _state_conditions_for_postgresql()
            metadata.create_all(connection)
        migrated, declared = sa.inspect(here.app.database.engine), sa.inspect(built.engine)
        names = set(migrated.get_table_names()) - {"alembic_version"}
        assert names == set(declared.get_table_names())
        for name in names:
            assert _described(migrated, name) == _described(declared, name)


def _state_conditions_for_postgresql() -> None:
    for index in (each for found in metadata.tables.values() for each in found.indexes):
        if (where := index.dialect_options["sqlite"]["where"]) is not None:
            index.dialect_options["postgresql"]["where"] = where


def _described(inspector: sa.Inspector, table: str) -> object:
    columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
    indexes = inspector.get_indexes(table)
    return (
        sorted(columns),
        inspector.get_pk_constraint(table),
        sorted(map(repr, inspector.get_foreign_keys(table))),
        sorted(repr(u["column_names"]) for u in inspector.get_unique_constraints(table)),
        sorted(repr((i["name"], i["column_names"], i["unique"])) for i in indexes),
    )


def test_the_revision_constant_is_the_newest_migration(here: Installation) -> None:
    from watchword.storage.migrations.runner import known_revisions

    assert REVISION in known_revisions()
    assert migrate.stored_revision(here.app.database) == REVISION


@sqlite_only
def test_sqlite_is_opened_for_safety(here: Installation) -> None:
    with here.app.database.reading() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {p}").scalar()
                for p in ("journal_mode", "synchronous", "foreign_keys")]  # fmt: skip
    assert found == ["wal", 2, 1]


def test_opening_a_new_sqlite_file_waits_for_the_connection_that_locks_it(tmp_path: Path) -> None:
    """SQLite does not wait for the lock when it switches a file to WAL."""
    path = tmp_path / "watchword.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        ending = threading.Timer(0.5, other.execute, ["COMMIT"])
        ending.start()
        try:
            with closing(Database(url_for("", tmp_path), pool=1)) as database:
                with database.reading() as connection:
                    assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        finally:
            ending.join(PATIENCE)


def test_a_new_sqlite_file_that_stays_locked_is_reported_as_busy(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "watchword.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(Database(url_for("", tmp_path), pool=1)) as database:
            with pytest.raises(DatabaseUnavailable) as refused, database.reading():
                pass
    assert refused.value.facts["reason"] == "busy"


def test_statements_of_a_reading_transaction_see_one_moment(here: Installation) -> None:
    with here.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, "1") == Throttle()
        with closing(here.reopened()) as other, other.database.writing() as writing:
            throttles.exchange(writing, Kind.CODE, "1", seen=Throttle(), new=Throttle(failures=1))
        assert throttles.get(connection, Kind.CODE, "1") == Throttle()
    with here.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, "1") == Throttle(failures=1)


@sqlite_only
def test_a_writing_transaction_holds_the_database_from_its_first_moment(here: Installation) -> None:
    """A deferred transaction fails at its first write after another commit."""
    with here.app.database.writing():
        with closing(sqlite3.connect(here.folder / "watchword.db", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")


@sqlite_only
def test_database_that_another_process_locks_is_reported_as_busy(here: Installation) -> None:
    with closing(sqlite3.connect(here.folder / "watchword.db", timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable) as refused, here.app.database.writing():
            pass
        assert refused.value.facts["reason"] == "busy"
        with here.app.database.reading() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_pool_without_a_free_connection_is_reported_as_busy(here: Installation) -> None:
    url = url_for(here.settings.database_url, here.settings.data_dir)
    with closing(Database(url, pool=1)) as database, database.reading():
        with pytest.raises(DatabaseUnavailable) as refused, database.reading():
            pass
    assert refused.value.facts["reason"] == "busy"


def test_failed_writing_transaction_changes_nothing(here: Installation) -> None:
    def fails() -> None:
        one = Throttle(failures=1)
        with here.app.database.writing() as connection:
            throttles.exchange(connection, Kind.CODE, "1", seen=Throttle(), new=one)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fails()
    with here.app.database.reading() as connection:
        assert throttles.get(connection, Kind.CODE, "1") == Throttle()


def test_times_keep_their_microseconds_and_need_a_zone() -> None:
    now = MovableClock().now() + timedelta(microseconds=123457)
    dialect = sa.create_engine("sqlite://").dialect
    stored = Instant().process_bind_param(now, dialect)
    assert Instant().process_result_value(stored, dialect) == now
    with pytest.raises(ValueError, match="zone"):
        Instant().process_bind_param(now.replace(tzinfo=None), dialect)


@sqlite_only
def test_database_files_are_private(here: Installation) -> None:
    with here.app.database.writing():
        files = list(here.folder.glob("watchword.db*"))
        modes = {f.name: f.stat().st_mode & 0o777 for f in files}
    assert set(modes.values()) == {0o600}
    assert len(modes) >= 2


# --- migrations ------------------------------------------------------------------------------
@sqlite_only
def test_rebuilding_a_table_keeps_the_rows_that_belong_to_it(acts: Acts) -> None:
    """Alembic's batch mode drops the old table; with foreign keys on, SQLite would delete
    every row of a table that cascades from it.
    """
    acts.activate()
    with migrate._locked(acts.app.database) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("administrators", recreate="always") as batch:
            batch.add_column(sa.Column("motto", sa.Text, nullable=True))
    with acts.app.database.reading() as connection:
        for table in ("administrators", "authenticators", "api_passwords", "sessions"):
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert count == 1, table


@sqlite_only
def test_a_migration_that_leaves_orphans_is_undone(acts: Acts) -> None:
    with pytest.raises(RuntimeError, match="without their parent"):
        with migrate._locked(acts.app.database) as connection:
            connection.exec_driver_sql("DELETE FROM administrators")
    assert acts.account.username == "alice"


def test_newer_schema_is_refused_and_not_changed(here: Installation) -> None:
    with here.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for is_server in (True, False):
        with pytest.raises(SchemaForeign) as refused:
            bootstrap.open(here.settings, clock=here.clock, hashing=CHEAP, is_server=is_server)
        assert refused.value.facts == {"found": "9999", "expected": REVISION}


@sqlite_only
def test_the_command_line_refuses_an_older_schema_and_the_server_copies_it_first(
    here: Installation,
) -> None:
    database = here.app.database
    assert not migrate.upgrade(database)
    migrate._copy(here.folder / "watchword.db", "0000")
    copy = here.folder / "watchword.db.before-0000"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISION,)


@sqlite_only
def test_where_the_copy_cannot_be_written_nothing_is_migrated(here: Installation) -> None:
    copy = here.folder / "watchword.db.before-0001"
    copy.mkdir()
    with here.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(PlaceUnusable) as refused:
        migrate.upgrade(here.app.database)
    assert refused.value.facts["what"] == str(copy)
    assert migrate.stored_revision(here.app.database) == "0001"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_nodes_that_start_together_one_migrates(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """All nodes see an empty database. Each but the first finds the schema when it has the lock."""
    url = ""
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.new_database())
    start = threading.Barrier(NODES, timeout=PATIENCE)

    def node(_number: int) -> bool:
        with closing(Database(url_for(url, tmp_path), pool=1)) as database:
            assert migrate.stored_revision(database) is None
            start.wait()
            return migrate.upgrade(database)

    with ThreadPoolExecutor(NODES) as pool:
        assert sorted(pool.map(node, range(NODES))) == [False] * (NODES - 1) + [True]


# --- keys ------------------------------------------------------------------------------------
def reopen(here: Installation) -> None:
    bootstrap.open(here.settings, clock=here.clock, hashing=CHEAP).close()


def test_data_without_its_key_is_refused_and_gets_no_new_one(here: Installation) -> None:
    path = keyring.path_in(here.folder)
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(KeyMissing):
        reopen(here)
    assert not path.exists()


def test_keyring_of_another_installation_is_refused(here: Installation, tmp_path: Path) -> None:
    path = keyring.path_in(here.folder)
    path.unlink()
    keyring.create(path)
    with pytest.raises(KeyForeign):
        reopen(here)


def test_a_second_node_needs_the_first_ones_key(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.url(postgres_server.new_database())
    first, second = (settings_for(tmp_path / n, url) for n in ("first", "second"))
    bootstrap.open(first, hashing=CHEAP).close()
    with pytest.raises(KeyMissing):
        bootstrap.open(second, hashing=CHEAP)
    assert not keyring.path_in(tmp_path / "second").exists()
    shutil.copytree(tmp_path / "first" / "keys", tmp_path / "second" / "keys")
    bootstrap.open(second, hashing=CHEAP).close()


def test_the_keyring_is_for_its_owner_alone(here: Installation) -> None:
    path = keyring.path_in(here.folder)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


# --- the address -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y", "sqlite:///x", "nonsense", "http://x", "postgresql://[::1/x",
        "postgresql://h:port/x", "postgresql://h/x?sslmod=require",
    ],
)  # fmt: skip
def test_a_database_that_is_not_postgresql_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        url_for(url, Path("data"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@h/d",
        "postgres://u@h/d",
        "postgresql://u@/d?host=a&host=b&sslmode=verify-full&connect_timeout=3",
    ],
)
def test_postgresql_urls_use_psycopg(url: str) -> None:
    assert url_for(url, Path("data")).drivername == "postgresql+psycopg"


def test_database_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, f"postgresql://nobody@/none?host={tmp_path}")
    with pytest.raises(DatabaseUnavailable) as refused:
        bootstrap.open(settings, hashing=CHEAP)
    assert refused.value.facts["reason"] == "unreachable"


# --- single use ------------------------------------------------------------------------------
def test_a_step_is_claimed_once_and_never_one_before_it(acts: Acts) -> None:
    """The statement decides, not an earlier read. The time of the last use changes with it."""
    id_, now = acts.account.id, acts.here.clock.now()
    with acts.app.database.writing() as connection:
        authenticators.add_totp(connection, id_, b"sealed", used_step=3, now=now)
        found = authenticators.totp_of(connection, id_)
        assert found is not None
        claimed, times = [], []
        for step in (5, 5, 4, 6):
            now += timedelta(seconds=1)
            claimed.append(authenticators.claim_step(connection, found.id, step, now))
            times.append(connection.execute(sa.select(table.c.last_used_at)).scalar_one())
    assert claimed == [True, False, False, True]
    assert times == [now - timedelta(seconds=3)] * 3 + [now]


def test_an_account_has_one_totp_authenticator(acts: Acts) -> None:
    """The seal of a secret is bound to the account, so two rows could exchange their secrets."""

    def add() -> None:
        with acts.app.database.writing() as connection:
            now = acts.here.clock.now()
            authenticators.add_totp(connection, acts.account.id, b"sealed", used_step=3, now=now)

    add()
    with pytest.raises(sa.exc.IntegrityError):
        add()


def test_a_status_changes_only_from_the_one_that_was_seen(acts: Acts) -> None:
    before, to = acts.account.cred_ver, Mfa(Status.PENDING)
    with acts.app.database.writing() as connection:
        changed = [
            administrators.change_mfa(connection, acts.account.id, expected=Status.DISABLED, to=to)
            for _ in range(2)
        ]
    assert changed == [before + 1, None]


def test_a_change_waits_for_another_change_of_the_same_account(acts: Acts) -> None:
    """On PostgreSQL the account's row is locked first, on SQLite the database."""
    order: list[str] = []
    locked = threading.Event()

    def first() -> None:
        with acts.app.database.writing() as connection:
            administrators.get(connection, 1, for_change=True)
            locked.set()
            threading.Event().wait(0.3)
            order.append("first")

    def second() -> None:
        assert locked.wait(PATIENCE)
        with acts.app.database.writing() as connection:
            administrators.get(connection, 1, for_change=True)
            order.append("second")

    assert acts.account.id == 1
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda act: act(), (first, second)))
    assert order == ["first", "second"]


def test_a_throttle_is_exchanged_only_for_the_one_that_was_seen(acts: Acts) -> None:
    """Of two guesses that saw the same state, one gets the slot."""
    with acts.app.database.writing() as connection:
        done = [
            throttles.exchange(
                connection, Kind.CODE, "1", seen=Throttle(failures=seen), new=Throttle(failures=new)
            )
            for seen, new in ((0, 1), (0, 2), (1, 3), (1, 4))
        ]
        assert throttles.get(connection, Kind.CODE, "1") == Throttle(failures=3)
    assert done == [True, False, True, False]


def test_cleared_throttle_is_not_exchanged_for_the_one_that_was_seen(acts: Acts) -> None:
    """A guess that was reserved before an unlock leaves no trace after it."""
    with acts.app.database.writing() as connection:
        seen, new = Throttle(failures=1), Throttle(failures=2)
        assert not throttles.exchange(connection, Kind.CODE, "1", seen=seen, new=new)
        assert throttles.get(connection, Kind.CODE, "1") == Throttle()


@sqlite_only
@pytest.mark.parametrize("damage", [b"no database", b"SQLite format 3\0"])
def test_damaged_file_is_reported(here: Installation, damage: bytes) -> None:
    """SQLite raises DatabaseError for such a file, which is not an OperationalError."""
    here.app.close()
    (here.folder / "watchword.db").write_bytes(damage * 1000)
    with pytest.raises(DatabaseUnavailable) as refused:
        here.reopened()
    assert refused.value.facts["reason"] == "damaged"


def test_database_opened_for_reading_rejects_writes(here: Installation) -> None:
    url = url_for(here.settings.database_url, here.settings.data_dir)
    with closing(Database(url, pool=1, is_read_only=True)) as database:
        assert migrate.stored_revision(database) == REVISION
        with database.reading() as connection, pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text("DELETE FROM installation"))
