"""Logins that come with forwarding headers from a peer that is no trusted proxy.

Most likely that peer is a reverse proxy that the settings do not know: every client then has its
address, in the throttles and in the log. Told only after a right password, so that a stranger
cannot make the note appear by writing a header; one event for each peer and day.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from watchword.domain.accounts import Administrator
from watchword.domain.audit import Actor, AuditEvent
from watchword.storage import audit
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, reading

FRESH: Final = timedelta(days=1)


def note(u: Unit, account: Administrator) -> None:
    """Record it when this login came so, and no event of this peer is a day old or less."""
    if not u.actor.is_from_untrusted_peer:
        return
    since = u.now - FRESH
    event = AuditEvent.UNTRUSTED_PEER
    if audit.newest_address(u.connection, event, since, of=u.actor.address) is None:
        u.record(event, account)


def newest(app: Watchword, actor: Actor) -> str | None:
    """Return the address of the peer that was recorded last within a day; None without one."""
    with reading(app, actor) as connection:
        since = app.clock.now() - FRESH
        return audit.newest_address(connection, AuditEvent.UNTRUSTED_PEER, since)
