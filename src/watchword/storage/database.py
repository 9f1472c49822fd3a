"""Connections to SQLite or PostgreSQL, with transactions for reading and for writing.

SQLite: WAL, `synchronous=FULL`, foreign keys on, and BEGIN IMMEDIATE for writing. A deferred
transaction fails at its first write when another process has committed meanwhile. Writers of one
process wait for a lock of this module first: SQLite waits by polling, and 32 writers then take a
second instead of 40 ms.

PostgreSQL: REPEATABLE READ for reading, so that all statements see one snapshot. READ COMMITTED
for writing; a change of an account locks its row first.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVarTuple
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.pool import ConnectionPoolEntry

from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.storage import postgres
from watchword.storage.database_errors import UNREACHABLE, refusal_of
from watchword.storage.epoch import PostgresEpoch, SqliteEpoch
from watchword.storage.outage import Outage

__all__ = [
    "Connection",
    "Database",
    "insert_ignoring",
    "insert_into",
    "prepare_sqlite",
    "streamed",
    "url_for",
]

Ts = TypeVarTuple("Ts")

POOL: Final = 16
"""Connections, and worker threads that use them. With fewer connections than threads, threads
wait for one and fail."""
BUSY_SECONDS: Final = 3.5
"""Less than the 4 s after which a shutdown could exceed its 10 s."""
RETRY_SECONDS: Final = 0.01
"""Between two attempts to switch a new SQLite file to WAL."""
STREAMED: Final = 1000
"""Rows of a long result that are in memory together."""
NOTE_SECONDS: Final = 0.1
"""How long a note waits for a lock, so that it does not delay a request noticeably."""


class Database:
    """One engine. `reading()` and `writing()` give a connection in a transaction."""

    def __init__(self, url: URL, *, pool: int = POOL, is_read_only: bool = False) -> None:
        """With `is_read_only` no row is written, and no file is created or prepared for writing."""
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        # Each transaction of SQLite reads one snapshot.
        self._begin_reading, self._begin_writing = "BEGIN", "BEGIN IMMEDIATE"
        self._begin_note = self._begin_writing
        if not self.is_sqlite:
            self._begin_reading = postgres.READ_ONLY if is_read_only else postgres.READING
            self._begin_writing = postgres.READ_ONLY if is_read_only else postgres.WRITING
            self._begin_note = postgres.NOTE
            self.engine = postgres.engine(
                url, pool_size=pool, max_overflow=0, pool_timeout=3, pool_pre_ping=True
            )
        elif is_read_only:
            self.engine = _reading_sqlite_engine(Path(str(url.database)))
        else:
            self.engine = _sqlite_engine(url, pool)
        self._writer = threading.Lock()
        self.outage = Outage()
        self.epoch = SqliteEpoch(Path(str(url.database))) if self.is_sqlite else PostgresEpoch(url)

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot, from the first statement. It is rolled back at the end. Raises
        DatabaseUnavailable.
        """
        with self.guarded(is_writing=False), self.engine.connect() as connection:
            connection.exec_driver_sql(self._begin_reading)
            self.outage.worked(is_writing=False)
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end; an exception rolls it back. Raises
        DatabaseUnavailable.
        """
        with self.guarded(), self._one_writer(BUSY_SECONDS), self.engine.connect() as connection:
            with _transaction(connection, self._begin_writing):
                yield connection
            self.outage.worked(is_writing=True)

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A transaction to find out whether the database accepts writes. It is rolled back at the
        end, but commits while writes fail: only a commit shows that they work again. Raises
        DatabaseUnavailable.
        """
        if self.outage.is_of_writing:
            with self.writing() as connection:
                yield connection
            return
        with self.guarded(), self._one_writer(BUSY_SECONDS), self.engine.connect() as connection:
            connection.exec_driver_sql(self._begin_writing)
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """A transaction for values that only inform. It waits for a lock at most NOTE_SECONDS, and
        its failure is no outage. Raises DatabaseUnavailable.
        """
        with (
            self.guarded(is_note=True),
            self._one_writer(NOTE_SECONDS),
            self.engine.connect() as connection,
            _short_wait(connection) if self.is_sqlite else contextlib.nullcontext(),
            _transaction(connection, self._begin_note),
        ):
            yield connection

    @contextmanager
    def guarded(self, *, is_writing: bool = True, is_note: bool = False) -> Iterator[None]:
        """Raise DatabaseUnavailable for the drivers' errors that our SQL has not caused."""
        try:
            yield
        except DatabaseUnavailable as damaged:  # a row that must exist was deleted
            self.outage.failed(damaged, is_writing=is_writing)
            raise
        except exc.SQLAlchemyError as error:
            refusal = refusal_of(error, self.url)
            if refusal is None:
                raise
            if not is_note:
                self._explain(refusal, error)
                self.outage.failed(refusal, is_writing=is_writing)
            raise refusal from error

    def _explain(self, refusal: DatabaseUnavailable, error: exc.SQLAlchemyError) -> None:
        """Find out why PostgreSQL is unreachable, once for each outage: it takes a connection."""
        is_of_interest = refusal.facts["reason"] == UNREACHABLE and self.outage.begins()
        if not self.is_sqlite and is_of_interest:
            from watchword.storage import failed_connection

            refusal.facts.update(failed_connection.facts(self.url, error))

    @contextmanager
    def _one_writer(self, seconds: float) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=seconds):
            raise exc.TimeoutError
        try:
            yield
        finally:
            self._writer.release()

    def disconnect(self) -> None:
        """Close the idle connections before a fork, which must not share them. New ones are opened
        when needed.
        """
        self.engine.dispose()

    def close(self) -> None:
        """Close all connections."""
        self.epoch.close()
        self.engine.dispose()


