"""Atomic file writes: after a crash the file has its old content or its new content."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from watchword.config import ownership
from watchword.domain.operational_errors import FileExists, PlaceUnusable


def write(path: Path, content: bytes, *, mode: int = 0o600, replaces: bool = True) -> None:
    """Write a file under a temporary name, sync it, rename it, and sync the folder.

    With `replaces` false an existing file stays. Raises PlaceUnusable; the temporary file is
    deleted then.
    """
    # With one temporary name, a second process would overwrite the first one's content.
    temporary = path.with_name(
        f".{path.name}.new" if replaces else f".{path.name}.{os.getpid()}.new"
    )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A symbolic link could name another file, which opening would empty.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        descriptor = os.open(temporary, flags, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)  # a file left by a crash may have another mode
            os.fsync(file.fileno())
        if not replaces:
            _name(temporary, path)
        else:
            temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise PlaceUnusable.because_of(error, path) from error


def _name(temporary: Path, path: Path) -> None:
    """Rename a file atomically, unless the name is taken. Raises OSError."""
    try:
        os.link(temporary, path)  # fails if the name is taken; a rename would replace the file
    except FileExistsError:
        raise
    except OSError:
        _name_without_links(temporary, path)
    else:
        temporary.unlink()


def _name_without_links(temporary: Path, path: Path) -> None:
    """Rename on a file system without hard links (FAT). A lock on the folder (flock(2)) keeps
    another process from taking the name between the check and the rename.
    """
    held = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        temporary.rename(path)
    finally:
        os.close(held)


def read(path: Path) -> bytes:
    """Return the content of a file of this user or root. Raises PlaceUnusable, OwnerForeign."""
    try:
        return ownership.read(path)
    except OSError as error:
        raise PlaceUnusable.because_of(error, path) from error


def is_missing(path: Path) -> bool:
    """Return whether the file does not exist. A file without read permission is not missing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


class Draft:
    """A new file that becomes visible when it is complete and never replaces another file.

    Only its owner can read it. Without `publish` it is deleted.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.partial")

    def __enter__(self) -> Self:
        with _refusing(self._target):
            descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(descriptor, "wb")
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):  # the write that failed has raised already
            self.file.close()
        self._temporary.unlink(missing_ok=True)

    def finish(self) -> None:
        """Sync the content to the disk. Raises PlaceUnusable."""
        with _refusing(self._target):
            self.file.flush()
            os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Rename the file to its target. Raises FileExists, PlaceUnusable."""
        with _refusing(self._target):
            try:
                _name(self._temporary, self._target)
            except FileExistsError:
                raise FileExists(path=str(self._target)) from None
            sync_folder(self._target.parent)


@contextlib.contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlaceUnusable.because_of(error, path) from error


def sync_folder(path: Path) -> None:
    """Sync the names in a folder to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
