"""PostgreSQL with other settings: messages in any language, encodings, owners, parameters."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa

from tests.support.acts import BY_CLI, CLI, PASSWORD
from tests.support.installation import CHEAP, Installation, settings_for
from tests.support.postgres import PostgresServer
from tests.support.relay import port_to
from watchword import bootstrap
from watchword.cli.database_messages import REASONS
from watchword.cli.messages import lines_of
from watchword.crypto.passwords import run
from watchword.domain.health_checks import Code
from watchword.domain.operational_errors import DatabaseUnavailable, SettingsInvalid
from watchword.domain.secret import Secret
from watchword.storage import audit, database_errors, migrate
from watchword.storage.audit_query import AuditFilter
from watchword.storage.database import Database, url_for
from watchword.usecases.accounts import NewAdministrator
from watchword.usecases.administrators import other_accounts
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.operations.data_checks import examine_data

postgresql_only = pytest.mark.parametrize("here", ["postgresql"], indirect=True)
PASSWORDS = "swordfish", "open sesame"


def reason_of(act: Callable[[], object]) -> str:
    with pytest.raises(DatabaseUnavailable) as refused:
        act()
    return str(refused.value.facts["reason"])


def open_at(folder: Path, url: str) -> Watchword:
    return bootstrap.open(settings_for(folder, url), hashing=CHEAP)


def refused_at(folder: Path, url: str) -> str:
    """The message of the command line."""
    with pytest.raises((DatabaseUnavailable, SettingsInvalid)) as refused:
        open_at(folder, url)
    message = "\n".join(lines_of(refused.value))
    assert not any(each in message for each in PASSWORDS)
    assert "%(" not in message
    assert "Is the server running" not in message  # libpq's hint; ours replaces it
    return message


# --- errors by their codes -------------------------------------------------------------------
def test_the_server_of_the_tests_speaks_spanish(postgres_server: PostgresServer) -> None:
    with psycopg.connect(postgres_server.url("postgres")) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable, match="no existe la relación"):
            connection.execute("SELECT * FROM nowhere")


@postgresql_only
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("25006", "read-only"), ("40001", "busy"), ("40P01", "busy"), ("53100", "disk-full"),
        ("53200", "busy"), ("53300", "too-many-connections"), ("55P03", "busy"), ("57014", "busy"),
        ("57P01", "unreachable"), ("57P03", "starting"), ("58030", "unreachable"),
        ("08006", "unreachable"), ("XX001", "damaged"), ("25P03", "busy"), ("42501", "other-owner"),
        ("3F000", "no-schema"),
    ],
)  # fmt: skip
def test_an_error_is_recognised_by_its_sqlstate(
    here: Installation, state: str, reason: str
) -> None:
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'palabras' USING ERRCODE = '{state}'; END $$"

    def fail() -> None:
        with here.app.database.writing() as connection:
            connection.exec_driver_sql(raised)

    assert reason_of(fail) == reason


@postgresql_only
@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_statement_that_waits_too_long_is_busy_in_any_language(
    here: Installation, limit: str
) -> None:
    def wait() -> None:
        with here.app.database.writing() as connection:
            connection.exec_driver_sql(f"SET LOCAL {limit} = 10")
            connection.exec_driver_sql("LOCK TABLE installation")

    with here.app.database.writing() as holder:
        holder.exec_driver_sql("LOCK TABLE installation")
        assert reason_of(wait) == "busy"


@pytest.mark.parametrize(
    "words", ["locked", "readonly", "disk is full", "malformed", "lock timeout", "read-only"]
)
def test_error_of_our_sql_is_not_reported_as_one_of_the_database(
    here: Installation, words: str
) -> None:
    with pytest.raises(sa.exc.DBAPIError), here.app.database.writing() as connection:
        connection.exec_driver_sql(f'SELECT * FROM "{words}"')


def test_each_reason_has_a_sentence_and_a_hint() -> None:
    raised = {
        *database_errors._BY_SQLSTATE.values(),
        *database_errors._BY_SQLITE_CODE.values(),
        *("tls", "unknown-host", "encoding", "no-permission", "no-epoch"),
    }
    assert raised == set(REASONS)
    assert all(reason and hint for reason, hint in REASONS.values())


# --- connections that fail -------------------------------------------------------------------
@pytest.fixture(scope="module")
def roles(postgres_server: PostgresServer) -> PostgresServer:
    postgres_server.role("ann", "open sesame")
    postgres_server.role("full")
    postgres_server.execute("ALTER ROLE full CONNECTION LIMIT 0")
    return postgres_server


@pytest.mark.parametrize(
    ("user", "database", "query", "message"),
    [
        ("ann:swordfish", "postgres", {}, "refuses the password of the user ann."),
        ("ann", "postgres", {"password": "swordfish"}, "refuses the password of the user ann."),
        ("ann", "postgres", {}, "refuses the password of the user ann."),
        ("postgres", "nowhere", {}, "has no database nowhere."),
        ("nobody", "postgres", {}, "refuses the connection: "),
        ("full", "postgres", {}, "no free connection: "),
        ("postgres", "postgres", {"options": "-c work_mem=much"}, "refuses the connection: "),
        ("postgres", "postgres", {"host": "/nowhere"}, "does not answer: "),
        ("postgres", "postgres", {"host": "127.0.0.1", "port": "1"}, "does not answer: "),
        ("postgres", "postgres", {"host": "nowhere.invalid"}, "nowhere.invalid"),
        ("postgres", "postgres", {"sslmode": "maybe"}, 'invalid sslmode value: "maybe"'),
        ("postgres", "postgres", {"target_session_attrs": "best"}, "target_session_attrs"),
        ("postgres", "postgres", {"connect_timeout": "soon"}, "connect_timeout"),
        ("postgres", "postgres", {"host": "a,b", "port": "1,2,3"}, "it is not a database URL"),
    ],
)
def test_a_connection_that_fails_is_explained(
    roles: PostgresServer,
    tmp_path: Path,
    user: str,
    database: str,
    query: dict[str, str],
    message: str,
) -> None:
    assert message in refused_at(tmp_path, roles.url_of(user, database, **query))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:swordfish@swordfish.invalid/d",
        "postgresql://u:open@swordfish@h/d",
        "postgresql://u:open@sword/swordfish@h/d",
        "postgresql://u:swordfish@h:swordfish/d",
        "postgresql://u:1?swordfish@h,g/d",
        "postgresql://u@/d?password=swordfish&host=swordfish.invalid",
    ],
)
def test_no_message_contains_the_password(tmp_path: Path, url: str) -> None:
    assert refused_at(tmp_path, url).startswith("watchword: ")


def test_an_unknown_host_is_not_taken_for_a_server_that_is_down(tmp_path: Path) -> None:
    assert "is unknown" in refused_at(tmp_path, "postgresql://u@nowhere.invalid/d")


def test_a_server_without_tls_is_explained(postgres_server: PostgresServer, tmp_path: Path) -> None:
    with port_to(postgres_server.socket) as port:
        message = refused_at(tmp_path, f"postgresql://u@127.0.0.1:{port}/d?sslmode=require")
    assert "No TLS connection" in message


@pytest.mark.parametrize(
    ("connections", "message"), [(3, "refuses the connection"), (2, "does not answer")]
)
def test_something_else_that_listens_is_no_database(
    tmp_path: Path, connections: int, message: str
) -> None:
    """A server that stops closes its connections without a reason, and is then gone."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def hang_up_on(count: int) -> None:
            for _ in range(count):
                listener.accept()[0].close()
            listener.close()

        listener.settimeout(20)
        port = listener.getsockname()[1]
        pool.submit(hang_up_on, connections)
        url = f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable"
        assert message in refused_at(tmp_path, url)


