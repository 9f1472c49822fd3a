"""Backups of one installation on SQLite, and the contents of its data folder."""

from __future__ import annotations

import functools
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.support.acts import CLI, Acts
from tests.support.installation import CHEAP, Installation
from watchword import bootstrap
from watchword.crypto import certificates
from watchword.crypto.certificates import Names
from watchword.crypto.sealed_stream import Cost
from watchword.domain.secret import Secret
from watchword.files import data_dir_lock
from watchword.usecases.operations import backup, restore
from watchword.usecases.operations.restore import Restored, Wanted

PASSPHRASE = Secret("glacier teapot orbit walnut")
CHEAP_COST = Cost(log_n=1)
NOW = datetime(2026, 3, 14, tzinfo=UTC)
REPLACE = Wanted(may_replace=True)


@dataclass
class Backups:
    """Alice's installation on SQLite, and a folder for its backups."""

    acts: Acts
    folder: Path

    @property
    def here(self) -> Installation:
        return self.acts.here

    @property
    def file(self) -> Path:
        return self.folder / "watchword.backup"

    def make(self, file: Path | None = None, passphrase: Secret = PASSPHRASE) -> Path:
        target = file or self.file
        backup.create(self.here.app, CLI, target, passphrase, CHEAP_COST)
        return target

    def restore(
        self,
        file: Path | None = None,
        *,
        wanted: Wanted = REPLACE,
        folder: Path | None = None,
        passphrase: Secret = PASSPHRASE,
    ) -> Restored:
        """Restore as the command does, without a server, and open the installation again."""
        self.here.app.close()
        data = folder or self.here.folder
        data.mkdir(mode=0o700, exist_ok=True)
        opening = functools.partial(bootstrap.open, clock=self.here.clock, hashing=CHEAP)
        target = msgspec.structs.replace(self.here.settings, data_dir=data)
        try:
            return restore.from_backup(target, CLI, file or self.file, passphrase, wanted, opening)
        finally:
            self.here.app = self.here.reopened()


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder, except the lock and SQLite's files of an open database."""
    passing = {data_dir_lock.FILE, "watchword.db-shm", "watchword.db-wal"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in passing
    }


def make_ca(folder: Path) -> dict[str, bytes]:
    """Make a local certificate authority and a server certificate, as a start does."""
    names = Names(("localhost",), ("127.0.0.1",))
    ca = certificates.local_ca(folder / "tls", names, NOW)
    certificates.leaf(folder / "tls", ca, names, NOW)
    return ca_of(folder)


def ca_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "tls").glob("ca.*"))}


def settled(backups: Backups) -> dict[str, bytes]:
    """Return the files of the data folder while the database is closed."""
    backups.here.app.close()
    found = tree(backups.here.folder)
    backups.here.app = backups.here.reopened()
    return found


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def events(here: Installation, name: str) -> list[dict[str, object]]:
    query = (
        f"SELECT interface, actor_name, facts FROM audit_events WHERE event = '{name}' ORDER BY id"
    )
    found = rows(here.folder / "watchword.db", query)
    return [{"interface": d, "actor": a, **json.loads(str(f))} for d, a, f in found]
