"""A consistent copy of a SQLite database, while others write to it; and judging such a copy."""

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
    """Give a copy as of one moment, in a folder of its own within `folder`, deleted afterwards.

    It is not encrypted, so it stays where the database itself is. Raises DatabaseUnavailable,
    PlaceUnusable.
    """
    with work_dir.within(folder, work_dir.BACKUP) as beside:
        copy = beside / DATABASE
        copy.touch(mode=0o600)
        with database.guarded(), database.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        yield copy


def demand_sound(path: Path) -> None:
    """Raise ArchiveDamaged unless SQLite finds nothing wrong with the file."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError:
        raise ArchiveDamaged from None
    if found != [("ok",)]:
        raise ArchiveDamaged


def settle(path: Path) -> None:
    """Bring a closed database into one file, without companions, and onto the disk.

    Raises DatabaseUnavailable.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as error:
        raise DatabaseUnavailable(reason="disk-full", retry_after=5) from error
