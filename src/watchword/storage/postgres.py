"""PostgreSQL: its URL, its connections, and the settings of each transaction.

Settings belong to the transaction (`SET LOCAL`), not to the connection. So they override `ALTER
ROLE`, `ALTER DATABASE`, the URL's `options` and the PG* variables, and a pooler such as PgBouncer
may use another connection for each transaction.
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

DEFAULTS: Final[Mapping[str, object]] = {
    "connect_timeout": 3,
    "application_name": "watchword",
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""Connection parameters that the URL can override. Without them a request waits up to a quarter of
an hour for an unreachable host, with a connection of the pool."""

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
MIGRATING: Final = (
    _begin("ISOLATION LEVEL READ COMMITTED", 0, 0, 0) + "; SET CONSTRAINTS ALL IMMEDIATE"
)
"""Without timeouts: migrating a large table is slow, and other nodes wait for the first one.
PostgreSQL alters no table with pending triggers, so those of the epoch are not deferred.
"""


def engine(url: URL, **pool: Any) -> Engine:
    """Return an engine whose connections begin no transaction before BEGIN is executed."""
    made = sa.create_engine(
        url,
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={
            **{name: value for name, value in DEFAULTS.items() if name not in url.query},
            "client_encoding": "UTF8",
        },
        **pool,
    )
    sa.event.listen(made, "connect", _prepare)
    return made


def _prepare(connection: psycopg.Connection[Any], _record: ConnectionPoolEntry) -> None:
    """Turn off the driver's transactions, and prepared statements when there is a pooler: the next
    transaction may run on another server connection, which does not have them. With a pooler the
    process id of the server differs from that of the connection.
    """
    connection.autocommit = True
    [process] = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    if process != connection.info.backend_pid:
        connection.prepare_threshold = None


def demand_suitable(connection: Connection, *, is_empty: bool) -> None:
    """Raise DatabaseUnavailable when the database cannot store every text, has no schema for the
    tables, or does not allow this user to create them.
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
    """Return the URL of a PostgreSQL database. Raises SettingsInvalid, without quoting the URL: it
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
    """Parse the URL with SQLAlchemy. Parse it with libpq when SQLAlchemy does not support its host:
    several hosts with commas between them, or the folder of a socket.
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
    """Raise SettingsInvalid for a parameter or a value that libpq does not accept.

    libpq checks them before it connects; the host is a folder that does not exist.
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
