"""A folder of its own within the data folder, for as long as one piece of work lasts.

Whoever works in one holds a lock on it (flock(2)), which the kernel lets go of when the process
ends, however it ends. So a folder that nobody holds was left behind by a command that was killed.
It may hold a database or keys in the clear: the next work of the kind deletes it.
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
    """Give a new folder, for its owner alone, deleted afterwards. Raises PlaceUnusable."""
    try:
        beside, held = _taken(folder, kind)
    except OSError as error:
        raise PlaceUnusable.because_of(error, folder) from error
    try:
        with beside as name:
            yield Path(name)
    finally:
        os.close(held)


def abandoned(folder: Path) -> list[Path]:
    """Return the folders that nobody works in any more. Raises OSError."""
    return [path for kind in (BACKUP, RESTORE) for path in _found(folder, kind) if _is_free(path)]


def _taken(folder: Path, kind: str) -> tuple[tempfile.TemporaryDirectory[str], int]:
    """One at a time, or another one would find this folder before it is held."""
    data = _open(folder)
    try:
        fcntl.flock(data, fcntl.LOCK_EX)
        for path in _found(folder, kind):
            if _is_free(path):
                shutil.rmtree(path, ignore_errors=True)  # another user's stays: doctor tells
        beside = tempfile.TemporaryDirectory(prefix=kind, dir=folder)
        held = _open(Path(beside.name))
        fcntl.flock(held, fcntl.LOCK_EX)
        return beside, held
    finally:
        os.close(data)


def _found(folder: Path, kind: str) -> list[Path]:
    return sorted(p for p in folder.glob(f"{kind}*") if p.is_dir() and not p.is_symlink())


def _is_free(path: Path) -> bool:
    try:
        descriptor = _open(path)
    except PermissionError:
        return True  # held or not, it is not ours: it is told, and cannot be deleted
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