# --- databases that are not suitable ---------------------------------------------------------
def test_user_without_create_permission_is_shown_the_statement_to_run(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    name = postgres_server.new_database()
    postgres_server.role('o\'Brien "B"')
    url = postgres_server.url_of(quote('o\'Brien "B"'), name)
    message = refused_at(tmp_path, url)
    found = re.search(r"ALTER DATABASE .*;", message)
    assert found is not None
    postgres_server.execute(found[0])
    open_at(tmp_path, url).close()


def test_tables_of_another_owner_are_explained(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """As after pg_restore by the superuser."""
    name = postgres_server.new_database()
    open_at(tmp_path, postgres_server.url(name)).close()
    postgres_server.role("bea")
    message = refused_at(tmp_path, postgres_server.url_of("bea", name))
    assert "belong to another user" in message
    assert "pg_restore --no-owner --role=bea" in message


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP"])
def test_a_database_that_cannot_store_every_name_is_refused(
    postgres_server: PostgresServer, tmp_path: Path, encoding: str
) -> None:
    url = postgres_server.url(postgres_server.database_in(encoding))
    assert f"has the encoding {encoding}" in refused_at(tmp_path, url)
    settings = settings_for(tmp_path, url)
    findings = examine_data(settings, bootstrap.SystemClock().now())
    assert {"reason": "encoding", "encoding": encoding}.items() <= next(
        f.facts for f in findings if f.code is Code.DATABASE_UNAVAILABLE
    ).items()


def test_a_search_path_without_a_schema_is_refused(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    name = postgres_server.new_database()
    url = postgres_server.url_of("postgres", name, options="-c search_path=nowhere")
    assert "has no schema" in refused_at(tmp_path, url)


def test_options_of_the_url_hold_for_the_migration_and_for_everything_else(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    name = postgres_server.new_database()
    postgres_server.execute("CREATE SCHEMA ours", name)
    url = postgres_server.url_of("postgres", name, options="-c search_path=ours")
    with closing(open_at(tmp_path, url)) as app:
        make_bob(app)
        assert things_done(app)
    with psycopg.connect(postgres_server.url(name)) as connection:
        schemas = connection.execute("SELECT DISTINCT schemaname FROM pg_tables"
                                     " WHERE schemaname IN ('ours', 'public')").fetchall()  # fmt: skip
    assert schemas == [("ours",)]


# --- parameters that change results ----------------------------------------------------------
def make_bob(app: Watchword) -> None:
    run(other_accounts.create(app, BY_CLI, NewAdministrator("bob", "", "", Secret(PASSWORD))))


def things_done(app: Watchword) -> list[Any]:
    """Write texts, times, bytes and patterns, and return the values that are read."""
    new = NewAdministrator(
        "a\u0142ice_", "100 % \u00dcn\u00ef\\code \u65e5\u672c", "", Secret(PASSWORD)
    )
    run(other_accounts.create(app, BY_CLI, new))
    found = [
        each.account.full_name for each in other_accounts.page(app, CLI, search="\u00fcn\u00ef\\co")
    ]
    events = [row.facts for row in audit_log.page(app, CLI, AuditFilter(account="a\u0142ice_"), 1)]
    other_accounts.delete(app, BY_CLI, "a\u0142ice_")
    with app.database.reading() as connection:
        here_and_there = audit.database_time(connection) - bootstrap.SystemClock().now()
    assert abs(here_and_there) < timedelta(seconds=30)
    return [found, events, audit_log.verify(app, CLI).count > 0]


@contextmanager
def hostile(server: PostgresServer, name: str, values: dict[str, str]) -> Iterator[None]:
    for parameter, value in values.items():
        server.execute(f"ALTER DATABASE {name} SET {parameter} = '{value}'")
    try:
        yield
    finally:
        server.execute(f"ALTER DATABASE {name} RESET ALL")


HOSTILE_SETTINGS = [
    {"TimeZone": "America/St_Johns", "DateStyle": "German", "IntervalStyle": "sql_standard",
     "bytea_output": "escape", "extra_float_digits": "-15", "client_encoding": "LATIN1",
     "lc_messages": "C", "lc_monetary": "C", "lc_numeric": "C", "lc_time": "es_ES.UTF-8"},
    {"TimeZone": "<+0330>-3:30", "DateStyle": "Postgres, DMY", "standard_conforming_strings": "off",
     "backslash_quote": "off", "escape_string_warning": "on", "transform_null_equals": "on",
     "array_nulls": "off", "quote_all_identifiers": "on", "client_min_messages": "debug1"},
    {"default_transaction_isolation": "serializable", "default_transaction_deferrable": "on",
     "idle_session_timeout": "5000", "synchronous_commit": "off", "row_security": "off",
     "enable_indexscan": "off", "work_mem": "64kB", "plan_cache_mode": "force_generic_plan"},
]  # fmt: skip


@postgresql_only
@pytest.mark.parametrize("values", HOSTILE_SETTINGS, ids=["formats", "texts", "transactions"])
def test_no_parameter_of_the_database_changes_what_is_stored_or_read(
    here: Installation, postgres_server: PostgresServer, values: dict[str, str]
) -> None:
    make_bob(here.app)
    expected = things_done(here.app)
    name = str(here.app.database.url.database)
    with hostile(postgres_server, name, values):
        here.with_settings()
        assert things_done(here.app) == expected
        here.app.close()


@postgresql_only
@pytest.mark.parametrize(
    "environ",
    [
        {"PGCLIENTENCODING": "LATIN1", "PGDATESTYLE": "German", "PGTZ": "Asia/Kathmandu",
         "PGOPTIONS": "-c default_transaction_isolation=serializable",
         "PGAPPNAME": "another", "PGCONNECT_TIMEOUT": "0", "PGGEQO": "off",
         "PGTARGETSESSIONATTRS": "read-write", "PGSSLMODE": "prefer", "PGPORT": "5432",
         "PGDATABASE": "nowhere", "PGUSER": "nobody", "PGHOST": "/nowhere", "PGPASSWORD": "wrong"},
        {"PGSERVICE": "ours"},
    ],
    ids=["variables", "service"],
)  # fmt: skip
def test_no_variable_of_libpq_changes_what_is_stored_or_read(
    here: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    make_bob(here.app)
    expected = things_done(here.app)
    services = tmp_path / "services"
    services.write_text(
        "[ours]\nclient_encoding=LATIN1\noptions=-c DateStyle=German\ndbname=nowhere\n"
    )
    for name, value in {**environ, "PGSERVICEFILE": str(services)}.items():
        monkeypatch.setenv(name, value)
    here.with_settings()
    assert things_done(here.app) == expected


@postgresql_only
def test_the_timeouts_of_a_transaction_are_always_the_same(
    here: Installation, postgres_server: PostgresServer
) -> None:
    name = str(here.app.database.url.database)
    names = "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"
    with hostile(postgres_server, name, dict.fromkeys(names, "7h")):
        here.with_settings()
        for opened in (here.app.database.reading, here.app.database.writing):
            with opened() as connection:
                shown = [connection.exec_driver_sql(f"SHOW {each}").scalar() for each in names]
            assert shown == ["3500ms", "4s", "30s"]
        with migrate._locked(here.app.database) as connection:
            shown = [connection.exec_driver_sql(f"SHOW {each}").scalar() for each in names]
        assert shown == ["0", "0", "0"]
        here.app.close()


@postgresql_only
def test_a_serializable_database_serves_parallel_changes(
    here: Installation, postgres_server: PostgresServer
) -> None:
    name = str(here.app.database.url.database)
    make_bob(here.app)
    with hostile(postgres_server, name, {"default_transaction_isolation": "serializable"}):
        here.with_settings()

        def change(number: int) -> None:
            other_accounts.change(here.app, BY_CLI, "bob", full_name=f"Bob {number}")

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(change, range(12)))
        here.app.close()


@postgresql_only
def test_database_that_is_read_only_by_default_rejects_changes(
    here: Installation, postgres_server: PostgresServer
) -> None:
    name = str(here.app.database.url.database)
    with hostile(postgres_server, name, {"default_transaction_read_only": "on"}):
        here.with_settings()
        assert reason_of(lambda: make_bob(here.app)) == "read-only"
        here.app.close()


@postgresql_only
def test_the_url_may_set_timeouts_of_the_network(here: Installation) -> None:
    url = url_for(
        f"{here.settings.database_url}&connect_timeout=7&tcp_user_timeout=100", here.folder
    )
    with closing(Database(url)) as database, database.reading() as connection:
        driver: Any = connection.connection.driver_connection
        given = driver.info.get_parameters()
    assert (given["connect_timeout"], given["tcp_user_timeout"]) == ("7", "100")
    assert given["keepalives_idle"] == "5"


# --- several hosts, sockets ------------------------------------------------------------------
@pytest.mark.parametrize(
    "form",
    [
        "postgresql://postgres@/{name}?host=/nowhere&host={folder}",
        "postgresql://postgres@/{name}?host=/nowhere,{folder}",
        "postgresql://postgres@/{name}?host={folder}",
        "postgresql://postgres@%2Fnowhere,{quoted}/{name}",
        "postgresql://postgres@{quoted}/{name}",
        "postgres://postgres@{quoted}:5432/{name}?connect_timeout=2",
        "postgresql://postgres@127.0.0.1:1,127.0.0.1:{port}/{name}",
        "postgresql://postgres@/{name}?host=127.0.0.1:1&host=127.0.0.1:{port}",
    ],
)
def test_the_first_host_that_answers_is_used(
    postgres_server: PostgresServer, tmp_path: Path, form: str
) -> None:
    folder = postgres_server.folder
    with port_to(postgres_server.socket) as port:
        url = url_for(
            form.format(name="postgres", folder=folder, quoted=quote(str(folder), ""), port=port),
            tmp_path,
        )
        with closing(Database(url, pool=1)) as database, database.reading() as connection:
            assert connection.exec_driver_sql("SELECT current_database()").scalar() == "postgres"


def test_connection_to_an_unreachable_host_fails_within_seconds(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    """The host sends no packet, not even a refusal, so the timeouts of the socket must end it."""
    options = (
        socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT
    )  # fmt: skip
    with port_to(postgres_server.socket) as port:
        url = url_for(f"postgresql://postgres@127.0.0.1:{port}/postgres", tmp_path)
        with closing(Database(url)) as database, database.reading() as reading:
            driver: Any = reading.connection.driver_connection
            with socket.socket(fileno=os.dup(driver.fileno())) as used:
                found = [used.getsockopt(socket.IPPROTO_TCP, option) for option in options]
                assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert found == [5000, 5, 2, 2]
