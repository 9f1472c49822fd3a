"""Classification of driver errors: a problem of the database's host, disk or configuration, or an
error of our SQL.

Only codes are compared, because servers write their messages in many languages.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import exc
from sqlalchemy.engine import URL

from watchword.domain.operational_errors import DatabaseUnavailable

UNREACHABLE: Final = "unreachable"
_CANNOT_OPEN: Final = "cannot-open"
_LITTLE_ROOM: Final = 128 * 1024

_BY_SQLITE_CODE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_PROTOCOL: "busy",
    sqlite3.SQLITE_INTERRUPT: "busy",
    sqlite3.SQLITE_NOMEM: "busy",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_FULL: "disk-full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_IOERR: _CANNOT_OPEN,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_PERM: _CANNOT_OPEN,
    sqlite3.SQLITE_AUTH: _CANNOT_OPEN,
    sqlite3.SQLITE_NOLFS: _CANNOT_OPEN,
}

_BY_SQLSTATE: Final[Mapping[str, str]] = {
    # Two characters are a class; five are a state that differs from its class.
    "08": UNREACHABLE,
    "08P01": "refused",  # PgBouncer sends it for most errors
    "22023": "refused",  # when connecting: a value in `options`
    "25006": "read-only",
    "25P03": "busy",
    "25P04": "busy",
    "28": "refused",
    "28P01": "password",
    "3D000": "no-such-database",
    "3F000": "no-schema",
    "40": "busy",
    "42501": "other-owner",
    "53": "busy",
    "53100": "disk-full",
    "53300": "too-many-connections",
    "55P03": "busy",
    "57": UNREACHABLE,
    "57014": "busy",
    "57P03": "starting",
    "57P04": "no-such-database",
    "58": UNREACHABLE,
    "XX001": "damaged",
    "XX002": "damaged",
}


def by_sqlstate(state: str) -> str | None:
    """Return the reason of a SQLSTATE; None when it is an error of our SQL."""
    return _BY_SQLSTATE.get(state) or _BY_SQLSTATE.get(state[:2])


def refusal_of(error: exc.SQLAlchemyError, url: URL) -> DatabaseUnavailable | None:
    """Return the refusal for a driver's error; None when it is an error of our SQL."""
    if isinstance(error, exc.TimeoutError):  # the pool's
        return DatabaseUnavailable(reason="busy", retry_after=2)
    if not isinstance(error, exc.DBAPIError):
        return None
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        reason = _of_sqlite(driver, Path(str(url.database)).parent)
    else:
        reason = _of_postgresql(error)
    if reason is None:
        return None
    facts = {
        "user": url.username or "",
        "database": url.database or "",
        "said": message_of(error, url),
    }
    return DatabaseUnavailable(reason=reason, retry_after=5, **facts)


def message_of(error: exc.DBAPIError, url: URL) -> str:
    """Return the driver's message on one line, without indented hints and passwords."""
    lines = [line for line in str(error.orig).splitlines() if not line[:1].isspace()]
    text = " ".join(" ".join(lines).split())
    hidden = (
        url.password,
        url.query.get("password"),
        url.query.get("sslpassword"),
        os.environ.get("PGPASSWORD"),
    )
    for secret in filter(None, map(str, filter(None, hidden))):
        text = text.replace(secret, "***")
    return text.rstrip(".")[:500]


def _of_sqlite(error: sqlite3.Error, folder: Path) -> str | None:
    code = getattr(error, "sqlite_errorcode", None)
    reason = None if code is None else _BY_SQLITE_CODE.get(code & 0xFF)
    return _reason_of_disk(folder) if reason == _CANNOT_OPEN else reason


def _reason_of_disk(folder: Path) -> str:
    """Return why SQLite cannot open or write a file; its error does not contain the reason."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return _CANNOT_OPEN
    if found.f_flag & os.ST_RDONLY:
        return "read-only"
    return "disk-full" if found.f_bavail * found.f_frsize < _LITTLE_ROOM else _CANNOT_OPEN


def _of_postgresql(error: exc.DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return by_sqlstate(state)
    # Without a SQLSTATE the error is the driver's: no connection was made, or it was lost.
    return UNREACHABLE if isinstance(error, exc.OperationalError | exc.InterfaceError) else None
