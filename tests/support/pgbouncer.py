"""A PgBouncer for the tests, in front of their PostgreSQL, on a socket in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import PostgresServer, as_postgres

_SETTINGS = """
[databases]
closed = host={server} dbname=nowhere user=postgres
* = host={server} user={user}
[pgbouncer]
pool_mode = {mode}
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
default_pool_size = 4
"""


@contextmanager
def running(server: PostgresServer, mode: str) -> Iterator[Path]:
    """Yield the folder of its socket. Pools have four connections, so that clients share them."""
    folder = Path(tempfile.mkdtemp(prefix="watchword-pgbouncer-"))
    user = "postgres" if os.getuid() == 0 else os.environ["USER"]
    settings = folder / "pgbouncer.ini"
    settings.write_text(_SETTINGS.format(server=server.folder, user=user, mode=mode, folder=folder))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
    assert program, "PgBouncer is missing; `make test` installs it"
    try:
        with subprocess.Popen(
            [program, "-q", str(settings)], stderr=subprocess.DEVNULL, **as_postgres()
        ) as process:
            try:
                _wait_for(folder / ".s.PGSQL.6432", process)
                yield folder
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if path.exists():
            return
        assert process.poll() is None, "PgBouncer has ended"
        time.sleep(0.02)
    raise AssertionError("PgBouncer does not listen")
