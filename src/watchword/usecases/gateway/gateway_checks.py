"""The check of one request to an application: look-up, decision, and records of both.

Its result is valid until `until`, while the epoch of the database is `epoch`. Each decision with it
is made again (domain/gateway_decision.py): another path of the same visitor can have another one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from watchword.domain.applications import Application
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.gateway_credentials import Presented
from watchword.domain.gateway_decision import (
    Decision,
    Failed,
    Failure,
    Outcome,
    Proof,
    Shown,
    Visitor,
    decide,
    needs_credential,
)
from watchword.domain.original_request import OriginalRequest
from watchword.domain.sessions import TOUCH_INTERVAL
from watchword.storage import administrators, application_entries, applications, epoch
from watchword.storage import gateway_sessions as stored_sessions
from watchword.storage.gateway_sessions import StoredGatewaySession
from watchword.usecases.audit import refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.gateway import visitors
from watchword.usecases.gateway.visitors import Found
from watchword.usecases.unit_of_work import Unit, note, unit

REMEMBERED: Final = timedelta(seconds=60)
"""Not longer than the interval at which uses are recorded."""


class Check(Struct, frozen=True):
    """The application and what the credential shows, found at an epoch, and the decision.

    `is_lasting` if the same credential shows the same until then.
    """

    application: Application | None
    shown: Shown
    decision: Decision
    epoch: int
    until: datetime
    is_lasting: bool


def check(
    app: Watchword,
    actor: Actor,
    name: str,
    request: OriginalRequest,
    given: Presented,
    *,
    is_recorded: bool = True,
) -> Check:
    """Look up the application and the credential of a request, and decide. What happens is recorded
    unless the same request was checked before. Raises DatabaseUnavailable.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        found_at = epoch.get(connection)
        application = applications.find(connection, name)
    if application is None or not needs_credential(application, request):
        decision = decide(application, request, None, now)
        return Check(application, None, decision, found_at, now + REMEMBERED, is_lasting=False)
    found = _found(app, actor, application, request, given, is_recorded=is_recorded)
    decision = decide(application, request, found.shown, now)
    if is_recorded and decision.visitor is not None:
        _record(app, actor, application, decision, decision.visitor, found.session)
    until = min(now + REMEMBERED, found.until or now + REMEMBERED)
    is_lasting = _is_lasting(given, found.shown)
    return Check(application, found.shown, decision, found_at, until, is_lasting=is_lasting)


def _is_lasting(given: Presented, shown: Shown) -> bool:
    """Return whether the result may be kept. A failure is counted each time, and a client can invent
    any number of tokens of sessions.
    """
    return isinstance(shown, Visitor) or (shown is None and given.session_token is None)


def _found(
    app: Watchword,
    actor: Actor,
    application: Application,
    request: OriginalRequest,
    given: Presented,
    *,
    is_recorded: bool,
) -> Found:
    if given.is_ambiguous:
        return Found(Failed(Failure.AMBIGUOUS))
    if given.candidate is not None:
        return visitors.by_api_password(app, actor, given.candidate, is_recorded=is_recorded)
    return visitors.by_session(app, application, request.host, given.session_token)


def _record(
    app: Watchword,
    actor: Actor,
    application: Application,
    decision: Decision,
    visitor: Visitor,
    session: StoredGatewaySession | None,
) -> None:
    if decision.outcome is Outcome.DENY:
        _record_refusal(app, actor, application, decision, visitor)
    elif decision.is_allowed:
        note(app, lambda u: _note_entry(u, actor, application, visitor, session))


def _note_entry(
    u: Unit,
    actor: Actor,
    application: Application,
    visitor: Visitor,
    session: StoredGatewaySession | None,
) -> None:
    """Record the entry, which informs only, and the time at which the session was last seen."""
    kind = "script" if visitor.proof is Proof.API else "browser"
    key = (application.id, visitor.account_id, kind)
    application_entries.note(u.connection, key, u.now, actor.address, actor.user_agent)
    if session is not None and u.now - session.last_seen_at >= TOUCH_INTERVAL:
        stored_sessions.touch(u.connection, session.id, u.now)


def _record_refusal(
    app: Watchword, actor: Actor, application: Application, decision: Decision, visitor: Visitor
) -> None:
    """Record that an account may not enter, within the rate of refused logins."""
    with unit(app, actor) as u:
        account = administrators.get(u.connection, visitor.account_id)
        facts = {"application": application.name, "reason": decision.rule.value}
        refused_logins.record(u, AuditEvent.GATEWAY_REFUSED, account, **facts)
