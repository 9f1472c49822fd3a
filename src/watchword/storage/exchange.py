"""Putting a restored database and its keys in the place of the old ones.

Renames only, in an order in which a crash between two of them leaves something that a server
refuses (keys that are not the database's) or the old data, never an empty place that it would
fill with something new. The old files go aside first and are never deleted.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from watchword.domain.errors import PlaceUnusable
from watchword.storage.snapshot import COMPANIONS, DATABASE

KEYS: Final = "keys"


def is_in_use(folder: Path) -> bool:
    """Return whether there is a database, a part of one, or a key."""
    keys = folder / KEYS
    has_keys = keys.exists() and not (keys.is_dir() and not any(keys.iterdir()))
    return has_keys or any((folder / name).exists() for name in (DATABASE, *COMPANIONS))


def put_in_place(new: Path, folder: Path, aside: Path) -> None:
    """Move database and keys from the folder `new` to `folder`, and what is there to `aside`.

    Raises PlaceUnusable, with everything where it was.
    """
    moves = _Moves()
    with _undisturbed():
        try:
            if is_in_use(folder):
                moves.make(aside)
                _put_aside(moves, folder, aside, new)
            else:
                moves.move(new / KEYS, folder / KEYS)
            (new / DATABASE).replace(folder / DATABASE)
        except OSError as error:
            moves.undo()
            raise PlaceUnusable(what=str(folder), reason=error.strerror or str(error)) from error


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C and the like wait for the milliseconds that the renames take."""
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    )
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _put_aside(moves: _Moves, folder: Path, aside: Path, new: Path) -> None:
    if (folder / KEYS).exists():
        moves.move(folder / KEYS, aside / KEYS)
    moves.move(new / KEYS, folder / KEYS)
    if (folder / DATABASE).exists():
        moves.keep(folder / DATABASE, aside / DATABASE)
    for name in COMPANIONS:
        if (folder / name).exists():
            moves.move(folder / name, aside / name)


class _Moves:
    """What was moved so far, and the way back."""

    def __init__(self) -> None:
        self._done: list[tuple[Path, Path]] = []
        self._kept: list[Path] = []
        self._made: list[Path] = []

    def make(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._made.append(folder)

    def move(self, source: Path, target: Path) -> None:
        source.rename(target)
        self._done.append((source, target))

    def keep(self, source: Path, target: Path) -> None:
        """Give the file a second name, so that its place is at no moment empty; where the file
        system has no links, move it.
        """
        try:
            os.link(source, target)
        except OSError:
            self.move(source, target)
        else:
            self._kept.append(target)

    def undo(self) -> None:
        for source, target in reversed(self._done):
            target.rename(source)
        for name in self._kept:
            name.unlink()
        for folder in self._made:
            folder.rmdir()
