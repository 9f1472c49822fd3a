"""Visitors: the account behind an API password or behind a session at an application."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from watchword.crypto import tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.applications import Application
from watchword.domain.audit import Actor
from watchword.domain.basic_auth import Candidate
from watchword.domain.errors import LoginFailed, Throttled
from watchword.domain.gateway_decision import Failed, Failure, Proof, Shown, Visitor
from watchword.domain.login import Factor
from watchword.domain.roles import may_manage
from watchword.domain.secret import Secret
from watchword.domain.sessions import Session
from watchword.domain.throttle import address_kinds
from watchword.storage import account_groups, gateway_sessions, throttles
from watchword.storage.database import Connection
from watchword.storage.gateway_sessions import NewGatewaySession, StoredGatewaySession
from watchword.usecases.api import authentication
from watchword.usecases.context import Watchword
from watchword.usecases.throttling import reservations
from watchword.usecases.unit_of_work import Unit

_STRONG = frozenset({Factor.CODE.value, Factor.RECOVERY_CODE.value})


class Found(Struct, frozen=True):
    """The result of a credential, and its longest life. `session` when it is a session."""

    shown: Shown
    until: datetime | None = None
    session: StoredGatewaySession | None = None


NOT_FOUND = Found(None)


def by_api_password(
    app: Watchword, actor: Actor, candidate: Candidate, *, is_recorded: bool
) -> Found:
    """Find the account of an API password. Its use, or its failure, is recorded unless it was
    recorded before. A failure counts towards the limit of the address only, and a correct API
    password never waits.
    """
    password = candidate.password
    named = Candidate(candidate.username or authentication.username_of(app, password), password)
    try:
        caller = (
            authentication.by_api_password(app, actor, named)
            if is_recorded
            else authentication.recognised(app, named)
        )
    except LoginFailed:
        return Found(Failed(Failure.WRONG))
    except Throttled as refusal:
        return _throttled(refusal)
    if caller is None:
        throttled = _refusal_of_address(app, actor)
        return _throttled(throttled) if throttled else Found(Failed(Failure.WRONG))
    with app.database.reading() as connection:
        visitor = _visitor(connection, caller.account, Proof.API, app.clock.now())
    return Found(visitor, caller.good_until)


def _throttled(refusal: Throttled) -> Found:
    return Found(Failed(Failure.THROTTLED, int(str(refusal.facts["retry_after"]))))


def _refusal_of_address(app: Watchword, actor: Actor) -> Throttled | None:
    wanted = address_kinds(actor.address, is_shared=actor.is_shared)
    with app.database.reading() as connection:
        seen = throttles.states(connection, wanted)
    refusal = reservations.refusal_of(seen, app.clock.now())
    return refusal if isinstance(refusal, Throttled) else None


def by_session(app: Watchword, application: Application, host: str, token: str | None) -> Found:
    """Find the account of a session, which is bound to one application and host. A session of the
    console that has ended, or a change of the account's credentials, ends it.
    """
    if token is None:
        return NOT_FOUND
    owner, now = tokens.owner_of(token), app.clock.now()
    digests = app.keyring.macs(*_mac_parts(owner, application.id, host, token))
    with app.database.reading() as connection:
        found = gateway_sessions.find(connection, digests, owner)
        if found is None or not _is_alive(*found, application, host, now):
            return NOT_FOUND
        stored, account = found
        is_strong = not _STRONG.isdisjoint(stored.factors.split())
        proof = Proof.MFA if is_strong else Proof.PASSWORD
        proved_at = max(stored.logged_in_at, stored.proved_at)
        return Found(_visitor(connection, account, proof, proved_at), stored.expires_at, stored)


def of_session(connection: Connection, account: Administrator, session: Session) -> Visitor:
    """Return the visitor that a session of the console shows."""
    proof = Proof.PASSWORD if _STRONG.isdisjoint(session.factors.split()) else Proof.MFA
    return _visitor(connection, account, proof, max(session.created_at, session.proved_at))


def open_session(
    u: Unit, account: Administrator, application: Application, host: str, session_id: int
) -> Secret:
    """Open the session of a browser at an application and host, below its console session. Returns
    the token for the cookie.
    """
    token = tokens.owned_token(account.id)
    parts = _mac_parts(account.id, application.id, host, token.reveal())
    new = NewGatewaySession(
        token_digest=u.app.keyring.mac(*parts),
        application_id=application.id,
        host=host,
        session_id=session_id,
        created_at=u.now,
        expires_at=u.now + timedelta(seconds=application.absolute_seconds),
    )
    gateway_sessions.put(u.connection, new)
    return token


def _is_alive(
    stored: StoredGatewaySession,
    account: Administrator,
    application: Application,
    host: str,
    now: datetime,
) -> bool:
    idle = timedelta(seconds=application.idle_seconds)
    is_here = stored.application_id == application.id and stored.host == host
    is_fresh = now < stored.expires_at and now - stored.last_seen_at < idle
    return is_here and is_fresh and stored.cred_ver == account.cred_ver


def _mac_parts(owner: int, application_id: int, host: str, token: str) -> tuple[str, ...]:
    purpose = Token.GATEWAY_SESSION.value
    return purpose, str(owner), str(application_id), host, tokens.digest(token)


def _visitor(
    connection: Connection, account: Administrator, proof: Proof, proved_at: datetime
) -> Visitor:
    return Visitor(
        account_id=account.id,
        username=account.username,
        full_name=account.full_name,
        email=account.email,
        groups=account_groups.of_account(connection, account.id),
        is_administrator=may_manage(account.role),
        is_disabled=account.is_disabled,
        proof=proof,
        proved_at=proved_at,
    )
