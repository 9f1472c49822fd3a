"""An installation with many rows, filled without the use-cases: for plans and measurements."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchword.crypto.chain import START
from watchword.domain.accounts import Administrator
from watchword.domain.audit import AuditEvent
from watchword.domain.search import words_of
from watchword.storage import audit, schema
from watchword.usecases.context import Watchword

Row = dict[str, Any]
_SECOND = 1_000_000
_EVENTS = [event.value for event in AuditEvent]
_FAILURES = [(-1, AuditEvent.API_AUTH_FAIL.value), (-2, AuditEvent.PASSWORD_FAIL.value)]


def name(number: int) -> str:
    """Return the username of a number."""
    return f"name{number:06}"


def fill(app: Watchword, accounts: int, events: int, busy: Administrator) -> None:
    """Add accounts, each with a row or more in every table, and audit events, one per second
    until now.

    Half of the events came through the API, all by `busy`. A third of the rest are changes of `busy` to
    its own account. The oldest tenth is of every kind, the others are failures.
    """
    now = int(app.clock.now().timestamp()) * _SECOND
    with app.database.reading() as connection:
        first = connection.execute(sa.func.coalesce(sa.func.max(schema.administrators.c.id), 0))
        start = int(first.scalar_one()) + 1
    ids = range(start, start + accounts)
    for table, rows in {**_people(ids, now), **_opened(ids, now)}.items():
        _insert(app, table, rows)
    with app.database.engine.connect() as connection:
        _insert_events(connection, ids, now, events, busy)
    if not app.database.is_sqlite:
        _count_on(app)


def _people(ids: range, now: int) -> dict[sa.Table, Iterable[Row]]:
    return {
        schema.administrators: (
            {"id": i, "username": name(i), "username_key": name(i), "full_name": f"Full Name {i}",
                 "full_name_key": f"full name {i}", "email": f"{name(i)}@ops.example",
                 "email_key": f"{name(i)}@ops.example", "password_hash": "none", "password_set_at": now,
                 "must_change_password": False, "is_disabled": i % 10 == 0, "cred_ver": 1, "created_at": now,
                 "mfa_status": "disabled", "last_login_at": now, "last_login_address": "", "language": "", "seen_event_id": 0} for i in ids),
        schema.search_words: (
            {"word": word, "administrator_id": i} for i in ids
            for word in words_of(name(i), f"Full Name {i}", f"{name(i)}@ops.example")),
        schema.authenticators: (
            {"administrator_id": i, "kind": "totp", "name": "", "created_at": now, "secret": None,
                 "last_step": 0} for i in ids),
        schema.api_passwords: (
            {"administrator_id": i, "generation": 1, "mac": f"mac{i}", "hint": "wwp_abcd", "created_at": now,
                 "created_by": name(i), "last_used_at": None, "last_used_address": "", "last_used_client": ""} for i in ids),
        schema.login_days: (
            {"administrator_id": i, "day": now // (86_400 * _SECOND) - ago, "logins": 1, "failures": 0}
            for i in (0, *ids[::10]) for ago in range(30)),
        schema.recovery_codes: (
            {"administrator_id": i, "mac": f"{mac}-{i}", "created_at": now}
            for i in ids for mac in range(2)),
    }  # fmt: skip


def _opened(ids: range, now: int) -> dict[sa.Table, Iterable[Row]]:
    later = now + 3600 * _SECOND
    return {
        schema.sessions: (
            {"token_digest": f"session{i}", "previous_token_digest": None, "rotated_at": now,
                 "ref": "0badcafe", "administrator_id": i, "enrolment_id": None, "cred_ver": 1,
                 "created_at": now, "last_seen_at": now, "expires_at": later, "proved_at": now,
                 "proof_failures": 0, "factors": "pwd", "address": "192.0.2.1", "user_agent": "", "notice": "",
                 "must_decide": False} for i in ids),
        schema.known_browsers: (
            {"id": f"browser{i}", "token_digest": f"browser{i}", "administrator_id": i, "cred_ver": 1,
                 "created_at": now, "expires_at": later, "last_seen_at": now, "address": "",
                 "user_agent": ""} for i in ids),
        schema.enrolments: (
            {"id": f"enrolment{i}", "administrator_id": i, "secret": b"secret", "cred_ver": 1,
                 "created_at": now, "expires_at": later, "failures": 0} for i in ids),
        schema.login_attempts: (
            {"id": f"attempt{i}", "token_digest": f"attempt{i}", "administrator_id": i,
                 "enrolment_id": None, "cred_ver": 1, "created_at": now, "expires_at": later, "failures": 0,
                 "is_known_browser": False, "is_enrolment_proved": True, "return_target": "/"}
            for i in ids),
        schema.enrolment_codes: (
            {"administrator_id": i, "mac": f"code{i}", "cred_ver": 1, "expires_at": later,
             "failures": 0} for i in ids),
        schema.enrolment_browsers: (
            {"token_digest": f"enrolling{i}", "administrator_id": i, "cred_ver": 1,
             "expires_at": later} for i in ids),
        schema.api_refusals: (
            {"administrator_id": i, "kind": "regular", "address": "192.0.2.1", "client": "curl",
             "count": 1, "first_at": now, "last_at": now} for i in ids),
        schema.throttles: (
            {"kind": "password", "subject": str(i), "failures": 1, "next_allowed_at": 0,
                 "in_flight_until": 0, "drained_at": later} for i in ids),
    }  # fmt: skip


_INSERT_EVENTS = """
INSERT INTO audit_events (id, at, event, outcome, interface, actor_id, actor_name, subject_id,
  subject_name, address, user_agent, request_id, session_ref, facts, mac, node)
