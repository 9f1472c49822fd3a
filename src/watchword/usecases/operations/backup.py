"""Backup of database, keyring and local CA into one file, encrypted with a passphrase.

The server may write to the database meanwhile.
"""

from __future__ import annotations

from pathlib import Path

from watchword import __version__
from watchword.config import Settings
from watchword.crypto import certificates, keyring
from watchword.crypto.sealed_stream import DEFAULT, Cost
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ChangedMeanwhile, Invalid
from watchword.domain.operational_errors import FileExists, NotOnPostgreSQL, PlaceUnusable
from watchword.domain.secret import Secret
from watchword.files import atomic, data_dir
from watchword.files.atomic import Draft
from watchword.storage import migrate, snapshot
from watchword.usecases import accounts
from watchword.usecases.context import Watchword
from watchword.usecases.operations import archive
from watchword.usecases.progress import Progress, silent
from watchword.usecases.unit_of_work import unit


def demand_sqlite(settings: Settings) -> None:
    """Raise NotOnPostgreSQL unless the database is a file in the data folder."""
    if settings.database_url:
        raise NotOnPostgreSQL


def demand_free(target: Path) -> None:
    """Raise FileExists if the file exists, before the operator types a passphrase."""
    if target.exists() or target.is_symlink():
        raise FileExists(path=str(target))


def create(
    app: Watchword,
    actor: Actor,
    target: Path,
    passphrase: Secret,
    cost: Cost = DEFAULT,
    progress: Progress = silent,
) -> None:
    """Write a backup to a new file.

    The audit row is committed after the file has its name, so the log never mentions a backup that
    does not exist. Raises NotOnPostgreSQL, FileExists, Invalid, PlaceUnusable, DatabaseUnavailable;
    ChangedMeanwhile when the keyring changed at the same time.
    """
    demand_sqlite(app.settings)
    demand_free(target)
    demand_strong(app, passphrase)
    keys = keyring.path_in(app.settings.data_dir)
    before = atomic.read(keys)
    with snapshot.of(app.database, app.settings.data_dir) as copy, Draft(target) as draft:
        contents = [*_keys(keys.parent), *_ca(app.settings.data_dir), (data_dir.DATABASE, copy)]
        revision = migrate.stored_revision(app.database) or ""
        origin = archive.Origin(__version__, revision, app.clock.now())
        try:
            archive.pack(draft.file, passphrase, origin, contents, cost, progress)
        except OSError as error:
            raise PlaceUnusable.because_of(error, target) from error
        draft.finish()
        if atomic.read(keys) != before:
            # The copy may contain values under a key that the packed keyring lacks.
            raise ChangedMeanwhile
        with unit(app, actor) as u:
            u.record(AuditEvent.SYSTEM_BACKUP)
            draft.publish()


def demand_strong(app: Watchword, passphrase: Secret) -> None:
    """Raise Invalid unless the passphrase satisfies the rules for passwords. Guesses against a
    stolen file are not throttled and take half a second each.
    """
    problems = accounts.new_password_problems(app, passphrase, None, "passphrase")
    if problems:
        raise Invalid(*problems)


def _ca(folder: Path) -> list[tuple[str, Path]]:
    # An unusable CA is left out, since it must not prevent the backup of the rest.
    paths = {f"{data_dir.TLS}/{name}": folder / data_dir.TLS / name for name in data_dir.CA}
    return [*paths.items()] if certificates.is_ca(folder / data_dir.TLS) else []


def _keys(folder: Path) -> list[tuple[str, Path]]:
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise PlaceUnusable.because_of(error, folder) from error
    named = [(f"{folder.name}/{path.name}", path) for path in found]
    # Other files, such as an editor's backup, would make the archive invalid.
    return [(name, path) for name, path in named if archive.is_name(name)]
