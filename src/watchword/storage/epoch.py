"""The epoch: a number that changes when something changes that a cached answer depends on.

Triggers of the database raise it (migrations/epoch_triggers.py). So every process sees a
change with its next request, also one by SQL that an operator types.

A transaction reads it with `get`. To compare it again costs no transaction: SQLite reports within
microseconds whether anything was committed, and PostgreSQL is asked on a connection of its own
that never blocks the caller.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.storage import postgres
from watchword.storage.schema import epoch

if TYPE_CHECKING:
    from psycopg import pq

_QUERY: Final = "SELECT n FROM epoch"
_get: Final = sa.select(epoch.c.n)


def get(connection: Connection) -> int:
    """Return the epoch of the transaction's snapshot. Raises DatabaseUnavailable."""
    return demanded(connection.execute(_get).scalar())


def demanded(found: int | None) -> int:
    """Return the epoch that was read. Raises DatabaseUnavailable without it: the row was deleted,
    and the triggers no longer report changes.
    """
    if found is None:
        raise DatabaseUnavailable(reason="no-epoch", said="the table epoch is empty")
    return int(found)


class SqliteEpoch:
    """The epoch of a SQLite file, on a connection that has no other use: SQLite counts the commits
    of *other* connections (`PRAGMA data_version`). The row is read only after a commit.
    """

    def __init__(self, path: Path) -> None:
        self._path: Path | None = path
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()
        self._version = self._epoch = -1

    def now(self) -> int | None:
        """Return the epoch, or None while the file is locked. It never waits."""
        with self._one_at_a_time:
            try:
                connection = self._connection or self._connect()
                # Before the row: a commit between the two is noticed at the next call.
                (version,) = connection.execute("PRAGMA data_version").fetchone()
                if version != self._version:
                    (self._epoch,) = connection.execute(_QUERY).fetchone()
                    self._version = version
            except (sqlite3.Error, TypeError):  # TypeError: the row was deleted
                self._version = -1
                return None
            return self._epoch

    def _connect(self) -> sqlite3.Connection:
        """Raises sqlite3.Error when it was closed."""
        if self._path is None:
            raise sqlite3.ProgrammingError
        uri = f"file:{quote(str(self._path))}?mode=ro"
        self._connection = sqlite3.connect(
            uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False
        )
        return self._connection

    def close(self) -> None:
        """Close the connection; `now` returns None from then on. A new connection would count from
        another number, which could equal an older one by chance.
        """
        with self._one_at_a_time:
            self._path = None
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class EpochUnknown(Exception):  # noqa: N818 - states what is missing
    """The connection that reads the epoch is lost."""


@contextlib.contextmanager
def _known() -> Iterator[None]:
    from psycopg import Error

    try:
        yield
    except Error as error:
        raise EpochUnknown from error


class PostgresEpoch:
    """The epoch of a PostgreSQL database, one query at a time, without waiting.

    The caller waits until `fileno` can be read, then calls `receive`.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._connection: pq.abc.PGconn | None = None
        self._found: int | None = None
        self._is_closed = False
        self.fileno: int | None = None
        """The number of its socket; None while it is not connected."""
        self.shared: object = None
        """The reader that shares the connection among requests (web/http/shared_epoch.py)."""

    def connect(self) -> bool:
        """Connect, which may take seconds. Returns whether it is connected."""
        from psycopg import conninfo, pq

        self.disconnect()
        parameters = {**postgres.DEFAULTS, **postgres.conninfo_of(self._url)}
        made = pq.PGconn.connect(conninfo.make_conninfo("", **parameters).encode())
        if self._is_closed or made.status != pq.ConnStatus.OK:
            made.finish()
            return False
        made.nonblocking = 1
        self._connection, self.fileno = made, made.socket
        return True

    def send(self) -> None:
        """Send the query. It sees everything that was committed before. Raises EpochUnknown."""
        if self._connection is None:
            raise EpochUnknown
        with _known():
            # Without parameters and preparation, so that it also works through a pooler.
            self._connection.send_query(_QUERY.encode())
            self._connection.flush()

    def receive(self) -> tuple[bool, int | None]:
        """Return whether the answer is complete, and the epoch; None for an answer without one.
        Raises EpochUnknown.
        """
        connection = self._connection
        if connection is None:
            raise EpochUnknown
        with _known():
            connection.consume_input()
            while not connection.is_busy():
                result = connection.get_result()
                if result is None:
                    found, self._found = self._found, None
                    return True, found
                value = result.get_value(0, 0) if result.ntuples == 1 else None
                self._found = int(value) if value is not None else None
        return False, None

    def disconnect(self) -> None:
        """Close the connection; `connect` opens another one."""
        connection, self._connection, self.fileno = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.finish()

    def close(self) -> None:
        """Close it for good."""
        self._is_closed = True
        self.disconnect()