WITH RECURSIVE
  numbers(n) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :count),
  kinds(k, event) AS (VALUES {kinds}),
  people(n, k, who, is_api, is_busy) AS (
    SELECT n, CASE WHEN n < :count / 10 THEN n / 2 % {number_of_kinds} ELSE -1 - n % 2 END, :start + n * 7919 % :accounts, n % 2 = 0, n % 6 = 1
    FROM numbers)
SELECT :behind + n + 1, :now - (:count - n) * {second}, event, 'done',
  CASE WHEN is_api THEN 'api' WHEN n % 4 = 1 THEN 'cli' ELSE 'console' END,
  CASE WHEN is_api OR is_busy THEN :busy ELSE who END,
  CASE WHEN is_api OR is_busy THEN :busy_name ELSE 'name' || {padded} END,
  CASE WHEN is_busy THEN :busy ELSE who END,
  CASE WHEN is_busy THEN :busy_name ELSE 'name' || {padded} END,
  '192.0.2.1', 'browser', '', '0badcafe', '{{}}', '', ''
FROM people JOIN kinds ON kinds.k = people.k"""


def _insert_events(
    connection: Connection, ids: range, now: int, count: int, busy: Administrator
) -> None:
    """Insert the events before their indexes exist, which takes half of the time."""
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("BEGIN" if is_sqlite else "SET LOCAL statement_timeout = 0")
    behind = audit.newest_id(connection)
    for index in schema.audit_events.indexes:
        index.drop(connection)
    kinds = ", ".join(f"({k}, '{event}')" for k, event in [*enumerate(_EVENTS), *_FAILURES])
    names = {"kinds": kinds, "number_of_kinds": len(_EVENTS), "second": _SECOND,
             "padded": "printf('%06d', who)" if is_sqlite else "lpad(who::text, 6, '0')"}  # fmt: skip
    values = {"count": count, "start": ids[0], "accounts": len(ids), "behind": behind, "now": now,
              "busy": busy.id, "busy_name": busy.username}  # fmt: skip
    connection.execute(sa.text(_INSERT_EVENTS.format(**names)), values)
    for index in schema.audit_events.indexes:
        index.create(connection)
    end = behind + count
    # As many as ten minutes of many logins add.
    connection.execute(schema.counted_events.update().values(last_id=end - min(count, 1000)))
    # The events are older than the chain, as if an earlier version had written them.
    connection.execute(schema.audit_chain.update().values(first_id=end + 1, last_id=end, mac=START))
    connection.commit()


def _insert(app: Watchword, table: sa.Table, rows: Iterable[Row]) -> None:
    """Insert rows into the columns that the first row names."""
    rows = iter(rows)
    first = next(rows)
    how: Callable[[Any, str, list[str], Iterable[Sequence[Any]]], None]
    how = _by_many if app.database.is_sqlite else _by_copy
    values = (tuple(row.values()) for row in itertools.chain([first], rows))
    raw = app.database.engine.raw_connection()
    try:
        how(raw, table.name, list(first), values)
        raw.commit()
    finally:
        raw.close()


def _by_many(raw: Any, table: str, columns: list[str], rows: Iterable[Sequence[Any]]) -> None:
    blanks = ", ".join("?" * len(columns))
    cursor = raw.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({blanks})", rows)
    cursor.execute("COMMIT")


def _by_copy(raw: Any, table: str, columns: list[str], rows: Iterable[Sequence[Any]]) -> None:
    raw.cursor().execute("SET LOCAL statement_timeout = 0")
    with raw.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _count_on(app: Watchword) -> None:
    """Set the sequences to the largest ids, and update the planner's statistics."""
    with app.database.engine.connect() as connection:
        for table in ("administrators", "sessions"):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT max(id) FROM {table}))"
            )
        connection.commit()
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM ANALYZE")
        connection.exec_driver_sql("RESET statement_timeout")
