"""The connection to SQLite or PostgreSQL: reading, writing, and what can go wrong.

SQLite: WAL, `synchronous=FULL`, foreign keys on, and BEGIN IMMEDIATE for each writing
transaction (a deferred one that turns to writing fails at once when somebody else committed
meanwhile). Writers of one process queue on a lock of ours first: SQLite's own waiting polls,
and 32 writers then take a second where the lock takes 40 ms. PostgreSQL: REPEATABLE READ where
nothing is written, so that what is read together belongs together; else READ COMMITTED, and
whoever changes an account locks its row first.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from watchword.domain.place_errors import DatabaseUnavailable, SettingsInvalid
from watchword.storage.data_version import DataVersion

__all__ = [
    "Connection",
    "Database",
    "insert_ignoring",
    "insert_into",
    "prepare_sqlite",
    "told_plainly",
    "url_for",
]

POOL: Final = 16
"""Connections, and threads that ask for them: with fewer of one, the other waits in vain."""
BUSY_SECONDS: Final = 3.5
"""Under the 4 s that keep a shutdown within its 10 s."""


class Database:
    """One engine. `reading()` and `writing()` give a connection in a transaction."""

    def __init__(self, url: URL, *, pool: int = POOL, is_read_only: bool = False) -> None:
        """With `is_read_only` nothing is written, and no file is made or set up for writing."""
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if not self.is_sqlite:
            self.engine = _postgres_engine(url, pool, is_read_only=is_read_only)
        elif is_read_only:
            self.engine = _reading_sqlite_engine(Path(str(url.database)))
        else:
            self.engine = _sqlite_engine(url, pool)
        self._snapshots = self.engine
        if not self.is_sqlite:  # SQLite's transactions read one snapshot anyhow
            self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = threading.Lock()
        self.version = DataVersion(Path(str(url.database)) if self.is_sqlite else None)

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot, from the first statement; nothing written in it is kept. Raises
        DatabaseUnavailable.
        """
        with told_plainly(self.url), self._snapshots.connect() as connection:
            connection.exec_driver_sql("BEGIN") if self.is_sqlite else None
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits at the end, or not at all. Raises DatabaseUnavailable."""
        with told_plainly(self.url), self._one_writer(), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise DatabaseUnavailable(reason="busy", retry_after=2)
        try:
            yield
        finally:
            self._writer.release()

    def close(self) -> None:
        """Close all connections."""
        self.version.close()
        self.engine.dispose()


@contextmanager
def told_plainly(url: URL) -> Iterator[None]:
    """Turn the drivers' errors about the place, not about our SQL, into one refusal."""
    try:
        yield
    except exc.TimeoutError as error:
        raise DatabaseUnavailable(reason="busy", retry_after=2) from error
    except exc.DBAPIError as error:
        reason = _reason(error)
        if reason is None:
            raise
        if reason == _UNKNOWN and url.get_backend_name() == "sqlite":
            reason = _of_the_disk(Path(str(url.database)).parent)
        raise DatabaseUnavailable(reason=reason, retry_after=5) from error


_UNKNOWN: Final = "unreachable"
_LITTLE_ROOM: Final = 128 * 1024
_REASONS: Final = {
    "locked": "busy",
    "lock timeout": "busy",
    "statement timeout": "busy",
    "deadlock": "busy",
    "readonly": "read-only",
    "read-only": "read-only",
    "disk is full": "disk-full",
    "no space": "disk-full",
    "malformed": "damaged",
    "not a database": "damaged",
}


def _reason(error: exc.DBAPIError) -> str | None:
    """Return what is the matter with the place; None when it is the statement.

    A damaged SQLite file and a read-only PostgreSQL come as kinds of error that other things
    come as too: these are known by their words, which no value of ours can be in.
    """
    text = str(error.orig).casefold()
    known = next((reason for word, reason in _REASONS.items() if word in text), None)
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        return known or _UNKNOWN
    is_general = isinstance(error, exc.InternalError) or type(error) is exc.DatabaseError
    return known if is_general else None


