"""Restore of a backup into a data folder, empty or not.

Unpacking, checking, migrating and invalidating happen in a separate folder. Only the finished
database replaces the old one, so a used code never works again, not even for a moment.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from watchword.config import Settings
from watchword.crypto import certificates
from watchword.crypto.sealed_stream import read_head
from watchword.domain.audit import Actor
from watchword.domain.operational_errors import (
    ArchiveDamaged,
    InstallationExists,
    KeyForeign,
    KeyMissing,
    PlaceUnusable,
)
from watchword.domain.secret import Secret
from watchword.files import atomic, data_dir, data_dir_lock, swap, work_dir
from watchword.storage import snapshot
from watchword.storage.restore_cleanup import Ended
from watchword.usecases.context import Watchword
from watchword.usecases.operations import archive
from watchword.usecases.operations.after_restore import end_what_was_open
from watchword.usecases.operations.archive import Manifest
from watchword.usecases.operations.backup import demand_sqlite
from watchword.usecases.progress import Progress, silent

OpenApp = Callable[[Settings], Watchword]


class Wanted(Struct, frozen=True):
    """The options: whether to replace an installation, and whether to revoke API passwords."""

    may_replace: bool = False
    revoke_api_passwords: bool = False


class Restored(Struct, frozen=True):
    """The result. `aside` is the folder with the old database, keys and CA, or None."""

    manifest: Manifest
    ended: Ended
    aside: Path | None


def demand_possible(settings: Settings, file: Path, wanted: Wanted) -> None:
    """Check what is possible before the operator types a passphrase. Raises NotOnPostgreSQL,
    ArchiveForeign, ArchiveDamaged, InstallationExists, PlaceUnusable.
    """
    demand_sqlite(settings)
    try:
        with file.open("rb") as source:
            read_head(source)
        is_in_use = swap.is_in_use(settings.data_dir)
    except OSError as error:
        raise PlaceUnusable.because_of(error, file) from error
    if is_in_use and not wanted.may_replace:
        raise InstallationExists(path=str(settings.data_dir))


def demand_unserved(settings: Settings) -> None:
    """Raise AlreadyServed while a server uses the folder, before the operator answers questions."""
    if (settings.data_dir / data_dir_lock.FILE).exists():
        data_dir_lock.hold(settings.data_dir).close()


def from_backup(
    settings: Settings,
    actor: Actor,
    file: Path,
    passphrase: Secret,
    wanted: Wanted,
    open_app: OpenApp,
    progress: Progress = silent,
) -> Restored:
    """Restore a backup into the data folder, which must exist. `open_app` opens an installation
    and upgrades its schema, as at the start of a server.

    Raises AlreadyServed, ArchiveForeign, ArchiveClosed, ArchiveDamaged, InstallationExists,
    SchemaForeign (a newer one), PlaceUnusable, DatabaseUnavailable; the folder is unchanged then.
    """
    folder = settings.data_dir
    with closing(data_dir_lock.hold(folder)):
        demand_possible(settings, file, wanted)
        with work_dir.within(folder, work_dir.RESTORE) as new:
            manifest = _unpacked(file, passphrase, new, progress)
            with closing(_opened(msgspec.structs.replace(settings, data_dir=new), open_app)) as app:
                now = app.clock.now()
                ended = end_what_was_open(
                    app, actor, revoke_api_passwords=wanted.revoke_api_passwords,
                    copied_at=manifest.created_at.isoformat(),
                )  # fmt: skip
            snapshot.settle(new / data_dir.DATABASE)
            aside = folder / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
            swap.put_in_place(new, folder, aside)
        kept = aside if aside.exists() else None
        for changed in (folder / data_dir.KEYS, folder / data_dir.TLS, folder, kept):
            if changed is not None and changed.exists():
                atomic.sync_folder(changed)
    return Restored(manifest, ended, kept)


def _opened(settings: Settings, open_app: OpenApp) -> Watchword:
    try:
        return open_app(settings)
    except (KeyMissing, KeyForeign):
        # The archive's own keyring does not fit, so the messages about keys would mislead.
        raise ArchiveDamaged from None


def _unpacked(file: Path, passphrase: Secret, folder: Path, progress: Progress) -> Manifest:
    try:
        with file.open("rb") as source:
            manifest = archive.unpack(source, passphrase, folder, progress)
    except OSError as error:
        raise PlaceUnusable.because_of(error, file) from error
    snapshot.demand_sound(folder / data_dir.DATABASE)
    if manifest.has_ca and not certificates.is_ca(folder / data_dir.TLS):
        raise ArchiveDamaged
    return manifest
