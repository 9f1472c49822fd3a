"""Composition root: opens an installation from its settings.

It is the only module that reads the clock. Opening refuses rather than repairs: for data without
its key, with a foreign key or with a newer schema, nothing new is made.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import stat
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from watchword.config import Settings, ownership
from watchword.crypto import keyring as rings
from watchword.crypto.chain import KEY_PLACE, START, Chain, new_key
from watchword.crypto.hash_queue import HashQueue
from watchword.crypto.keyring import Keyring
from watchword.crypto.passwords import DEFAULT, Parameters, Pepper
from watchword.domain.audit import AuditEvent, Recorded
from watchword.domain.errors import ChainMissing
from watchword.domain.operational_errors import (
    InstallationMissing,
    KeyForeign,
    KeyOutdated,
    PlaceUnusable,
)
from watchword.files import atomic, data_dir_lock
from watchword.storage import audit, audit_history, installation, migrate
from watchword.storage.database import Connection, Database, url_for
from watchword.storage.schema import REVISION
from watchword.usecases.context import Clock, Watchword
from watchword.usecases.event_counts import Tally
from watchword.usecases.operations import binding
from watchword.usecases.shared_numbers import Share
from watchword.usecases.unit_of_work import SERVER, publish

audit_log = logging.getLogger("watchword.audit")
server_log = logging.getLogger("watchword.server")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)


def monotonic_microseconds() -> int:
    """Return the monotonic clock in microseconds, for systemd (MONOTONIC_USEC)."""
    return time.monotonic_ns() // 1000


def open(  # noqa: A001 - embedders read and write `bootstrap.open(settings)`
    settings: Settings,
    *,
    clock: Clock | None = None,
    hashing: Parameters = DEFAULT,
    is_server: bool = True,
    may_make: bool = True,
) -> Watchword:
    """Open the installation after upgrading an older schema.

    The command line (`is_server` false) refuses another schema, unless there is no data yet. Without
    `may_make` nothing is created. `hashing` is for tests. Raises ChainMissing and operational errors.
    """
    clock = clock or SystemClock()
    if not may_make:
        _demand_there(settings)
    make_data_folder(settings.data_dir, is_written=not settings.database_url)
    database = Database(url_for(settings.database_url, settings.data_dir))
    try:
        path = rings.path_in(settings.data_dir)
        upgrades = _schema(database, path, clock, hashing, is_server=is_server, may_make=may_make)
        with database.writing() as connection:
            ring = _keyring(connection, path, clock)
            chain = _chain(connection, ring, may_begin=audit.newest_id(connection) == 0)
            id_ = installation.id_of(connection)
        app = Watchword(
            settings=settings,
            database=database,
            keyring=ring,
            pepper=Pepper(ring, hashing),
            queue=HashQueue.part(settings.workers),
            clock=clock,
            chain=chain,
            mirror=_mirror,
            node=socket.gethostname(),
            installation_id=id_,
            tally=Tally(Share.of(settings.workers)),
        )
        publish(app, upgrades)
        if is_server:
            database.outage.log_by(time.monotonic)
    except BaseException:
        database.close()
        raise
    return app


def _schema(
    database: Database,
    ring: Path,
    clock: Clock,
    hashing: Parameters,
    *,
    is_server: bool,
    may_make: bool,
) -> list[Recorded]:
    """Upgrade the schema, or demand that it is current. Returns the audit events of the upgrade,
    which are stored in its transaction.
    """
    found = migrate.stored_revision(database)
    if found is None and not may_make:
        raise InstallationMissing(path=str(database.url.database))
    if not is_server and found is not None:
        migrate.demand_current(database)
        return []
    recorded: list[Recorded] = []

    def record(connection: Connection, old: str) -> None:
        facts = {"old": old, "new": REVISION}
        event = Recorded(AuditEvent.SYSTEM_UPGRADED, clock.now(), "done", SERVER, None, "", facts)
        keys = _keyring(connection, ring, clock)
        binding.bind(connection, keys, Pepper(keys, hashing))
        chain = _chain(connection, keys, may_begin=old in audit.BEFORE_THE_CHAIN)
        audit.append(connection, [event], socket.gethostname(), chain.link)
        recorded.append(event)

    migrate.upgrade(database, record)
    return recorded


def _mirror(recorded: Recorded) -> None:
    """Write the event to the log, for a collector on another host (ASVS 16.4.3)."""
    fields = recorded.fields()
    line = " ".join(f"{name}={json.dumps(value)}" for name, value in fields.items())
    request_id = recorded.actor.request_id
    audit_log.info("%s", line, extra={"audit": fields, "request_id": request_id})


def _demand_there(settings: Settings) -> None:
    """Raise InstallationMissing where opening would create an installation: a command with a
    mistyped folder would create an empty one.
    """
    database = Path(str(url_for("", settings.data_dir).database))
    if atomic.is_missing(settings.data_dir if settings.database_url else database):
        raise InstallationMissing(path=str(settings.data_dir))


def make_data_folder(path: Path, *, is_written: bool = False) -> None:
    """Make the data folder with access for its owner only.

    An existing folder that is open to others is reported, and closed where it belongs to this user.
    `is_written` demands that the folder is writable, for a database in it. Raises PlaceUnusable,
    OwnerForeign, FolderNotWritable.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        ownership.demand_data_folder(path)
        if is_written:
            ownership.demand_writable(path)
        _close_to_others(path)
    except OSError as error:
        what = str(path.absolute())  # a relative path would not show which folder
        raise PlaceUnusable.because_of(error, what) from error


