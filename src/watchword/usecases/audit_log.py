"""Reading the audit log: pages, exports whose reading is itself an event, and whether the chain
of its rows holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from watchword.crypto.chain import START
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ChainBroken
from watchword.storage import administrators, audit
from watchword.storage.audit import ChainState
from watchword.storage.database import Connection
from watchword.storage.listings import AuditFilter, AuditRow, audit_page, is_named
from watchword.usecases.context import Watchword
from watchword.usecases.unit import unit

EXPORT_PAGE = 1000


def page(app: Watchword, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    """Return events, newest first. An account is found as at the login, however its name is
    written; a name that stands in the log as it was asked for is taken at its word.
    """
    with app.database.reading() as connection:
        return audit_page(connection, _as_written(connection, wanted), limit)


def _as_written(connection: Connection, wanted: AuditFilter) -> AuditFilter:
    if not wanted.account or is_named(connection, wanted.account):
        return wanted
    account = administrators.find(connection, wanted.account)
    return replace(wanted, account=account.username) if account else wanted


def export(app: Watchword, actor: Actor, wanted: AuditFilter) -> Iterator[AuditRow]:
    """Yield every wanted event, newest first; that it was exported is recorded first."""
    with unit(app, actor) as u:
        u.record(AuditEvent.AUDIT_EXPORTED)
    while rows := page(app, wanted, EXPORT_PAGE):
        yield from rows
        wanted = replace(wanted, before_id=rows[-1].id)


@dataclass(frozen=True)
class Verified:
    """A chain that holds: so many events, up to this one, whose MAC is this.

    Note number and MAC elsewhere: that is how a log whose end was cut off is found out.
    """

    count: int
    first_id: int
    last_id: int
    mac: str


def verify(app: Watchword) -> Verified:
    """Follow the chain from its first event to its last. Raises ChainBroken, with the number of
    the first event that is not as it was written, or that stands where another one stood.
    """
    # All in one snapshot: events that are written meanwhile are not looked for.
    with app.database.reading() as connection:
        state = audit.chain_state(connection)
        if state is None:
            raise ChainBroken(event_id=0)
        number, mac = state.first_id, START
        while rows := audit.linked_rows(connection, number, EXPORT_PAGE):
            for row in rows:
                mac = app.chain.link(mac, row.linked)
                if row.id != number or row.mac != mac:
                    raise ChainBroken(event_id=number)
                number += 1
    return _ended(state, number - 1, mac)


def _ended(state: ChainState, last_id: int, mac: str) -> Verified:
    if (last_id, mac) != (state.last_id, state.mac):
        raise ChainBroken(event_id=min(last_id, state.last_id) + 1)
    return Verified(last_id - state.first_id + 1, state.first_id, last_id, mac)
