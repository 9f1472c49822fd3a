"""Temporary work folders within the data folder.

A process locks its work folder (flock(2)); the kernel releases the lock when the process ends. An
unlocked folder was left by a killed command and may contain an unencrypted database or keys, so
the next command of the same kind deletes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from watchword.domain.operational_errors import PlaceUnusable

BACKUP: Final = ".backup-"
RESTORE: Final = ".restore-"


@contextmanager
def within(folder: Path, kind: str) -> Iterator[Path]:
    """Yield a new folder with mode 0700 and delete it afterwards. Raises PlaceUnusable."""
    try:
        work, lock = _new_locked(folder, kind)
    except OSError as error:
        raise PlaceUnusable.because_of(error, folder) from error
    try:
        with work as name:
            yield Path(name)
    finally:
        os.close(lock)


def abandoned(folder: Path) -> list[Path]:
    """Return the folders left by processes that have ended. Raises OSError."""
    return [path for kind in (BACKUP, RESTORE) for path in _found(folder, kind) if _is_free(path)]


def _new_locked(folder: Path, kind: str) -> tuple[tempfile.TemporaryDirectory[str], int]:
    # Without this lock another process could delete the new folder before it is locked.
    data = _open(folder)
    try:
        fcntl.flock(data, fcntl.LOCK_EX)
        for path in _found(folder, kind):
            if _is_free(path):
                shutil.rmtree(path, ignore_errors=True)  # doctor reports another user's folder
        work = tempfile.TemporaryDirectory(prefix=kind, dir=folder)
        lock = _open(Path(work.name))
        fcntl.flock(lock, fcntl.LOCK_EX)
        return work, lock
    finally:
        os.close(data)


def _found(folder: Path, kind: str) -> list[Path]:
    return sorted(p for p in folder.glob(f"{kind}*") if p.is_dir() and not p.is_symlink())


def _is_free(path: Path) -> bool:
    try:
        descriptor = _open(path)
    except PermissionError:
        return True  # another user's folder: it can be reported but not deleted
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY)
