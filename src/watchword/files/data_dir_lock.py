"""Exclusive lock on a data folder with SQLite, for one server or one restore.

Commands need no lock: the database has its own.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO, Final

from watchword.config import ownership
from watchword.domain.operational_errors import AlreadyServed, PlaceUnusable

FILE: Final = "serve.lock"


def hold(folder: Path) -> IO[str]:
    """Lock the data folder until the returned file is closed. Raises AlreadyServed,
    PlaceUnusable, FolderNotWritable.
    """
    ownership.demand_writable(folder)
    try:
        # A symbolic link could name another file, which opening would empty.
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        file = open(descriptor, "w")  # noqa: SIM115, PTH123
    except OSError as error:
        raise PlaceUnusable.because_of(error, folder / FILE) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise AlreadyServed(path=str(folder)) from None
    return file
