"""Detection of commits to a SQLite database, by any process."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote


class DataVersion:
    """A number that changes with each commit to a SQLite file; reading it takes microseconds.

    SQLite counts the commits of *other* connections (`PRAGMA data_version`), so this connection
    has no other use. Reading never waits: the number is None while the file is locked, and always
    on PostgreSQL, which has no such number.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()

    def now(self) -> int | None:
        """Return the number. Two equal numbers mean that nothing was committed in between."""
        with self._one_at_a_time, contextlib.suppress(sqlite3.Error):
            if self._path is None:
                return None
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"file:{quote(str(self._path))}?mode=ro", uri=True, timeout=0, isolation_level=None,
                    check_same_thread=False,
                )  # fmt: skip
            found = self._connection.execute("PRAGMA data_version").fetchone()
            return int(found[0])
        return None

    def close(self) -> None:
        """Close the connection; `now` returns None from then on. A new connection would count from
        another number, which could equal an older one by chance.
        """
        with self._one_at_a_time:
            self._path = None
            if self._connection is not None:
                self._connection.close()
                self._connection = None
