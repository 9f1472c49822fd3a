"""Copies of a SQLite database: the integrity check, and settling into one file."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from watchword.domain.operational_errors import ArchiveDamaged, DatabaseUnavailable
from watchword.storage import snapshot


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" * 1000])
def test_file_that_is_no_database_is_damaged(tmp_path: Path, content: bytes) -> None:
    """SQLite raises an error for such a file; its integrity check returns nothing."""
    path = tmp_path / "watchword.db"
    path.write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        snapshot.demand_sound(path)


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """Limit the size of files, as on a full disk: setrlimit(2), EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_database_too_large_for_the_disk_is_reported(tmp_path: Path) -> None:
    """Its rows are in the write-ahead log, and the disk is full before they are moved."""
    made, copy = tmp_path / "made.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(made)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("CREATE TABLE t AS SELECT zeroblob(600000) AS x")
        for suffix in ("", "-wal"):
            shutil.copy(f"{made}{suffix}", f"{copy}{suffix}")
    with no_file_grows_beyond(100_000), pytest.raises(DatabaseUnavailable) as refused:
        snapshot.settle(copy)
    assert refused.value.facts["reason"] == "disk-full"
    snapshot.settle(copy)
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.db"]
    with closing(sqlite3.connect(copy)) as settled:
        assert settled.execute("SELECT length(x) FROM t").fetchall() == [(600000,)]
