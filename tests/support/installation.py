"""An installation for a test, on SQLite or PostgreSQL, with cheap hashes and its own clock."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from tests.support import statement_cache as _statement_cache  # noqa: F401 - statements are compiled once
from tests.support.clock import MovableClock
from tests.support.postgres import PostgresServer
from watchword import bootstrap
from watchword.config import Settings, load
from watchword.crypto.passwords import Parameters
from watchword.usecases.context import Watchword

CHEAP = Parameters(memory=8, passes=1, lanes=1)
"""A thousandth of the real cost, set through the composition root; no setting allows it."""


def _nothing() -> None:
    """Do nothing: SQLite has no database to return."""


@dataclass
class Installation:
    """The installation of a test. `database` is "sqlite" or "postgresql"."""

    database: str
    folder: Path
    settings: Settings
    clock: MovableClock
    app: Watchword
    give_back: Callable[[], None] = _nothing

    def close(self) -> None:
        """Close the installation; its PostgreSQL database is used again."""
        self.app.close()
        self.give_back()

    def reopened(self) -> Watchword:
        """Open the same data again, as another process would."""
        return bootstrap.open(self.settings, clock=self.clock, hashing=CHEAP)

    def with_settings(self, **changes: object) -> None:
        """Close the installation, and open it again with other settings."""
        self.app.close()
        self.settings = msgspec.structs.replace(self.settings, **changes)
        self.app = self.reopened()


def settings_for(folder: Path, database_url: str = "") -> Settings:
    environ = {"WATCHWORD_DATABASE_URL": database_url} if database_url else {}
    return load(data_dir=str(folder), environ=environ).settings


def make_template(
    folder: Path,
    postgres: PostgresServer | None,
    live: Callable[[Installation], object] = lambda _: None,
) -> tuple[Path, str]:
    """Make an installation that tests copy, empty except for the changes of `live`.

    Returns its folder and the URL of its database.
    """
    url = postgres.url(postgres.new_database()) if postgres else ""
    settings, clock = settings_for(folder, url), MovableClock()
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    live(Installation("postgresql" if postgres else "sqlite", folder, settings, clock, app))
    app.close()
    return folder, url


def open_copy(
    template: tuple[Path, str], folder: Path, postgres: PostgresServer | None, **changes: object
) -> Installation:
    """Open a copy of the template."""
    shutil.copytree(template[0], folder, dirs_exist_ok=True)
    url = ""
    give_back: Callable[[], None] = _nothing
    if postgres:
        original = template[1].split("/")[3].partition("?")[0]
        name = postgres.copy_of(original)
        url, give_back = postgres.url(name), partial(postgres.give_back, name, original)
    settings = msgspec.structs.replace(settings_for(folder, url), **changes)
    clock = MovableClock()
    app = bootstrap.open(settings, clock=clock, hashing=CHEAP)
    database = "postgresql" if postgres else "sqlite"
    return Installation(database, folder, settings, clock, app, give_back)
