"""The unit of work: one transaction, one actor, and the audit rows of the changes.

A unit that records no event raises, so that no change is missing from the log. `bookkeeping` is
for changes without an acting person, such as a counter or a time last seen.

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

After the commit each row is passed to the mirror (decision 14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent, Interface, Recorded
from watchword.domain.errors import NotAnAdministrator, SessionEnded
from watchword.domain.operational_errors import DatabaseUnavailable
from watchword.storage import audit
from watchword.storage.audit import ChainEnd
from watchword.storage.database import Connection
from watchword.usecases.context import Watchword

SERVER = Actor(Interface.SYSTEM)
"""The actor of the server's own work."""
T = TypeVar("T")


def demand_manager(actor: Actor) -> None:
    """Raise SessionEnded without a login, and NotAnAdministrator for a member."""
    if not actor.may_manage:
        raise SessionEnded if actor.id is None else NotAnAdministrator


@contextmanager
def reading(app: Watchword, actor: Actor, own: Administrator | None = None) -> Iterator[Connection]:
    """Open the snapshot of a read for an actor. A member reads only its `own` account. Raises
    SessionEnded without a login, NotAnAdministrator.

    Reads before a login (of a session, an attempt, a throttle) use the database directly.
    """
    if own is None or own.id != actor.id:
        demand_manager(actor)
    with app.database.reading() as connection:
        yield connection


class Unit:
    """An open transaction with its time and its actor."""

    def __init__(self, app: Watchword, connection: Connection, actor: Actor) -> None:
        self.app = app
        self.connection = connection
        self.actor = actor
        self.now: datetime = app.clock.now()
        self.recorded: list[Recorded] = []
        self.counted: list[AuditEvent] = []
        self.chain_end: ChainEnd | None = None

    def record(
        self,
        event: AuditEvent,
        subject: Administrator | None = None,
        *,
        outcome: str = "done",
        **facts: str | int,
    ) -> None:
        """Add an audit row about `subject`, written at the end of this transaction.

        The fact `via` is the trusted proxy that reported the address.
        """
        id_, name = (subject.id, subject.username) if subject else (None, "")
        if self.actor.via:
            facts["via"] = self.actor.via
        self.recorded.append(Recorded(event, self.now, outcome, self.actor, id_, name, facts))

    def count(self, event: AuditEvent) -> None:
        """Count an event in the metrics only, because too many of its kind were recorded."""
        self.counted.append(event)

    def write(self) -> None:
        """Write the rows at the end of the transaction. This locks the single row of the chain;
        locking it earlier would block other writers for longer and could deadlock.
        """
        if self.recorded:
            app = self.app
            seen = app.chain_ends.last
            self.chain_end = audit.append(
                self.connection, self.recorded, app.node, app.chain.link, seen
            )


def publish(app: Watchword, recorded: Sequence[Recorded]) -> None:
    """Count committed events and pass them to the mirror."""
    app.tally.count((each.event.value, each.actor.interface.value) for each in recorded)
    for each in recorded:
        app.mirror(each)


def _publish(unit: Unit) -> None:
    if unit.chain_end is not None:
        unit.app.chain_ends.last = unit.chain_end
    interface = unit.actor.interface.value
    unit.app.tally.count((event.value, interface) for event in unit.counted)
    publish(unit.app, unit.recorded)


@contextmanager
def unit(app: Watchword, actor: Actor) -> Iterator[Unit]:
    """Open the transaction of one action. Raises RuntimeError when no event was recorded."""
    with app.database.writing() as connection:
        opened = Unit(app, connection, actor)
        yield opened
        if not opened.recorded and not opened.counted:
            raise RuntimeError("a unit of work must record an event")
        opened.write()
    _publish(opened)


@contextmanager
def bookkeeping(app: Watchword, actor: Actor = SERVER) -> Iterator[Unit]:
    """Open a transaction of the server's own work, which may record no event. `actor` has started
    the work.
    """
    with app.database.writing() as connection:
        opened = Unit(app, connection, actor)
        yield opened
        opened.write()
    _publish(opened)


def note(app: Watchword, act: Callable[[Unit], T]) -> T | None:
    """Store information that decides nothing, such as the time of the last use.

    Returns the result of `act`, or None when the database does not accept it within a tenth of a
    second: a request that reads must neither fail nor wait for a note. The next request retries.
    """
    try:
        with app.database.noting() as connection:
            opened = Unit(app, connection, SERVER)
            result = act(opened)
            opened.write()
    except DatabaseUnavailable:
        return None
    _publish(opened)
    return result
