"""Regular check of the audit log's chain, and what happens to its finding.

A check of the whole log takes seconds for a million events, so the server follows the chain a
few thousand events at a time and starts again at its end. What it finds is kept in the database
until an operator resolves it, because a banner can be put away and a log line is overlooked.
"""

from __future__ import annotations

from typing import Final

from watchword.crypto.chain import START
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ChainBroken, ChainMissing
from watchword.storage import audit, chain_finding
from watchword.usecases.audit import audit_log
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import bookkeeping, reading, unit

ROWS_AT_ONCE: Final = 2000
"""Checked within some hundredths of a second."""


class ChainWatch:
    """Follows the chain of one installation. Where it stands is kept in memory: whoever can write
    to the database could write it there.
    """

    def __init__(self, app: Watchword, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._app = app
        self._most = rows_at_once
        self._next: tuple[int, str] | None = None

    def step(self) -> int | None:
        """Check the next events. Returns the number of the first event that is not as it was
        written when that is new, else None. Raises ChainMissing.
        """
        try:
            self._next = self._checked()
        except ChainBroken as refusal:
            self._next = None
            event_id = int(str(refusal.facts["event_id"]))
            return event_id if note_broken(self._app, event_id) else None
        return None

    def _checked(self) -> tuple[int, str] | None:
        """Return where to go on; None at the end of the chain. Raises ChainBroken."""
        with self._app.database.reading() as connection:
            state = audit.chain_state(connection)
            if state is None:
                raise ChainMissing
            first = audit_log.beginning(connection, state)
            # What stood there may be pruned by now, or the chain started again behind it.
            at = self._next if self._next and self._next[0] > first[0] else first
            rows = audit.linked_rows(connection, at[0], self._most)
        number, mac = audit_log.linked(self._app, rows, *at)
        if len(rows) == self._most:
            return number, mac
        audit_log.ended(state, first[0], number - 1, mac)
        return None


def note_broken(app: Watchword, event_id: int) -> bool:
    """Keep the finding for Overview, metrics and doctor. False when there is one already."""
    with bookkeeping(app) as u:
        is_new = chain_finding.note_broken(u.connection, event_id, u.now)
        if is_new:
            u.record(AuditEvent.AUDIT_CHAIN_BROKEN, outcome="noticed", event_id=event_id)
    return is_new


def broken_event_id(app: Watchword, actor: Actor) -> int | None:
    """Return the first event that was found not to be as it was written; None without a finding."""
    with reading(app, actor) as connection:
        state = audit.chain_state(connection)
    return state.broken_event_id if state else None


def resolve(app: Watchword, actor: Actor) -> AuditEvent | None:
    """Resolve the finding: where the chain holds again, remove it; where it does not, start the
    chain again, so that later changes are found. Returns the event recorded, None when there is
    nothing to resolve. Raises ChainMissing.
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
