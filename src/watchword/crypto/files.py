"""Writing a file so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from watchword.crypto import tokens
from watchword.domain.place_errors import FileExists, PlaceUnusable


def write(path: Path, content: bytes, *, mode: int = 0o600, replaces: bool = True) -> None:
    """Write beside, sync, move into place, and sync the folder, which holds the name; with
    `replaces` false only where nothing is.

    The new file belongs to whom the old one did: a command that root gives must not take a key
    away from the server's own user. Raises PlaceUnusable; what was written beside is gone then.
    """
    # Of two processes that may not replace each other's, each writes its own.
    beside = path.with_name(f".{path.name}.new" if replaces else f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _give(file.fileno(), path)
            os.fchmod(file.fileno(), mode)  # one that a crash left there may have another
            os.fsync(file.fileno())
        if not replaces:
            path.hardlink_to(beside)  # fails where there is a file already
            beside.unlink()
        else:
            beside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error


def _give(descriptor: int, path: Path) -> None:
    if path.exists() and os.geteuid() == 0:
        old = path.stat()
        os.fchown(descriptor, old.st_uid, old.st_gid)


def read(path: Path) -> bytes:
    """Return the content. Raises PlaceUnusable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error


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
        self._beside = target.with_name(f".{target.name}.{tokens.identifier()[:8]}.partial")

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
                # Unlike a rename this refuses when there is such a file, in one step.
                os.link(self._beside, self._target)
            except FileExistsError:
                raise FileExists(path=str(self._target)) from None
            except OSError:
                self._rename()
            sync_folder(self._target.parent)

    def _rename(self) -> None:
        """For file systems without links, such as a memory stick's."""
        if self._target.exists():
            raise FileExists(path=str(self._target))
        self._beside.rename(self._target)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error


def sync_folder(path: Path) -> None:
    """Bring the names in a folder onto the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
