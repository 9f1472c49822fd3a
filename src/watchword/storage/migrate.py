"""The upgrade of a database to this version's schema.

A normal start only compares the stored revision with a constant, because importing Alembic takes
a tenth of a second. Migrations run on a separate engine, under a lock, after `watchword.db` was
copied. SQLite's foreign keys are off: Alembic rebuilds tables, and dropping the old table would
otherwise delete every row that refers to it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.domain.operational_errors import PlaceUnusable, SchemaForeign
from watchword.storage import postgres
from watchword.storage.database import Database
from watchword.storage.schema import REVISION

_LOCK_NUMBER = 0x57617463
"""The number of the advisory lock on PostgreSQL: "Watc" in ASCII."""

_EMPTY = "empty"


def stored_revision(database: Database) -> str | None:
    """Return the database's revision; None for an empty database. Raises DatabaseUnavailable, also
    when a PostgreSQL database is not suitable.
    """
    with database.reading() as connection:
        is_empty = not sa.inspect(connection).has_table("alembic_version")
        if not database.is_sqlite:
            postgres.demand_suitable(connection, is_empty=is_empty)
        if is_empty:
            return None
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def demand_current(database: Database) -> None:
    """Raise SchemaForeign unless the schema is that of this version. Commands do not upgrade it."""
    found = stored_revision(database)
    if found != REVISION:
        raise SchemaForeign(found=found or _EMPTY, expected=REVISION)


def is_older(revision: str) -> bool:
    """Return whether a server would upgrade a database of this revision when it starts."""
    from watchword.storage.migrations.runner import known_revisions

    return revision == _EMPTY or revision in known_revisions() - {REVISION}


def upgrade(database: Database, record: Callable[[Connection, str], None] | None = None) -> bool:
    """Upgrade the schema. Returns whether it was older, or the database empty.

    `record` receives the old revision and runs in the same transaction, so a killed process leaves
    either the old schema, or the new one with its record. Raises SchemaForeign for a database of a
    newer version and changes nothing.
    """
    if stored_revision(database) == REVISION:
        return False
    from watchword.storage.migrations.runner import known_revisions, run

    with _locked(database) as connection:
        found = stored_revision(database)
        if found == REVISION:
            return False
        if found is not None and found not in known_revisions():
            raise SchemaForeign(found=found, expected=REVISION)
        if found is not None and database.is_sqlite:
            _copy(Path(str(database.url.database)), found)
        run(connection)
        if found is not None and record is not None:
            record(connection, found)
    return True


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    """Return a connection in a transaction; other processes wait with their migrations."""
    if database.is_sqlite:
        engine = sa.create_engine(database.url, poolclass=sa.pool.NullPool)
        sa.event.listen(engine, "connect", _prepare_for_migration)
    else:
        engine = postgres.engine(database.url, poolclass=sa.pool.NullPool)
    try:
        with database.guarded(), engine.connect() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
            else:
                connection.exec_driver_sql(postgres.MIGRATING)
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"))
            yield connection
            if database.is_sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"migration left rows without their parent: {broken[:3]}")
            connection.commit()
    finally:
        engine.dispose()


def _prepare_for_migration(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA foreign_keys=OFF")


def _copy(path: Path, revision: str) -> None:
    """Copy the database to `watchword.db.before-REVISION` in the same folder.

    Raises PlaceUnusable when the copy cannot be written, before anything is migrated.
    """
    target = path.with_name(f"{path.name}.before-{revision}")
    try:
        # SQLite would create the file with the umask, readable by others while it is written. The
        # copy of a failed upgrade is replaced.
        target.unlink(missing_ok=True)
        target.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except (sqlite3.Error, OSError) as error:
        raise PlaceUnusable(what=str(target), reason=str(error)) from error
