"""Ending the administrator's own sessions."""

from __future__ import annotations

from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import AlreadySo
from watchword.storage import sessions as stored
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, own_account


def end(app: Watchword, actor: Actor, principal: Principal, session_id: int) -> None:
    """End one of the actor's own sessions. Raises AlreadySo when it is not one of them."""
    with own_account(app, actor, principal) as (u, account):
        own = {s.id for s in stored.of_account(u.connection, account.id)}
        if session_id not in own or not stored.delete(u.connection, session_id):
            raise AlreadySo(act="end-session")
        u.record(AuditEvent.SESSION_ENDED, account, reason="by-owner", count=1)


def end_others(app: Watchword, actor: Actor, principal: Principal) -> int:
    """End all of the actor's sessions except this one. Returns their number."""
    with own_account(app, actor, principal) as (u, account):
        count = stored.delete_all_of(u.connection, account.id, sparing=principal.session.id)
        u.record(AuditEvent.SESSION_ENDED, account, reason="others-by-owner", count=count)
        return count
