"""A check of the order in which transactions lock rows on PostgreSQL.

Each statement of a test is compared with the earlier ones of its transaction
(watchword/usecases/unit_of_work.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from watchword.domain.throttle import ADDRESS_KINDS, Kind
from watchword.storage.schema import metadata

INSTALLATION, ACCOUNTS, THROTTLES, CHAIN = (
    "installation", "administrators", "throttles", "audit_chain",
)  # fmt: skip
_CHANGE: Final = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
_LOCK: Final = re.compile(r"SELECT .*\sFROM (\w+).*\sFOR UPDATE(?! SKIP)", re.DOTALL)
_REFERS_TO_ACCOUNT: Final = {
    table.name for table in metadata.tables.values()
    if any(key.column.table.name == ACCOUNTS for key in table.foreign_keys)
}  # fmt: skip
_RANKS: Final[Mapping[str, int]] = {
    Kind.REFUSED_LOGINS: 2,
    Kind.UNKNOWN_NAMES: 3,
    **dict.fromkeys(ADDRESS_KINDS, 1),
}
"""Ranks of throttles; those of accounts, names and browsers come first."""


@dataclass
class Transaction:
    """The locks of one transaction so far."""

    tables: list[str] = field(default_factory=list)
    accounts: set[object] = field(default_factory=set)
    """Values of the statements that locked an account."""
    attempts_of: list[object] = field(default_factory=list)
    """The accounts of the statements about login attempts, None if the statement names none."""
    rank: int = 0
    """The highest rank of its throttles."""
    throttles_are_locked: bool = False
    """Whether it has locked throttles without waiting, so that changing them waits for nothing."""
    has_created: bool = False
    """Whether it has created an account, which no other transaction sees."""

    def wrong(self, statement: str, values: Mapping[str, Any]) -> str | None:
        """Add a statement. Returns the violation that it causes, or None."""
        change = _CHANGE.match(statement)
        # The pattern takes half a second for a long statement that it does not match.
        lock = _LOCK.match(statement) if " FOR UPDATE" in statement else None
        if "SKIP LOCKED" in statement:
            self.throttles_are_locked |= f"FROM {THROTTLES}" in statement
            return None
        if change is None and lock is None:
            return None
        table = change[2] if change else lock[1] if lock else ""
        is_insert = change is not None and change[1] == "INSERT INTO"
        found = self._wrong(table, is_insert=is_insert, is_lock=lock is not None, values=values)
        if is_insert and table in _REFERS_TO_ACCOUNT:
            self.tables.append(ACCOUNTS)
        self.tables.append(table)
        if table == "login_attempts":
            self.attempts_of.append(_account_in(values))
        return found and f"{found}: {statement}"

    def _wrong(
        self, table: str, *, is_insert: bool, is_lock: bool, values: Mapping[str, Any]
    ) -> str | None:
        if CHAIN in self.tables and not table.startswith("audit_"):
            return "after the end of the audit log"
        if table == INSTALLATION and set(self.tables) - {INSTALLATION}:
            return "the installation is not locked first"
        if table == THROTTLES:
            return self._wrong_throttle(values)
        if table == "enrolments" and not is_insert and self._has_attempt_of(values):
            return "an enrolment after a login attempt"
        if table == ACCOUNTS and is_lock and not self.has_created:
            return self._wrong_account(values)
        if table == ACCOUNTS and is_insert:
            self.has_created = True
            return None
        is_of_account = table in _REFERS_TO_ACCOUNT if is_insert else table == ACCOUNTS
        if is_of_account and ACCOUNTS not in self.tables and set(self.tables) - {INSTALLATION}:
            return "an account after other rows"
        return None

    def _has_attempt_of(self, values: Mapping[str, Any]) -> bool:
        """Return whether login attempts of the same account, or of unnamed ones, are locked."""
        account = _account_in(values)
        return any(None in (account, each) or account == each for each in self.attempts_of)

    def _wrong_throttle(self, values: Mapping[str, Any]) -> str | None:
        if self.throttles_are_locked:
            return None
        kinds = [value for name, value in values.items() if name.startswith("kind")]
        rank = max((_RANKS.get(kind.partition(":")[0], 0) for kind in kinds), default=0)
        before, self.rank = self.rank, max(self.rank, rank)
        return "a throttle before others" if rank < before else None

    def _wrong_account(self, values: Mapping[str, Any]) -> str | None:
        self.accounts.add(next(iter(values.values())))
        if len(self.accounts) > 1 and INSTALLATION not in self.tables:
            return "two accounts without the installation"
        if set(self.tables) - {INSTALLATION, ACCOUNTS}:
            return "an account after other rows"
        return None


def _account_in(values: Mapping[str, Any]) -> object:
    return next((v for name, v in values.items() if name.startswith("administrator_id")), None)


@contextmanager
def checked() -> Iterator[None]:
    """Fail at the end of the block if a transaction has locked rows in another order."""
    open_: dict[int, Transaction] = {}
    found: list[str] = []

    def note(
        connection: sa.Connection, _cursor: object, statement: str, values: object, *_rest: object
    ) -> None:
        key = id(connection.connection.dbapi_connection)
        if connection.dialect.name != "postgresql" or statement.startswith("BEGIN"):
            open_[key] = Transaction()
            return
        given = values if isinstance(values, Mapping) else {}
        if wrong := open_.setdefault(key, Transaction()).wrong(statement, given):
            found.append(wrong)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert not found, "\n".join(found)
