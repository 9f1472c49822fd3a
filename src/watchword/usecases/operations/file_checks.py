"""Health checks of the data folder: modes, owners, leftovers, disk space, file system."""

from __future__ import annotations

import shlex
import shutil
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from watchword.config import Settings, ownership
from watchword.domain import health_checks
from watchword.domain.health_checks import Code, Finding, found
from watchword.files import atomic, filesystem_type, work_dir

_OURS: Final = (
    ".", "keys", "keys/*", "watchword.db*", "tls/*.key", "before-restore-*", ".backup-*",
    ".restore-*",
)  # fmt: skip
"""Patterns of the secret files in the data folder."""
_GROUP_MAY_READ: Final = 0o077 & ~stat.S_IRGRP


def examine_files(
    settings: Settings, named: Sequence[Path] = (), mounts: Path = filesystem_type.MOUNTS
) -> list[Finding]:
    """Return the findings about file modes, owners, disk space and file system. `named` are files
    outside the folder that the settings name; `mounts` is the kernel's list of mounts.
    """
    folder = settings.data_dir
    if atomic.is_missing(folder):
        gone = {"path": str(folder)}
        outside = (
            Code.MODES_NO_FOLDER, Code.OWNERS_UNCHECKED, Code.LEFTOVERS_UNCHECKED,
            Code.SPACE_NO_FOLDER,
        )  # fmt: skip
        return [*(Finding(code, gone) for code in outside), _file_system(settings, mounts)]
    return [
        _modes(settings), _owners(folder, named), _leftovers(folder), _space(folder),
        _file_system(settings, mounts),
    ]  # fmt: skip


def _modes(settings: Settings) -> Finding:
    try:
        ours = [p for p in _secrets(settings.data_dir) if _mode(p) & 0o077]
    except OSError:
        return found(Code.MODES_UNCHECKED, path=str(settings.data_dir))
    theirs = [Path(settings.tls_key)] if settings.tls_key else []
    open_ = ours + [p for p in theirs if _mode(p) & _GROUP_MAY_READ]
    if open_:
        return found(Code.MODES_OPEN, paths=_quoted(open_))
    # Debian's group ssl-cert may read keys, so read access for a group may be intended.
    group = [p for p in theirs if _mode(p) & stat.S_IRGRP]
    return found(Code.MODES_GROUP, paths=_quoted(group)) if group else found(Code.MODES_GOOD)


def _secrets(folder: Path) -> Iterator[Path]:
    next(folder.iterdir(), None)  # raises where glob would silently find nothing
    for pattern in _OURS:
        yield from [folder] if pattern == "." else sorted(folder.glob(pattern))


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0  # other checks report a missing or unreadable file


def _owners(folder: Path, named: Sequence[Path]) -> Finding:
    try:
        next(folder.iterdir(), None)
        ours = [folder, *ownership.in_data_folder(folder)]
        owners = {p: owner for p in ours if (owner := ownership.foreign_owner(p)) is not None}
    except OSError:
        return found(Code.OWNERS_UNCHECKED, path=str(folder))
    if owners:
        names = ", ".join(dict.fromkeys(owners.values()))
        return found(Code.OWNERS_FOREIGN, paths=_quoted([*owners]), owner=names)
    if changeable := ownership.changeable(named):
        return found(Code.OWNERS_NAMED, paths=_quoted(changeable))
    parents = ownership.replaceable(folder)
    return (
        found(Code.OWNERS_PARENTS, paths=_quoted(parents)) if parents else found(Code.OWNERS_GOOD)
    )


def _quoted(paths: list[Path]) -> str:
    return shlex.join(str(p) for p in paths)


def _leftovers(folder: Path) -> Finding:
    try:
        next(folder.iterdir(), None)
        left = work_dir.abandoned(folder)
    except OSError:
        return found(Code.LEFTOVERS_UNCHECKED, path=str(folder))
    return found(Code.LEFTOVERS_FOUND, paths=_quoted(left)) if left else found(Code.LEFTOVERS_NONE)


def _space(folder: Path) -> Finding:
    try:
        size = (folder / "watchword.db").stat().st_size
    except OSError:
        size = 0
    try:
        return health_checks.space(shutil.disk_usage(folder).free, size)
    except OSError:
        return found(Code.SPACE_NO_FOLDER, path=str(folder))


def _file_system(settings: Settings, mounts: Path) -> Finding:
    if settings.database_url:
        return found(Code.FILE_SYSTEM_NO_MATTER)
    type_ = filesystem_type.type_of(settings.data_dir, mounts)
    network = filesystem_type.is_network(type_)
    code = Code.FILE_SYSTEM_NETWORK if network else Code.FILE_SYSTEM_GOOD
    return found(code, type=type_ or "?")