@contextlib.contextmanager
def data_folder_to_fill(path: Path) -> Iterator[None]:
    """Make the data folder. Where the block fails, delete the folders that were made for it and
    are still empty. Raises as `make_data_folder`.
    """
    made = [each for each in (path, *path.parents) if not each.exists()]
    make_data_folder(path)
    try:
        yield
    except BaseException:
        if made and [each.name for each in path.iterdir()] == [data_dir_lock.FILE]:
            (path / data_dir_lock.FILE).unlink()
        with contextlib.suppress(OSError):  # not empty
            for folder in made:
                folder.rmdir()
        raise


def _close_to_others(path: Path) -> None:
    found = path.stat()
    if not found.st_mode & _OTHERS:
        return
    mode = f"{stat.S_IMODE(found.st_mode):04o}"
    # A folder with the sticky bit, such as /tmp, is shared on purpose, even one of root's.
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
        server_log.warning("others can enter the data folder %s (mode %s)", path, mode)
        return
    path.chmod(0o700)
    server_log.warning("the data folder %s was open to others (mode %s) and was closed", path, mode)


def report_owners(folder: Path, named: Iterable[Path]) -> None:
    """Log which files of the settings other users can change, and in which parents they can replace
    the data folder.
    """
    for path in ownership.changeable(named):
        server_log.warning("other users can change the file %s", path)
    for path in ownership.replaceable(folder):
        server_log.warning("other users can replace the data folder: they can write to %s", path)


def _keyring(connection: Connection, path: Path, clock: Clock) -> Keyring:
    """Return the keyring. It is created only for a database without encrypted values."""
    check = installation.key_check(connection)
    if check is not None:
        ring = rings.load(path)
        _demand_up_to_date(connection, ring, check, path)
        _demand_own(ring, check, path)
        return ring
    ring = rings.load(path) if path.exists() else rings.create(path)
    sealed = ring.seal(rings.CHECK_PLACE, rings.CHECK)
    if not installation.found(connection, sealed, clock.now()):
        # Another node has created the installation meanwhile; its key counts.
        _demand_own(ring, installation.key_check(connection) or b"", path)
    return ring


def _chain(connection: Connection, ring: Keyring, *, may_begin: bool) -> Chain:
    """Return the chain of the audit log. A new one is begun only if `may_begin`: it would make a
    changed log look intact. Raises ChainMissing.
    """
    state = audit.chain_state(connection)
    if state is None and not may_begin:
        raise ChainMissing
    if state is None:
        audit.begin_chain(connection, ring.seal(KEY_PLACE, new_key()), START)
        state = audit.chain_state(connection)
    return Chain(ring.open(KEY_PLACE, state.key if state else b""))


def _demand_up_to_date(connection: Connection, ring: Keyring, check: bytes, path: Path) -> None:
    """Raise KeyOutdated for a keyring from before a rotation: the audit log names its key."""
    if ring.knows_key_of(check):
        return
    rotated = audit_history.newest_facts(connection, AuditEvent.KEY_ROTATED, "begun")
    if rotated is not None and rotated.get("old") in ring.ids:
        raise KeyOutdated(path=str(path), key_id=rings.sealed_under(check))


def _demand_own(ring: Keyring, check: bytes, path: Path) -> None:
    if not rings.is_own(ring, check):
        raise KeyForeign(path=str(path))