@contextmanager
def _transaction(connection: Connection, begin: str) -> Iterator[None]:
    connection.exec_driver_sql(begin)
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _short_wait(connection: Connection) -> Iterator[None]:
    """Limit SQLite's waiting for another process's lock to that of a note."""
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {NOTE_SECONDS * 1000:.0f}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")


def insert_ignoring(connection: Connection, table: sa.Table, values: Mapping[str, object]) -> int:
    """Insert a row unless one with its key exists. Returns how many were inserted: 0 or 1."""
    inserting = insert_into(connection, table).values(values).on_conflict_do_nothing()
    return int(connection.execute(inserting).rowcount)


def streamed(connection: Connection, query: sa.Select[*Ts]) -> Iterator[sa.Row[*Ts]]:
    """Yield the rows of a query whose result may be long. Few of them are in memory."""
    options = {"yield_per": STREAMED}
    with connection.execute(query, execution_options=options) as result:
        yield from result


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """Return the INSERT of the connection's dialect, which supports ON CONFLICT.

    The dialect is imported here: importing that of PostgreSQL takes 40 ms at each start.
    """
    insert: Any
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(table)


def url_for(database_url: str, data_dir: Path) -> URL:
    """Return the URL of the database: SQLite in the data folder when `database_url` is empty.
    Raises SettingsInvalid.
    """
    if database_url:
        return postgres.url_for(database_url)
    return URL.create("sqlite", database=str(data_dir / "watchword.db"))


def _sqlite_engine(url: URL, pool: int) -> Engine:
    # Created for its owner only; SQLite gives its other files the same mode.
    with contextlib.suppress(OSError):
        Path(str(url.database)).touch(mode=0o600)
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # the text of an error must not quote typed values
        poolclass=sa.pool.QueuePool,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=3,
        connect_args={
            "timeout": BUSY_SECONDS,
            "check_same_thread": False,
            # The driver begins no transactions; `reading` and `writing` do.
            "isolation_level": None,
        },
    )
    sa.event.listen(engine, "connect", prepare_sqlite)
    return engine


def _reading_sqlite_engine(path: Path) -> Engine:
    # Without a write-ahead log the file is complete. With "immutable" SQLite then creates no files
    # next to it.
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if os.access(log, os.F_OK) else "mode=ro&immutable=1"
    uri = f"file:{quote(str(path))}?{mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)

    return sa.create_engine(
        "sqlite://", creator=connect, poolclass=sa.pool.NullPool, hide_parameters=True
    )


def prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry | None) -> None:
    """Set the pragmas of a SQLite connection."""
    _use_wal(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. A switch turns a read lock into a write lock, and SQLite fails
    that step immediately, whatever the timeout, while another connection writes or switches.
    """
    connection.execute("PRAGMA busy_timeout = 0")  # the attempts below do the waiting
    for more in reversed(range(round(BUSY_SECONDS / RETRY_SECONDS))):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if not more or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        time.sleep(RETRY_SECONDS)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
