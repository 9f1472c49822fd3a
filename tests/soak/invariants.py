"""Invariants of the stored rows, after the server was stopped at any moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from watchword.domain.mfa import Event, Status, transition
from watchword.storage.database import Connection

EVENTS = {
    "mfa.enable": Event.ENABLE,
    "mfa.reset": Event.RESET,
    "mfa.disable": Event.DISABLE,
    "mfa.enrol.confirmed": Event.CONFIRM,
}
CRED_VER = ("auth.password_changed", "auth.password_reset", "administrator.disabled")
GENERATION = ("api_password.generated", "api_password.revoked", "administrator.enabled")
CHILDREN = ("authenticators", "enrolments", "login_attempts", "sessions", "known_browsers",
            "recovery_codes", "api_passwords")  # fmt: skip
COUNT_OF_CODES = 8


@dataclass(frozen=True)
class Stored:
    """The stored rows of one account."""

    id: int
    username: str
    password_hash: str
    cred_ver: int
    status: str
    pending_from: str | None
    secret: bytes | None
    last_step: int
    generation: int
    mac: str | None
    recovery_codes: int


def accounts(connection: Connection) -> dict[str, Stored]:
    """Return every account by its name."""
    found = connection.exec_driver_sql(
        "SELECT a.id, a.username, a.password_hash, a.cred_ver, a.mfa_status, a.mfa_pending_from,"
        " m.secret, coalesce(m.last_step, 0), p.generation, p.mac,"
        " (SELECT count(*) FROM recovery_codes r WHERE r.administrator_id = a.id) AS codes"
        " FROM administrators a LEFT JOIN authenticators m ON m.administrator_id = a.id"
        " JOIN api_passwords p ON p.administrator_id = a.id"
    )
    return {row.username: Stored(*row) for row in found}


def broken(connection: Connection) -> list[str]:
    """Return a sentence for each violated invariant."""
    found = [*_integrity(connection), *_rows(connection)]
    for account in accounts(connection).values():
        found += [f"{account.username}: {text}" for text in _account(connection, account)]
    return found


def _integrity(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    return [text for text in found if text != "ok"] + [f"orphan {row}" for row in orphans]


def _rows(connection: Connection) -> list[str]:
    all_accounts = "(SELECT count(*) FROM administrators)"
    rules = {
        **{f"{table}: rows without their account":
           f"SELECT count(*) FROM {table} WHERE administrator_id NOT IN"
           " (SELECT id FROM administrators)" for table in CHILDREN},
        "api_passwords: not one row for each account":
           f"SELECT count(*) - {all_accounts} FROM api_passwords",
        **{f"{table}: rows of another cred_ver":
           f"SELECT count(*) FROM {table} t JOIN administrators a ON a.id = t.administrator_id"
           " WHERE t.cred_ver <> a.cred_ver"
           for table in ("sessions", "login_attempts", "enrolments")},
    }  # fmt: skip
    return [rule for rule, sql in rules.items() if connection.exec_driver_sql(sql).scalar_one()]


def _account(connection: Connection, stored: Stored) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT event, actor_id = subject_id AS own FROM audit_events"
        f" WHERE subject_id = {stored.id} ORDER BY id"
    )
    events = [(row.event, bool(row.own)) for row in rows]
    count = Counter(event for event, _ in events)
    replayed, codes = replay(events)
    was_active = "active" in {stored.status, stored.pending_from}
    changes = sum(count[name] for name in (*EVENTS, *CRED_VER))
    generations = sum(count[name] for name in GENERATION)
    expected: dict[str, tuple[Any, Any]] = {
        "a secret is stored if and only if MFA is active": (
            stored.secret is not None, stored.status == "active"),
        "recovery codes exist only for an account that is or was active": (
            stored.recovery_codes > 0 and not was_active, False),
        "the status follows from the log": (replayed.value, stored.status),
        "the recovery codes follow from the log": (codes, stored.recovery_codes),
        "cred_ver follows from the log": (1 + changes, stored.cred_ver),
        "the API password follows from the log": (generations, stored.generation),
    }  # fmt: skip
    return [
        f"{rule}: {logged} {kept}" for rule, (logged, kept) in expected.items() if logged != kept
    ]


def replay(events: list[tuple[str, bool]]) -> tuple[Status, int]:
    """Return the status and the number of recovery codes that follow from the logged events.

    Each event says whether the owner of the account caused it: a reset by another administrator
    deletes the codes.
    """
    status, codes = Status.DISABLED, 0
    for name, is_own in events:
        if name in EVENTS:
            status = transition(status, EVENTS[name]).to
        codes = {"recovery.generated": COUNT_OF_CODES, "recovery.used": codes - 1,
                 "mfa.disable": 0, "mfa.reset": codes if is_own else 0}.get(name, codes)  # fmt: skip
    return status, codes
