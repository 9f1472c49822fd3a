"""The reason of a failed connection to PostgreSQL, by a second attempt.

The driver's error has no SQLSTATE then, only a message in the server's language. With libpq's
verbosity SQLSTATE the second attempt returns the code instead of the message.
"""

from __future__ import annotations

import ctypes
import re
import select
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import URL

from watchword.storage import database_errors, postgres

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

_SQLSTATE_ONLY: Final = 3
"""PQERRORS_SQLSTATE of libpq-fe.h."""
_STATE: Final = re.compile(r":\s+([0-9A-Z]{5})\s*$", re.MULTILINE)
_SECONDS: Final = 3
_PAUSE: Final = 0.3
_CLOSED: Final = "closed"
"""The server closed the connection and gave no reason."""


def facts(url: URL, error: Exception) -> dict[str, str]:
    """Return why connecting fails: reason, host, user and database of the refusal."""
    from psycopg import conninfo, errors

    if isinstance(error.__cause__, errors.ConnectionTimeout):  # another attempt takes as long
        return {}
    parameters = postgres.conninfo_of(url)
    target = conninfo.make_conninfo("", **parameters).encode()
    found = _facts(target, parameters)
    if found["reason"] == _CLOSED:
        # A server that stops closes its connections. Then the next attempt does not reach it.
        time.sleep(_PAUSE)
        found = _facts(target, parameters)
    return found | ({"reason": "refused"} if found["reason"] == _CLOSED else {})


def _facts(target: bytes, parameters: dict[str, Any]) -> dict[str, str]:
    from psycopg import pq

    connection = pq.PGconn.connect_start(target)
    try:
        has_answered = _attempt(connection)
        return {
            "reason": _reason(connection, parameters, has_answered=has_answered),
            "host": connection.host.decode(),
            "user": connection.user.decode(),
            "database": connection.db.decode(),
        }
    finally:
        connection.finish()


def _reason(connection: PGconn, parameters: dict[str, Any], *, has_answered: bool) -> str:
    from psycopg import pq

    if connection.status == pq.ConnStatus.OK:  # it is reachable again
        return database_errors.UNREACHABLE
    if states := _STATE.findall(connection.get_error_message()):
        return database_errors.by_sqlstate(states[-1]) or "refused"
    if connection.needs_password:
        return "password"
    if has_answered:
        return "tls" if _demands_tls(parameters) else _CLOSED
    return database_errors.UNREACHABLE if _are_known(connection.host) else "unknown-host"


def _attempt(connection: PGconn) -> bool:
    """Connect until the attempt ends. Returns whether a server has answered."""
    from psycopg import pq

    if connection.status == pq.ConnStatus.BAD:
        return False
    _set_verbosity(connection)
    has_answered = False
    while True:
        state = connection.connect_poll()
        if state in (pq.PollingStatus.OK, pq.PollingStatus.FAILED):
            return has_answered
        has_answered |= connection.status != pq.ConnStatus.STARTED
        waits = [connection.socket]
        reads = waits if state == pq.PollingStatus.READING else []
        if not any(select.select(reads, [] if reads else waits, [], _SECONDS)):
            return has_answered


def _set_verbosity(connection: Any) -> None:
    """Call PQsetErrorVerbosity, which psycopg does not offer, in the libpq that it uses."""
    with suppress(AttributeError, OSError, TypeError):
        library: Any = ctypes.CDLL(sys.modules[type(connection).__module__].__file__)
        library.PQsetErrorVerbosity(ctypes.c_void_p(connection.pgconn_ptr), _SQLSTATE_ONLY)


def _demands_tls(parameters: dict[str, Any]) -> bool:
    from psycopg.pq import Conninfo

    usual = next(each.val for each in Conninfo.get_defaults() if each.keyword == b"sslmode")
    mode = parameters.get("sslmode") or (usual or b"").decode()
    return mode in {"require", "verify-ca", "verify-full"}


def _are_known(hosts: bytes) -> bool:
    for host in hosts.decode().split(","):
        try:
            host.startswith(("/", "@")) or socket.getaddrinfo(host, None)
        except OSError:
            return False
    return True
