"""Writing a file so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from watchword.domain.errors import PlaceUnusable


def write(path: Path, content: bytes, *, mode: int = 0o600, replaces: bool = True) -> None:
    """Write beside, sync, and move into place; with `replaces` false only where nothing is.

    Raises PlaceUnusable; what was written beside is gone then.
    """
    # Of two processes that may not replace each other's, each writes its own.
    beside = path.with_name(f".{path.name}.new" if replaces else f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not replaces:
            path.hardlink_to(beside)  # fails where there is a file already
            beside.unlink()
        else:
            beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error


def read(path: Path) -> bytes:
    """Return the content. Raises PlaceUnusable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise PlaceUnusable(what=str(path), reason=error.strerror or str(error)) from error
