"""PostgreSQL: the URL, the connections, and the settings of each transaction.

A transaction brings its settings with it (`SET LOCAL`) instead of the connection: `ALTER ROLE`,
`ALTER DATABASE`, the URL's `options` and the PG* variables then change nothing that matters, and
a pooler such as PgBouncer may give each transaction another connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine

from watchword.domain.operational_errors import DatabaseUnavailable, SettingsInvalid

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy.pool import ConnectionPoolEntry

_DEFAULTS: Final[Mapping[str, object]] = {
    "connect_timeout": 3,
    "application_name": "watchword",
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""What the URL may set otherwise. Without them a request waits up to a quarter of an hour for a host
or network that is gone, and holds a connection of the pool."""

_SAME_RESULTS: Final = "SET LOCAL DateStyle = 'ISO'; SET LOCAL TimeZone = 'UTC'; "


def _begin(kind: str, lock: int, statement: int, idle: int) -> str:
    return (
        f"BEGIN {kind}; {_SAME_RESULTS}SET LOCAL lock_timeout = {lock}; "
        f"SET LOCAL statement_timeout = {statement}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {idle}"
    )


WRITING: Final = _begin("ISOLATION LEVEL READ COMMITTED", 3500, 4000, 30000)
NOTE: Final = _begin("ISOLATION LEVEL READ COMMITTED", 100, 4000, 30000)
READING: Final = _begin("ISOLATION LEVEL REPEATABLE READ", 3500, 4000, 30000)
READ_ONLY: Final = READING.replace("READ;", "READ READ ONLY;", 1)
MIGRATING: Final = _begin("ISOLATION LEVEL READ COMMITTED", 0, 0, 0)
"""A large table takes its time, and nodes that start together wait for the first one."""


def engine(url: URL, **pool: Any) -> Engine:
    """Return an engine whose connections are in no transaction until BEGIN is executed."""
    made = sa.create_engine(
        url,
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={
            **{name: value for name, value in _DEFAULTS.items() if name not in url.query},
            "client_encoding": "UTF8",
        },
        **pool,
    )
    sa.event.listen(made, "connect", _prepare)
    return made


def _prepare(connection: psycopg.Connection[Any], _record: ConnectionPoolEntry) -> None:
    """Leave BEGIN to us, and prepare no statements behind a pooler: the next transaction may run
    on another server connection, which does not have them. A pooler shows in the process id.
    """
    connection.autocommit = True
    [process] = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    if process != connection.info.backend_pid:
        connection.prepare_threshold = None


def demand_suitable(connection: Connection, *, is_empty: bool) -> None:
    """Raise DatabaseUnavailable for a database that cannot store every text, has no schema for
    our tables, or does not let this user create them.
    """
    row = connection.execute(_FACTS).one()
    facts = {"database": row.database, "user": row.user, "encoding": row.encoding}
    if row.encoding != "UTF8":
        raise DatabaseUnavailable(reason="encoding", **facts)
    if row.schema is None:
        raise DatabaseUnavailable(reason="no-schema", **facts)
    if is_empty and not row.may_create:
        raise DatabaseUnavailable(reason="no-permission", **facts)


_FACTS: Final = sa.text(
    "SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema,"
    " current_database() AS database, CAST(current_user AS text) AS user,"
    " has_schema_privilege(current_schema(), 'CREATE') AS may_create"
)


def url_for(database_url: str) -> URL:
    """Return the URL of a PostgreSQL database. Raises SettingsInvalid without quoting the URL, which
    may contain a password.
    """
    try:
        url = _parsed(database_url)
    except (exc.ArgumentError, ValueError):
        raise SettingsInvalid(where="database_url", problem="not-a-url") from None
    if "@" in f"{url.host}{url.database}":  # the rest of a password: never print it
        raise SettingsInvalid(where="database_url", problem="not-a-url")
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise SettingsInvalid(where="database_url", problem="not-postgresql")
    url = url.set(drivername="postgresql+psycopg")
    _demand_usable(url)
    return url


def _parsed(database_url: str) -> URL:
    """Read a URL in SQLAlchemy's form, or in libpq's for what SQLAlchemy cannot read: several hosts
    with commas between them, and a socket's folder in the place of the host.
    """
    scheme, _, rest = database_url.partition("://")
    hosts = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    if scheme not in {"postgresql", "postgres"} or not ("," in hosts or hosts.startswith("%")):
        return sa.make_url(database_url)
    from psycopg import ProgrammingError, conninfo

    try:
        found: dict[str, Any] = conninfo.conninfo_to_dict(database_url)
    except ProgrammingError:
        raise ValueError from None
    names = {"user": "username", "password": "password", "dbname": "database"}
    parts = {names[each]: found.pop(each) for each in names if each in found}
    return URL.create("postgresql", query=found, **parts)


def conninfo_of(url: URL) -> dict[str, Any]:
    """Return libpq's parameters. Raises sqlalchemy.exc.ArgumentError."""
    _, parameters = url.get_dialect()().create_connect_args(url)
    return {name: value for name, value in parameters.items() if name != "context"}


def _demand_usable(url: URL) -> None:
    """Raise SettingsInvalid for a parameter that libpq does not know, or a value it does not take;
    only it knows them all. Nothing is connected to: there is no such folder.
    """
    from psycopg import ProgrammingError, conninfo, pq

    try:
        given = conninfo_of(url)
        for name in ("host", "hostaddr", "port", "service"):
            given.pop(name, None)
        nowhere = conninfo.make_conninfo("", **{**given, "host": "/dev/null/nowhere"}).encode()
        conninfo.timeout_from_conninfo(given)
    except exc.ArgumentError:
        raise SettingsInvalid(where="database_url", problem="not-a-url") from None
    except ProgrammingError as error:
        raise _unusable(str(error)) from None
    if pq.PGconn.ping(nowhere) == pq.Ping.NO_ATTEMPT:
        raise _unusable(pq.PGconn.connect_start(nowhere).get_error_message())


def _unusable(reason: str) -> SettingsInvalid:
    return SettingsInvalid(where="database_url", problem="unusable", reason=reason.strip())
