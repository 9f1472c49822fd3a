"""Whether anything at all has been committed meanwhile, by this process or another."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote


class DataVersion:
    """A number that changes with each commit to a SQLite file; it costs some microseconds.

    SQLite counts the commits of *other* connections (`PRAGMA data_version`), so this one is for
    nothing else. It never waits: what cannot be told at once is None, and so is everything on
    PostgreSQL, which has no such number.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = threading.Lock()

    def now(self) -> int | None:
        """Return the number; two that are equal say that nothing was committed in between."""
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
        """Close the connection; from now on nothing is told. A new connection would count from
        another number, which could by chance be one of before.
        """
        with self._one_at_a_time:
            self._path = None
            if self._connection is not None:
                self._connection.close()
                self._connection = None
