"""Writing a file so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
from pathlib import Path

from watchword.domain.errors import PlaceUnusable


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write beside, sync, and rename into place. Raises PlaceUnusable.

    The new file belongs to whom the old one did: a command that root gives must not take a key
    away from the server's own user.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _give(file.fileno(), path)
            os.fchmod(file.fileno(), mode)  # one that a crash left there may have another
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error


def _give(descriptor: int, path: Path) -> None:
    if path.exists() and os.geteuid() == 0:
        old = path.stat()
        os.fchown(descriptor, old.st_uid, old.st_gid)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut. Raises OSError."""
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
