"""Regular check of the audit log's chain, and its finding.

A check of the whole log takes seconds for a million events, so the server checks a few thousand
events at a time and starts again at the end. A finding is stored until an operator resolves it,
because banners can be dismissed and log lines overlooked.
"""

from __future__ import annotations

from typing import Final

from watchword.crypto.chain import START
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ChainBroken, ChainMissing
from watchword.storage import audit, chain_finding
from watchword.storage.database import Connection
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping, reading, unit

ROWS_AT_ONCE: Final = 2000
"""Checking this number takes some hundredths of a second."""


class ChainWatch:
    """Checks the chain of one installation. The position is kept in memory, where an attacker who
    can write to the database cannot change it.
    """

    def __init__(self, app: Watchword, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._app = app
        self._most = rows_at_once
        self._next: tuple[int, str] | None = None

    def step(self) -> int | None:
        """Check the next events. Returns the number of the first changed event if that is a new
        finding, otherwise None. Raises ChainMissing.
        """
        try:
            self._next = self._checked()
        except ChainBroken as refusal:
            self._next = None
            event_id = int(str(refusal.facts["event_id"]))
            return event_id if note_broken(self._app, event_id) else None
        return None

    def _checked(self) -> tuple[int, str] | None:
        """Return the next position; None at the end of the chain. Raises ChainBroken."""
        with self._app.database.reading() as connection:
            state = audit.chain_state(connection)
            if state is None:
                raise ChainMissing
            first = audit_log.beginning(connection, state)
            # Events at the position may have been pruned, or the chain started again after it.
            at = self._next if self._next and self._next[0] > first[0] else first
            rows = audit.linked_rows(connection, at[0], self._most)
        number, mac = audit_log.linked(self._app, rows, *at)
        if len(rows) == self._most:
            return number, mac
        audit_log.ended(state, first[0], number - 1, mac)
        return None


def note_broken(app: Watchword, event_id: int) -> bool:
    """Store the finding for Overview, metrics and doctor. Returns False if there is one already."""
    with bookkeeping(app) as u:
        is_new = chain_finding.note_broken(u.connection, event_id, u.now)
        if is_new:
            u.record(AuditEvent.AUDIT_CHAIN_BROKEN, outcome="noticed", event_id=event_id)
    return is_new


def broken_event_id(app: Watchword, actor: Actor) -> int | None:
    """Return the number of the first changed event that was found; None without a finding."""
    with reading(app, actor) as connection:
        return finding(connection)


def finding(connection: Connection) -> int | None:
    """Return the same from an open snapshot."""
    state = audit.chain_state(connection)
    return state.broken_event_id if state else None


def resolve(app: Watchword, actor: Actor) -> AuditEvent | None:
    """Resolve the finding. Returns the recorded event, or None without a finding.

    If the chain is valid again, the finding is removed. Otherwise the chain starts again, so that
    later changes are found. Raises ChainMissing.
    """
    found = broken_event_id(app, actor)
    try:
        audit_log.verify(app, actor)
    except ChainBroken as refusal:
        found, event = int(str(refusal.facts["event_id"])), AuditEvent.AUDIT_CHAIN_RESTARTED
    else:
        if found is None:
            return None
        event = AuditEvent.AUDIT_CHAIN_ACCEPTED
    is_restarted = event is AuditEvent.AUDIT_CHAIN_RESTARTED
    with unit(app, actor) as u:
        chain_finding.resolve(u.connection, restart_at=START if is_restarted else None)
        u.record(event, event_id=found)
    return event
