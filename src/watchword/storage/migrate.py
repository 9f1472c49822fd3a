"""Bringing a database to this version's schema.

At a normal start only the stored revision is compared with a constant: importing Alembic costs
a tenth of a second. Migrations run on an engine of their own, under a lock, with SQLite's
foreign keys off: Alembic rebuilds tables there, and dropping the old one would otherwise
cascade to every child row. `watchword.db` is copied first.
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
"""Names our advisory lock on PostgreSQL: "Watc"."""

_EMPTY = "empty"


def stored_revision(database: Database) -> str | None:
    """Return the database's revision; None for an empty one. Raises DatabaseUnavailable, also for
    a PostgreSQL database that is not suitable.
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
    """Raise SchemaForeign unless the schema is this version's: for the command line."""
    found = stored_revision(database)
    if found != REVISION:
        raise SchemaForeign(found=found or _EMPTY, expected=REVISION)


def is_older(revision: str) -> bool:
    """Return whether a server's start would bring this revision up to date."""
    from watchword.storage.migrations.runner import known_revisions

    return revision == _EMPTY or revision in known_revisions() - {REVISION}


def upgrade(database: Database, record: Callable[[Connection, str], None] | None = None) -> bool:
    """Bring the schema up to date. Returns whether there was anything to do.

    `record` is told the revision that data were brought up from, in the same transaction: a
    process that is killed leaves the old schema, or the new one and what was recorded of it.
    Raises SchemaForeign for a database of a newer version, which is left untouched.
    """
    if stored_revision(database) == REVISION:
        return False
    from watchword.storage.migrations.runner import known_revisions, run

    with _alone(database) as connection:
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
def _alone(database: Database) -> Iterator[Connection]:
    """Give a connection that no other process migrates beside."""
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
    """Keep the database as it was, beside it: `watchword.db.before-REVISION`.

    Raises PlaceUnusable when there is no room for it; nothing was migrated then.
    """
    target = path.with_name(f"{path.name}.before-{revision}")
    try:
        # SQLite would make the file under the umask, open to others while it is written. One of
        # an upgrade that failed is made again.
        target.unlink(missing_ok=True)
        target.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
    except (sqlite3.Error, OSError) as error:
        raise PlaceUnusable(what=str(target), reason=str(error)) from error
