"""The unit of work: one transaction, one actor, and the audit rows of what was done.

A unit that commits without having recorded an event raises: a change that nobody can read
about in the log must not be possible. `bookkeeping` is for what is nobody's act (a counter, a
time last seen).

Transactions lock rows in one order. Otherwise two of them deadlock on PostgreSQL, and one fails:

    installation      when the set of accounts may change, or more than one account is locked
    accounts          a row of a table that refers to an account locks the account as well
    rows of accounts  enrolments before login attempts, otherwise in any order: the account is
                      locked, or the transaction locks only this one
    throttles         of accounts, names and browsers; of addresses; of refused logins; of
                      unknown names
    audit log's end   see `Unit.write`

Under the lock of an account, its rows and its throttles are locked in either order. The sweep
waits for no row that it deletes.

After the commit, and only then, each row is handed to the mirror (decision 14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent, Interface, Recorded
from watchword.domain.errors import SessionEnded
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.storage import audit
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword

NOBODY = Actor(Interface.SYSTEM)
"""The actor of what the server does itself."""
T = TypeVar("T")


@contextmanager
def reading(app: Watchword, actor: Actor) -> Iterator[Connection]:
    """Open the snapshot of a read for an actor. Raises SessionEnded when the actor may not read.

    Reads before a login (of a session, an attempt, a throttle) use the database directly.
    """
    if not actor.may_read:
        raise SessionEnded
    with app.database.reading() as connection:
        yield connection


class Unit:
    """A transaction that is open, the time it has, and who acts in it."""

    def __init__(self, app: Watchword, connection: Connection, actor: Actor) -> None:
        self.app = app
        self.connection = connection
        self.actor = actor
        self.now: datetime = app.clock.now()
        self.recorded: list[Recorded] = []
        self.counted: list[AuditEvent] = []

    def record(
        self,
        event: AuditEvent,
        subject: Administrator | None = None,
        *,
        outcome: str = "done",
        **facts: str | int,
    ) -> None:
        """Have an audit row about `subject` written at the end of this transaction.

        The fact `via` is the trusted proxy that told the address; without it the address is the
        connection's.
        """
        id_, name = (subject.id, subject.username) if subject else (None, "")
        if self.actor.via:
            facts["via"] = self.actor.via
        self.recorded.append(Recorded(event, self.now, outcome, self.actor, id_, name, facts))

    def count(self, event: AuditEvent) -> None:
        """Have an event counted by the metrics only, because too many like it were recorded."""
        self.counted.append(event)

    def write(self) -> None:
        """Write the rows. Last of all: the log's end is one row, and who holds it holds back
        everybody else's (and, held earlier, could wait for somebody who waits for it).
        """
        if self.recorded:
            audit.append(self.connection, self.recorded, self.app.node, self.app.chain.link)


def tell(app: Watchword, recorded: Sequence[Recorded]) -> None:
    """Count, and tell elsewhere, what is now committed."""
    app.tally.count((each.event.value, each.actor.interface.value) for each in recorded)
    for each in recorded:
        app.mirror(each)


def _tell(unit: Unit) -> None:
    interface = unit.actor.interface.value
    unit.app.tally.count((event.value, interface) for event in unit.counted)
    tell(unit.app, unit.recorded)


@contextmanager
def unit(app: Watchword, actor: Actor) -> Iterator[Unit]:
    """Open the transaction of one act. Raises RuntimeError when nothing was recorded."""
    with app.database.writing() as connection:
        opened = Unit(app, connection, actor)
        yield opened
        if not opened.recorded and not opened.counted:
            raise RuntimeError("a unit of work must record an event")
        opened.write()
    _tell(opened)


@contextmanager
def bookkeeping(app: Watchword) -> Iterator[Unit]:
    """Open a transaction that is nobody's act."""
    with app.database.writing() as connection:
        opened = Unit(app, connection, NOBODY)
        yield opened
        opened.write()
    _tell(opened)


def note(app: Watchword, act: Callable[[Unit], T]) -> T | None:
    """Store what only informs, such as the time of the last use, and return what `act` returns.
    None when the database cannot take it within a tenth of a second: a request that reads must
    neither fail nor wait for a note. The next request tries again.
    """
    try:
        with app.database.noting() as connection:
            opened = Unit(app, connection, NOBODY)
            result = act(opened)
            opened.write()
    except DatabaseUnavailable:
        return None
    _tell(opened)
    return result
