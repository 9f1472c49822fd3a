"""Replacement of the database, keys and local CA in a data folder by restored ones.

The replacement only renames files. After a crash between two renames the folder has the old data,
or keys that do not fit the database, which the server refuses. An empty folder would be wrong:
the server would create a new installation. The old files are moved aside and never deleted.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchword.domain.operational_errors import PlaceUnusable
from watchword.files.data_dir import CA, COMPANIONS, DATABASE, KEYS, TLS


def is_in_use(folder: Path) -> bool:
    """Return whether the folder contains a database, a part of one, or a key."""
    return _has_keys(folder) or any((folder / name).exists() for name in (DATABASE, *COMPANIONS))


def _has_keys(folder: Path) -> bool:
    keys = folder / KEYS
    return keys.exists() and not (keys.is_dir() and not any(keys.iterdir()))


def put_in_place(new: Path, folder: Path, aside: Path) -> None:
    """Move database, keys and CA from the folder `new` to `folder`, and the present files to
    `aside`. If `new` has no CA or the same CA, the CA in `folder` stays.

    Raises PlaceUnusable after moving every file back.
    """
    moves = _Moves()
    with _signals_blocked():
        try:
            has_ca = _has_another_ca(new, folder)
            if is_in_use(folder) or (has_ca and _ca_files(folder)):
                moves.make(aside)
            _put_keys(moves, folder, aside, new)
            if has_ca:
                _put_ca(moves, folder, aside, new)
            _put_database_aside(moves, folder, aside)
            (new / DATABASE).replace(folder / DATABASE)
        except OSError as error:
            moves.undo()
            raise PlaceUnusable.because_of(error, folder) from error


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Delay Ctrl-C and other ending signals until the renames are done."""
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    )
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _put_keys(moves: _Moves, folder: Path, aside: Path, new: Path) -> None:
    if _has_keys(folder):
        moves.move(folder / KEYS, aside / KEYS)
    moves.move(new / KEYS, folder / KEYS)


def _put_database_aside(moves: _Moves, folder: Path, aside: Path) -> None:
    if (folder / DATABASE).exists():
        moves.keep(folder / DATABASE, aside / DATABASE)
    for name in COMPANIONS:
        if (folder / name).exists():
            moves.move(folder / name, aside / name)


def _ca_files(folder: Path) -> dict[str, bytes]:
    paths = {name: folder / TLS / name for name in CA}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}


def _has_another_ca(new: Path, folder: Path) -> bool:
    restored = _ca_files(new)
    return bool(restored) and restored != _ca_files(folder)


def _put_ca(moves: _Moves, folder: Path, aside: Path, new: Path) -> None:
    """Move the CA's files one by one. After a crash between them the server reports an incomplete
    or mismatched pair.
    """
    if not (folder / TLS).exists():
        moves.move(new / TLS, folder / TLS)
        return
    old = _ca_files(folder)
    if old:
        moves.make(aside / TLS)
    for name in CA:
        if name in old:
            moves.move(folder / TLS / name, aside / TLS / name)
        moves.move(new / TLS / name, folder / TLS / name)


class _Moves:
    """Completed moves, which can be undone."""

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
        """Link the file to a second name, so that the first name always exists. On a file system
        without hard links, move it.
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
        for folder in reversed(self._made):
            folder.rmdir()
