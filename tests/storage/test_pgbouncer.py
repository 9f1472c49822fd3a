"""An installation behind PgBouncer, where each transaction can run on another server connection."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.test_postgres import make_bob, open_at, refused_at, things_done
from tests.support import pgbouncer
from tests.support.acts import BY_CLI, CLI
from tests.support.postgres import PostgresServer
from watchword.domain.health_checks import Code
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.operations.data_checks import examine_data

WRITES = 60


def url_at(folder: Path, database: str, query: str = "") -> str:
    return f"postgresql://watchword@/{database}?host={folder}&port=6432{query}"


def change_in_parallel(app: Watchword) -> None:
    """Run each statement often enough for psycopg to prepare it: five times on a connection."""

    def change(number: int) -> None:
        other_accounts.change(app, BY_CLI, "bob", full_name=f"Bob {number}")
        things = other_accounts.page(app, CLI, search="bob")
        assert [each.account.username for each in things] == ["bob"]

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(change, range(WRITES)))


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_an_installation_behind_pgbouncer_works(
    postgres_server: PostgresServer, tmp_path: Path, mode: str
) -> None:
    name = postgres_server.new_database()
    with pgbouncer.running(postgres_server, mode) as folder:
        with closing(open_at(tmp_path, url_at(folder, name))) as app:
            make_bob(app)
            assert things_done(app)
            if mode == "transaction":  # in session mode twelve threads wait for four connections
                change_in_parallel(app)
            audit_log.verify(app, CLI)
            findings = {each.code for each in examine_data(app.settings, app.clock.now())}
    assert {Code.DATABASE_GOOD, Code.SCHEMA_CURRENT} <= findings


@pytest.fixture(scope="module")
def statements(postgres_server: PostgresServer) -> Iterator[Path]:
    with pgbouncer.running(postgres_server, "statement") as folder:
        yield folder


@pytest.mark.parametrize(
    ("database", "query", "expected"),
    [
        ("postgres", "", "refuses the connection: "),
        ("closed", "", "nowhere"),
        ("postgres", "&options=-c%20search_path%3Dours", "ignore_startup_parameters"),
    ],
)
def test_refusal_by_pgbouncer_is_explained(
    statements: Path, tmp_path: Path, database: str, query: str, expected: str
) -> None:
    assert expected in refused_at(tmp_path, url_at(statements, database, query))
