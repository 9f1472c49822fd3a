"""An installation that can be put back to its state at an earlier moment.

The use-cases prepare a state once. Each test then starts with the same rows, keys and time,
independent of the previous test.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

import psycopg

from tests.support.installation import Installation
from tests.support.postgres import Template
from watchword.crypto import keyring


class Rows(Protocol):
    """The contents of a database."""

    def put_back(self) -> None: ...


@dataclass(frozen=True)
class Kept:
    """The rows, the keyring and the time of an installation, at one moment."""

    here: Installation
    rows: Rows
    ring: bytes
    time: datetime

    @classmethod
    def of(cls, here: Installation) -> Kept:
        rows: Rows = SqliteRows.of(here) if here.database == "sqlite" else PostgresRows.of(here)
        return cls(here, rows, _ring(here), here.clock.now())

    def put_back(self) -> None:
        """Restore the state. In the server's memory only the keys change."""
        self.rows.put_back()
        self.here.clock.put_back(self.time)
        if _ring(self.here) != self.ring:
            keyring.path_in(self.here.folder).write_bytes(self.ring)
            self.here.with_settings()


def _ring(here: Installation) -> bytes:
    return keyring.path_in(here.folder).read_bytes()


@dataclass(frozen=True)
class SqliteRows:
    path: Path
    copy: Path

    @classmethod
    def of(cls, here: Installation) -> SqliteRows:
        path = Path(str(here.app.database.url.database))
        copy = Path(mkdtemp(dir=here.folder.parent)) / path.name
        _copy(path, copy)
        return cls(path, copy)

    def put_back(self) -> None:
        _copy(self.copy, self.path)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as of, closing(sqlite3.connect(target)) as to:
        to.execute("PRAGMA synchronous=OFF")
        of.backup(to)


@dataclass(frozen=True)
class PostgresRows:
    url: str
    template: Template

    @classmethod
    def of(cls, here: Installation) -> PostgresRows:
        url = here.settings.database_url
        with psycopg.connect(url) as connection:
            return cls(url, Template.of(connection))

    def put_back(self) -> None:
        with psycopg.connect(self.url) as connection:
            self.template.fill(connection)
