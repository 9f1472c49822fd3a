"""The hand-over: a login at the console opens a session at an application on another host.

    tool: no session --> console /enter?r=TICKET --> tool /.watchword/enter?c=CODE --> tool

The ticket is bound to the browser by a nonce in a cookie of the tool's host, and so is the code. So
a link from an attacker opens no session in a victim's browser. The code is used once,
within a minute.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec import Struct

from watchword.crypto import token_macs, tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.applications import Application
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.gateway_decision import ENTER_PATH, Decision, decide
from watchword.domain.original_request import OriginalRequest
from watchword.domain.secret import Secret
from watchword.storage import administrators, gateway_codes, gateway_sessions, sessions
from watchword.storage.gateway_codes import NewCode
from watchword.usecases.context import Watchword
from watchword.usecases.gateway import return_tickets, visitors
from watchword.usecases.sessions.sessions import Principal, demand_standing
from watchword.usecases.unit_of_work import Unit, bookkeeping, unit

CODE_LIFE: Final = timedelta(seconds=60)
_NO_OWNER: Final = 0
"""A code contains no account: its row names the session."""


class Entering(Struct, frozen=True):
    """The application that a browser wants to enter, the decision, and the address to open when the
    decision allows it.
    """

    application: Application
    decision: Decision
    address: str = ""


def enter(app: Watchword, actor: Actor, principal: Principal, ticket: str) -> Entering:
    """Decide whether the session may enter, and make a code if so. Raises TicketOver, SessionEnded."""
    wanted = return_tickets.read(app, ticket)
    with app.database.reading() as connection:
        visitor = visitors.of_session(connection, principal.account, principal.session)
    request = OriginalRequest("GET", wanted.host, wanted.target)
    decision = decide(wanted.application, request, visitor, app.clock.now())
    if not decision.is_allowed:
        return Entering(wanted.application, decision)
    code = tokens.token().reveal()
    with bookkeeping(app, actor) as u:
        demand_standing(u, principal)
        new = NewCode(
            code_digest=token_macs.stored(app.keyring, Token.GATEWAY_CODE, code, _NO_OWNER),
            application_id=wanted.application.id,
            host=wanted.host,
            session_id=principal.session.id,
            nonce_digest=wanted.nonce_digest,
            target=wanted.target,
            expires_at=u.now + CODE_LIFE,
        )
        gateway_codes.put(u.connection, new)
    return Entering(wanted.application, decision, f"https://{wanted.host}{ENTER_PATH}?c={code}")


def _owner_of(u: Unit, session_id: int) -> Administrator | None:
    """Return the account of a session, or None when the session is no longer valid."""
    owner = sessions.owner_of(u.connection, session_id)
    account = administrators.get(u.connection, owner.administrator_id) if owner else None
    if owner is None or account is None:
        return None
    return account if account.cred_ver == owner.cred_ver and not account.is_disabled else None


class Entered(Struct, frozen=True):
    """The token of the new session at the application, and path and query to open."""

    token: Secret
    target: str


def claim(
    app: Watchword, actor: Actor, application: Application, host: str, code: str, nonce: str
) -> Entered | None:
    """Open the session at the application, or return None when the code is not valid here."""
    digests = token_macs.candidates(app.keyring, Token.GATEWAY_CODE, code, _NO_OWNER)
    now, nonce_digest = app.clock.now(), tokens.digest(nonce)
    with bookkeeping(app, actor) as u:
        at = (application.id, host)
        claimed = gateway_codes.claim(u.connection, digests, at, nonce_digest, now)
        if claimed is None:
            return None
        account = _owner_of(u, claimed.session_id)
        if account is None:
            return None
        token = visitors.open_session(u, account, application, host, claimed.session_id)
        u.record(AuditEvent.GATEWAY_ENTERED, account, application=application.name)
        return Entered(token, claimed.target)


def leave(app: Watchword, actor: Actor, application: Application, host: str, token: str) -> bool:
    """End the session at the console that the session at the application belongs to, and with it
    all others that do. Returns whether there was one.
    """
    found = visitors.by_session(app, application, host, token)
    if found.session is None:
        return False
    with unit(app, actor) as u:
        parent = gateway_sessions.parent_of(u.connection, found.session.id)
        account = administrators.get(u.connection, tokens.owner_of(token))
        if parent is not None:
            sessions.delete(u.connection, parent)
        u.record(AuditEvent.LOGOUT, account)
    return True
