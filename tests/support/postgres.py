"""A PostgreSQL server of the tests' own, from Debian's binaries, on a socket in a folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql


def binaries() -> Path:
    found = list(Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb"))
    if not found:
        raise RuntimeError("PostgreSQL's programs are missing; `make test` installs them")
    return max(found, key=lambda initdb: float(initdb.parts[-3])).parent


def _as_postgres() -> dict[str, Any]:
    # PostgreSQL refuses to run as root.
    return {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, of the server's version."""
    return str(binaries() / name)


class PostgresServer:
    """A running server; databases are made from templates, which takes milliseconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def url(self, database: str) -> str:
        user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def new_database(self, template: str = "template0") -> str:
        """Create a database and return its name."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def stop(self, mode: str = "fast") -> None:
        self._pg_ctl("stop", "-m", mode)

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._pg_ctl("start", "-o", options, "-l", str(self.folder / "log"))

    def _pg_ctl(self, *arguments: str) -> None:
        command = [str(binaries() / "pg_ctl"), "-w", "-D", str(self.folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_postgres())


@contextmanager
def running() -> Iterator[PostgresServer]:
    """A server for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="watchword-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        initdb = [str(binaries() / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-N"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C.UTF-8"],
            check=True,
            stdout=subprocess.DEVNULL,
            **_as_postgres(),
        )
        server = PostgresServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
