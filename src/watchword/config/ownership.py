"""Ownership of the files that the server trusts: settings, secrets, keys, certificates, database.

The owner of a file or folder can change what is in it. The data folder and what is found in it
must belong to this user or to root, and so must a symbolic link there. A file elsewhere that the
operator names is only reported: a container shows a mounted file with its owner on the host.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from watchword.domain.operational_errors import FolderNotWritable, OwnerForeign

_IN_DATA_FOLDER: Final = (
    "watchword.toml", "watchword.db", "watchword.db-*", "serve.lock", "addresses.json",
    "keys", "keys/*", "tls", "tls/*",
)  # fmt: skip
"""What the server opens in the data folder."""
_GROUP_OF_ROOT: Final = 0


def read(path: Path) -> bytes:
    """Return the content of a file that belongs to this user or to root.

    Raises OwnerForeign, OSError.
    """
    demand(path)  # first: opening a pipe of another user would block
    with path.open("rb") as file:
        _demand(path, os.fstat(file.fileno()))
        return file.read()


def demand(path: Path) -> None:
    """Raise OwnerForeign where a file, or a symbolic link that is it, belongs to another user.
    A missing file is no error. Raises OSError where it may not be looked at.
    """
    try:
        _demand(path, path.lstat())
        _demand(path, path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return


def demand_data_folder(folder: Path) -> None:
    """Raise OwnerForeign unless the data folder, and everything in it that the server opens, is
    this user's or root's. Raises OSError.
    """
    for path in (folder, *in_data_folder(folder)):
        demand(path)


def demand_writable(folder: Path) -> None:
    """Raise FolderNotWritable where the data folder is root's and only root may write there."""
    found = folder.stat()
    is_read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    if found.st_uid != os.geteuid() and not is_read_only and not _is_writable(folder):
        facts = {"path": str(folder.absolute()), "owner": name_of(found.st_uid)}
        raise FolderNotWritable(**facts, user=name_of(os.geteuid()), uid=os.geteuid())


def in_data_folder(folder: Path) -> list[Path]:
    """Return the files and folders in the data folder that the server opens."""
    return sorted(path for pattern in _IN_DATA_FOLDER for path in folder.glob(pattern))


def replaceable(folder: Path) -> list[Path]:
    """Return the parents of a folder in which another user can put another folder in its place:
    those of another user, and those that others can write to without the sticky bit.
    """
    return [p for p in _parents(folder) if _others_may_rename_in(p)]


def _parents(folder: Path) -> Iterator[Path]:
    """Both ways to it: where symbolic links are, and where they lead."""
    yield from dict.fromkeys((*folder.absolute().parents, *folder.resolve().parents))


def _others_may_rename_in(folder: Path) -> bool:
    try:
        found = folder.stat()
    except OSError:
        return False
    if not _is_trusted(found.st_uid):
        return True
    by_group = stat.S_IWGRP if found.st_gid not in {_GROUP_OF_ROOT, os.getegid()} else 0
    return bool(found.st_mode & (stat.S_IWOTH | by_group)) and not found.st_mode & stat.S_ISVTX


def foreign_owner(path: Path) -> str | None:
    """Return the other user that a file or folder belongs to; None where it is this user's or
    root's. Raises OSError.
    """
    try:
        demand(path)
    except OwnerForeign as refusal:
        return str(refusal.facts["owner"])
    return None


def changeable(paths: Iterable[Path]) -> list[Path]:
    """Return the files that another user can change, because they are that user's or every
    user may write to them. One that cannot be looked at is another check's.
    """
    return [path for path in paths if _is_changeable(path)]


def _is_changeable(path: Path) -> bool:
    try:
        return foreign_owner(path) is not None or bool(path.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return False


def _demand(path: Path, found: os.stat_result) -> None:
    if not _is_trusted(found.st_uid):
        owner = name_of(found.st_uid)
        reason = f"it belongs to another user ({owner})"
        raise OwnerForeign(what=str(path.absolute()), reason=reason, owner=owner)


def _is_trusted(uid: int) -> bool:
    return uid in {0, os.geteuid()}


def _is_writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=True)


def name_of(uid: int) -> str:
    """Return the name of a user; its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
