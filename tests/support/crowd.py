"""An installation with many rows, filled past the use-cases: for plans and measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from watchword.domain.audit import AuditEvent, Door
from watchword.storage import schema
from watchword.usecases.context import Watchword

Row = Sequence[Any]
_SECOND = 1_000_000
_EVENTS = [event.value for event in AuditEvent]
_DOORS = [door.value for door in Door]


def name(number: int) -> str:
    """The username of that number."""
    return f"name{number:06}"


def fill(app: Watchword, accounts: int, events: int) -> None:
    """Add so many accounts, each with a row or more in every table, and so many audit events,
    a second apart, the last one now.
    """
    now = int(app.clock.now().timestamp()) * _SECOND
    with app.database.reading() as connection:
        first = connection.execute(sa.func.coalesce(sa.func.max(schema.administrators.c.id), 0))
        start = int(first.scalar_one()) + 1
    ids = range(start, start + accounts)
    for table, rows in {**_people(ids, now), **_opened(ids, now)}.items():
        _insert(app, table, rows)
    _insert(app, schema.audit_events, (_event(n, ids, now, events) for n in range(events)))
    if not app.database.is_sqlite:
        _count_on(app)


def _people(ids: range, now: int) -> dict[sa.Table, Iterable[Row]]:
    return {
        schema.administrators: (
            (i, name(i), name(i), f"Full Name {i}", f"{name(i)}@ops.example", "none", now, False,
             i % 10 == 0, 1, now, None, "") for i in ids),
        schema.authenticators: (
            (i, "disabled", None, None, None, None, 0) for i in ids),
        schema.api_passwords: (
            (i, 1, f"mac{i}", "wwp_abcd", now, name(i), None, "") for i in ids),
        schema.recovery_codes: (
            (i, f"{mac}-{i}", now) for i in ids for mac in range(2)),
    }  # fmt: skip


def _opened(ids: range, now: int) -> dict[sa.Table, Iterable[Row]]:
    later = now + 3600 * _SECOND
    return {
        schema.sessions: (
            (i, f"session{i}", i, None, 1, now, now, later, now, 0, "pwd", "192.0.2.1", "", "")
            for i in ids),
        schema.known_browsers: (
            (f"browser{i}", f"browser{i}", i, 1, now, later) for i in ids),
        schema.enrolments: (
            (f"enrolment{i}", i, b"secret", 1, now, later, 0) for i in ids),
        schema.login_attempts: (
            (f"attempt{i}", f"attempt{i}", i, None, 1, now, later, 0, False, "/") for i in ids),
        schema.throttles: (
            ("password", str(i), 1, 0, 0, later) for i in ids),
    }  # fmt: skip


def _event(number: int, ids: range, now: int, count: int) -> Row:
    who = ids[number * 7919 % len(ids)]
    return (
        now - (count - number) * _SECOND, _EVENTS[number % len(_EVENTS)], "done",
        _DOORS[number % len(_DOORS)], who, name(who), who, name(who), "192.0.2.1", "browser",
        f"request{number}", "0badcafe", "{}",
    )  # fmt: skip


def _insert(app: Watchword, table: sa.Table, rows: Iterable[Row]) -> None:
    """Into all columns; the audit log counts its ids itself."""
    columns = [c.name for c in table.c if not (table is schema.audit_events and c.name == "id")]
    how: Callable[[Any, str, list[str], Iterable[Row]], None]
    how = _by_many if app.database.is_sqlite else _by_copy
    raw = app.database.engine.raw_connection()
    try:
        how(raw, table.name, columns, rows)
        raw.commit()
    finally:
        raw.close()


def _by_many(raw: Any, table: str, columns: list[str], rows: Iterable[Row]) -> None:
    blanks = ", ".join("?" * len(columns))
    cursor = raw.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({blanks})", rows)
    cursor.execute("COMMIT")


def _by_copy(raw: Any, table: str, columns: list[str], rows: Iterable[Row]) -> None:
    raw.cursor().execute("SET LOCAL statement_timeout = 0")
    with raw.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _count_on(app: Watchword) -> None:
    """Let the sequences go on behind what was filled in, and the planner know the tables."""
    with app.database.engine.connect() as connection:
        for table in ("administrators", "sessions"):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT max(id) FROM {table}))"
            )
        connection.commit()
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("RESET statement_timeout")
