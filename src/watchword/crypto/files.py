"""Writing a file so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
from pathlib import Path

from watchword.domain.errors import PlaceUnusable


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write beside, sync, rename into place, and sync the folder, which holds the name.

    Raises PlaceUnusable.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> bytes:
    """Return the content. Raises PlaceUnusable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error
