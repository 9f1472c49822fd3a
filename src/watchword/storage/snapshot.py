"""Consistent copies of a SQLite database during writes, and the check of such a copy."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from watchword.domain.operational_errors import ArchiveDamaged, DatabaseUnavailable
from watchword.files import work_dir
from watchword.files.data_dir import DATABASE
from watchword.storage.database import Database


@contextmanager
def of(database: Database, folder: Path) -> Iterator[Path]:
    """Return a copy of one moment, in a new folder within `folder` that is deleted afterwards.

    The copy is not encrypted, so `folder` is that of the database. Raises DatabaseUnavailable,
    PlaceUnusable.
    """
    with work_dir.within(folder, work_dir.BACKUP) as made:
        copy = made / DATABASE
        copy.touch(mode=0o600)
        with database.guarded(), database.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        yield copy


def demand_sound(path: Path) -> None:
    """Raise ArchiveDamaged unless SQLite's integrity check passes."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError:
        raise ArchiveDamaged from None
    if found != [("ok",)]:
        raise ArchiveDamaged


def settle(path: Path) -> None:
    """Write a closed database to disk as one file, without a write-ahead log.

    Raises DatabaseUnavailable.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as error:
        raise DatabaseUnavailable(reason="disk-full", retry_after=5) from error