def _of_the_disk(folder: Path) -> str:
    """Return what is the matter with SQLite's folder, where SQLite itself only knows that a
    file cannot be opened or written.
    """
    try:
        found = os.statvfs(folder)
    except OSError:
        return _UNKNOWN
    if found.f_flag & os.ST_RDONLY:
        return "read-only"
    return "disk-full" if found.f_bavail * found.f_frsize < _LITTLE_ROOM else _UNKNOWN


def insert_ignoring(connection: Connection, table: sa.Table, **values: Any) -> int:
    """Insert a row unless its key is taken. Returns how many were inserted: 0 or 1."""
    inserting = insert_into(connection, table).values(**values).on_conflict_do_nothing()
    return int(connection.execute(inserting).rowcount)


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """Return the database's own INSERT, which knows ON CONFLICT.

    The dialects are imported here: loading PostgreSQL's costs every SQLite start 40 ms.
    """
    insert: Any
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(table)


def url_for(database_url: str, data_dir: Path) -> URL:
    """Return the URL of the settings' database: SQLite in the data folder when none is named.

    Raises SettingsInvalid for anything but PostgreSQL, and for what no driver would take: told
    without what stands there, in which there may be a password.
    """
    if not database_url:
        return URL.create("sqlite", database=str(data_dir / "watchword.db"))
    try:
        url = make_url(database_url)
    except (exc.ArgumentError, ValueError):
        raise SettingsInvalid(where="database_url", problem="not-a-url") from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise SettingsInvalid(where="database_url", problem="not-postgresql")
    _demand_known_options(url)
    return url.set(drivername="postgresql+psycopg")


def _demand_known_options(url: URL) -> None:
    """Raise SettingsInvalid for an option that libpq does not know; only it knows them all."""
    from psycopg import ProgrammingError, conninfo

    try:
        conninfo.make_conninfo("", **dict.fromkeys(url.query, "1"))
    except ProgrammingError as error:
        reason = str(error).strip()
        raise SettingsInvalid(where="database_url", problem="unusable", reason=reason) from None


def _sqlite_engine(url: URL, pool: int) -> Engine:
    # For its owner alone from the first moment; SQLite gives its other files the same mode.
    with contextlib.suppress(OSError):
        Path(str(url.database)).touch(mode=0o600)
    engine = sa.create_engine(
        url,
        hide_parameters=True,  # an error's text must not quote what somebody typed
        poolclass=sa.pool.QueuePool,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=3,
        connect_args={
            "timeout": BUSY_SECONDS,
            "check_same_thread": False,
            # The driver opens no transactions of its own; `reading` and `writing` do.
            "isolation_level": None,
        },
    )
    sa.event.listen(engine, "connect", prepare_sqlite)
    return engine


def _reading_sqlite_engine(path: Path) -> Engine:
    # Where there is no write-ahead log the file is all there is; told so by "immutable", SQLite
    # makes no files beside it.
    log = path.with_name(f"{path.name}-wal")
    mode = "mode=ro" if os.access(log, os.F_OK) else "mode=ro&immutable=1"
    uri = f"file:{quote(str(path))}?{mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)

    return sa.create_engine(
        "sqlite://", creator=connect, poolclass=sa.pool.NullPool, hide_parameters=True
    )


def prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry | None) -> None:
    """Set up one SQLite connection."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


_SILENT_PEER: Final = {
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""A host or a network that is gone says nothing, and Linux waits for it for a quarter of an hour,
with a connection of the pool for each request that asked. A statement takes 4 s at most."""


def _postgres_engine(url: URL, pool: int, *, is_read_only: bool) -> Engine:
    reading = " -c default_transaction_read_only=on" if is_read_only else ""
    return sa.create_engine(
        url,
        hide_parameters=True,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=3,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            **_SILENT_PEER,
            "application_name": "watchword",
            "options": "-c lock_timeout=3500 -c statement_timeout=4000"
            " -c idle_in_transaction_session_timeout=30000" + reading,
        },
    )
