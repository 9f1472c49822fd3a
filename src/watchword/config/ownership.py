"""Ownership of the files that the server trusts: settings, secrets, keys, certificates, database.

The owner of a file can change it. The data folder and its content must belong to this user or to
root, and so must symbolic links there. A file elsewhere that the operator names is only reported:
in a container, a mounted file has its owner of the host.
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
"""Files that the server opens in the data folder."""
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
    """Raise OwnerForeign where a file, or a symbolic link in its place, belongs to another user.

    A missing file is accepted. Raises OSError where this user may not look at it.
    """
    try:
        _demand(path, path.lstat())
        _demand(path, path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return


def demand_data_folder(folder: Path) -> None:
    """Raise OwnerForeign unless the data folder and the files that the server opens in it belong to
    this user or to root. Raises OSError.
    """
    for path in (folder, *in_data_folder(folder)):
        demand(path)


def demand_writable(folder: Path) -> None:
    """Raise FolderNotWritable where the data folder belongs to root and this user may not write."""
    found = folder.stat()
    is_read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
    if found.st_uid != os.geteuid() and not is_read_only and not _is_writable(folder):
        facts = {"path": str(folder.absolute()), "owner": name_of(found.st_uid)}
        raise FolderNotWritable(**facts, user=name_of(os.geteuid()), uid=os.geteuid())


def in_data_folder(folder: Path) -> list[Path]:
    """Return the files and folders in the data folder that the server opens."""
    return sorted(path for pattern in _IN_DATA_FOLDER for path in folder.glob(pattern))


def replaceable(folder: Path) -> list[Path]:
    """Return the parents of a folder in which another user can replace it: parents that belong to
    another user, and parents that others can write to without the sticky bit.
    """
    return [p for p in _parents(folder) if _others_may_rename_in(p)]


def _parents(folder: Path) -> Iterator[Path]:
    """Yield the parents of the path as given, and those of the path without symbolic links."""
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
    """Return the owner of a file or folder, or None where it is this user or root.

    Raises OSError.
    """
    try:
        demand(path)
    except OwnerForeign as refusal:
        return str(refusal.facts["owner"])
    return None


def changeable(paths: Iterable[Path]) -> list[Path]:
    """Return the files that another user owns or that every user may write to.

    A file that this user may not look at is left out: reading it fails with its own error.
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
    """Return the name of a user, or "uid NUMBER" where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
