"""A PostgreSQL server for the tests, from Debian's binaries, on a socket in a folder.

Its messages are in Spanish, so that code that compares their words fails.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import psycopg
from psycopg import sql


def binaries() -> Path:
    found = list(Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb"))
    if not found:
        raise RuntimeError("PostgreSQL's programs are missing; `make test` installs them")
    return max(found, key=lambda initdb: float(initdb.parts[-3])).parent


def as_postgres() -> dict[str, Any]:
    # PostgreSQL refuses to run as root, and its programs report a folder that they cannot read.
    return {"user": "postgres", "group": "postgres", "cwd": "/"} if os.getuid() == 0 else {}


def program(name: str) -> str:
    """Return the path of a PostgreSQL program, in the version of the server."""
    return str(binaries() / name)


WITH_PASSWORD: Final = "with_password"
"""The role of users who have to log in with a password."""

_SHAPE: Final = """
SELECT concat_ws(' ',
  (SELECT sum(xmin::text::bigint) FROM pg_class WHERE oid >= 16384),
  (SELECT sum(xmin::text::bigint) FROM pg_attribute WHERE attrelid >= 16384),
  (SELECT sum(xmin::text::bigint) FROM pg_attrdef),
  (SELECT sum(xmin::text::bigint) FROM pg_constraint WHERE oid >= 16384),
  (SELECT sum(xmin::text::bigint) FROM pg_trigger WHERE oid >= 16384),
  (SELECT sum(xmin::text::bigint) FROM pg_proc WHERE oid >= 16384),
  (SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting
    JOIN pg_database ON pg_database.oid = setdatabase AND datname = current_database()),
  (SELECT string_agg('in use', '') FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()))"""
"""Everything that a test may have changed besides rows, and whether a client is connected. The
numbers of the transactions that wrote the definitions tell whether a definition has changed.
"""


@dataclass(frozen=True)
class Template:
    """The contents of a database: its shape, its rows, and the values of its sequences."""

    shape: str
    tables: tuple[str, ...]
    rows: Mapping[str, bytes]
    sequences: Mapping[str, int | None]

    @classmethod
    def of(cls, connection: Connection) -> Template:
        """Read the template from a database."""
        tables = _column(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = {}
        for table in tables:
            with connection.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
        standing = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        return cls(
            shape=_shape(connection),
            tables=tuple(tables),
            rows={table: data for table, data in rows.items() if data},
            sequences=dict(connection.execute(standing).fetchall()),
        )

    def is_filled_into(self, connection: Connection) -> bool:
        """Make a copy equal to the template. Returns False, unchanged, if its shape differs."""
        if _shape(connection) != self.shape:
            return False
        self.fill(connection)
        return True

    def fill(self, connection: Connection) -> None:
        """Replace all rows by these, in a database of this shape."""
        connection.execute("SET session_replication_role = replica")  # allows any order of rows
        # Not TRUNCATE, which makes a new file for each table and index.
        connection.execute("; ".join(f'DELETE FROM "{each}"' for each in self.tables).encode())
        for table, data in self.rows.items():
            with connection.cursor().copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                copy.write(data)
        for sequence, last in self.sequences.items():
            connection.execute(
                "SELECT setval(%s, %s, %s)",
                [f'public."{sequence}"', last or 1, last is not None],
            )


Connection = psycopg.Connection[tuple[Any, ...]]


def _shape(connection: Connection) -> str:
    return str(_column(connection, _SHAPE)[0])


def _column(connection: Connection, query: str) -> list[Any]:
    return [row[0] for row in connection.execute(query.encode())]


class PostgresServer:
    """A running server. Making a database from a template takes milliseconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._returned: dict[str, list[str]] = defaultdict(list)
        self._templates: dict[str, Template] = {}

    def url(self, database: str) -> str:
        user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self, template: str = "template0") -> str:
        """Create a database and return its name."""
        name = f"t{next(self._numbers)}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def database_in(self, encoding: str) -> str:
        """Create a database of another encoding and return its name."""
        name = f"t{next(self._numbers)}"
        self.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}'"
            " LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        return name

    def copy_of(self, template: str) -> str:
        """Return a database equal to its template: a returned one if possible.

        Filling it again takes a tenth of the time of making one.
        """
        if template not in self._templates:
            with psycopg.connect(self.url(template)) as connection:
                self._templates[template] = Template.of(connection)
        while self._returned[template]:
            name = self._returned[template].pop()
            with psycopg.connect(self.url(name)) as connection:
                if self._templates[template].is_filled_into(connection):
                    return name
        return self.new_database(template)

    def give_back(self, name: str, template: str) -> None:
        """Return a copy, to be used again."""
        self._returned[template].append(name)

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.5432"

    def stop(self, mode: str = "fast") -> None:
        self._pg_ctl("stop", "-m", mode)

    def start(self) -> None:
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c autovacuum=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c jit=off"
            " -c lc_messages=es_ES.UTF-8"
        )
        self._pg_ctl("start", "-o", options, "-l", str(self.folder / "log"))

    def role(self, name: str, password: str | None = None) -> None:
        """Create a user, which must log in with its password if it has one."""
        made = (
            "CREATE ROLE {} LOGIN"
            if password is None
            else "CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}"
        )
        blanks = sql.Identifier(name), sql.Literal(password), sql.Identifier(WITH_PASSWORD)
        self.execute(sql.SQL(made).format(*blanks))

    def execute(self, statement: sql.Composed | str, database: str = "postgres") -> None:
        """Execute a statement as superuser."""
        query = statement if isinstance(statement, sql.Composed) else sql.SQL(statement)
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(query)

    def url_of(self, user: str, database: str, **query: str) -> str:
        """Return the URL for a user. `query` adds parameters of libpq."""
        more = urlencode({"host": str(self.folder), **query})
        return f"postgresql://{user}@/{database}?{more}"

    def _pg_ctl(self, *arguments: str) -> None:
        command = [str(binaries() / "pg_ctl"), "-w", "-D", str(self.folder / "data"), *arguments]
        environ = {**os.environ, "LOCPATH": str(self.folder / "locales")}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environ, **as_postgres())


def _make_spanish(folder: Path) -> None:
    """Make a locale with a Spanish name.

    The C library only checks that the locale exists; the messages are PostgreSQL's. So a link to
    the locale that every system has is enough.
    """
    folder.mkdir()
    for name in ("C.utf8", "es_ES.utf8"):
        (folder / name).symlink_to("/usr/lib/locale/C.utf8")


@contextmanager
def running() -> Iterator[PostgresServer]:
    """Run a server within the block."""
    folder = Path(tempfile.mkdtemp(prefix="watchword-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        initdb = [str(binaries() / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-N"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C.UTF-8"],
            check=True,
            stdout=subprocess.DEVNULL,
            **as_postgres(),
        )
        _make_spanish(folder / "locales")
        access = folder / "data" / "pg_hba.conf"
        access.write_text(f"local all +{WITH_PASSWORD} scram-sha-256\n{access.read_text()}")
        server = PostgresServer(folder)
        server.start()
        server.execute(f"CREATE ROLE {WITH_PASSWORD}")
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
