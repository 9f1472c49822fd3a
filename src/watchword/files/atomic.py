"""Writing a file so that a crash leaves the old one or the new one, never half of one."""

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
    """Write beside, sync, move into place, and sync the folder, which holds the name; with
    `replaces` false only where nothing is.

    Raises PlaceUnusable; what was written beside is gone then.
    """
    # Of two processes that may not replace each other's, each writes its own.
    beside = path.with_name(f".{path.name}.new" if replaces else f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # No link is followed: it would name another file to overwrite.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        descriptor = os.open(beside, flags, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)  # one that a crash left there may have another
            os.fsync(file.fileno())
        if not replaces:
            _name(beside, path)
        else:
            beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise PlaceUnusable.because_of(error, path) from error


def _name(beside: Path, path: Path) -> None:
    """Give a file its name, unless something has that name; in one step. Raises OSError."""
    try:
        os.link(beside, path)  # unlike a rename it fails where there is a file already
    except FileExistsError:
        raise
    except OSError:
        _name_without_links(beside, path)
    else:
        beside.unlink()


def _name_without_links(beside: Path, path: Path) -> None:
    """For file systems such as a memory stick's. Of two who look at once one waits, by a lock
    on the folder (flock(2)), which ends with its process.
    """
    held = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        beside.rename(path)
    finally:
        os.close(held)


def read(path: Path) -> bytes:
    """Return the content of a file of this user or root. Raises PlaceUnusable, OwnerForeign."""
    try:
        return ownership.read(path)
    except OSError as error:
        raise PlaceUnusable.because_of(error, path) from error


def is_missing(path: Path) -> bool:
    """Return whether there is no such file. One that we may not look at is not missing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


class Draft:
    """A new file that appears whole or not at all, and never in the place of another one.

    It is written beside its target, for its owner alone; without `publish` nothing is left.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._beside = target.with_name(f".{target.name}.{os.urandom(4).hex()}.partial")

    def __enter__(self) -> Self:
        with _told(self._target):
            descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(descriptor, "wb")
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):  # what could not be written is told already
            self.file.close()
        self._beside.unlink(missing_ok=True)

    def finish(self) -> None:
        """Bring what was written onto the disk. Raises PlaceUnusable."""
        with _told(self._target):
            self.file.flush()
            os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Give it its name. Raises FileExists, PlaceUnusable."""
        with _told(self._target):
            try:
                _name(self._beside, self._target)
            except FileExistsError:
                raise FileExists(path=str(self._target)) from None
            sync_folder(self._target.parent)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlaceUnusable.because_of(error, path) from error


def sync_folder(path: Path) -> None:
    """Bring the names in a folder onto the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
