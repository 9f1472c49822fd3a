"""Console sessions: open, find and end them, and demand a recent re-authentication."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto import token_macs, tokens
from watchword.crypto.token_macs import Token
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import network_of
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import ProofNeeded, SessionEnded
from watchword.domain.login import Factor
from watchword.domain.secret import Secret
from watchword.domain.sessions import (
    MOST_SESSIONS,
    NO_PROOF,
    ROTATION_GRACE,
    TOUCH_INTERVAL,
    Session,
    end_of,
    has_recent_proof,
    is_alive,
    is_due_for_rotation,
)
from watchword.storage import administrators, audit_history
from watchword.storage import sessions as stored
from watchword.storage.database import Connection
from watchword.storage.sessions import NewSession, StoredSession
from watchword.usecases.context import Watchword
from watchword.usecases.unit_of_work import Unit, bookkeeping, note, reading, unit

REF_LENGTH: Final = 8


class Principal(Struct, frozen=True):
    """An administrator and the session of a request. `new_token` replaces the token that was sent.
    `must_decide` after a login by recovery code, until the secret is reset or kept.
    """

    session: Session
    account: Administrator
    enrolment_id: str | None
    notice: str
    token_digest: str
    must_decide: bool = False
    new_token: Secret | None = None

    @property
    def was_shown_codes(self) -> bool:
        """Whether the login that opened the session ended with recovery codes on the page."""
        is_enrolment = self.session.created_at == self.account.mfa.activated_at
        return is_enrolment or Factor.RECOVERY_CODE.value in self.session.factors


class LoggedIn(Struct, frozen=True):
    """A complete login: the tokens for the cookies, and new recovery codes if any were issued.

    `must_decide` after a login by recovery code: the secret must be reset or kept first.
    """

    username: str
    session_token: Secret
    browser_token: Secret
    return_target: str
    recovery_codes: tuple[Secret, ...] = ()
    must_decide: bool = False


def find(app: Watchword, token: str, actor: Actor | None = None) -> Principal:
    """Return the session of a cookie, used by `actor`. Raises SessionEnded.

    The time last seen is written at most once a minute. A token is replaced after an hour of use.
    The replaced token is accepted for ROTATION_GRACE, for requests that were under way, but it
    has no re-authentication.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        found = _found(app, connection, token, now)
        if found is None:
            raise SessionEnded
        account = administrators.get(connection, found.session.administrator_id)
        is_elsewhere = actor is not None and _is_elsewhere(connection, actor, found.session)
    if account is None or account.is_disabled:
        raise SessionEnded
    if not is_alive(found.session, account.cred_ver, app.limits, now):
        raise SessionEnded(cause=end_of(found.session, account.cred_ver, now))
    session = found.session
    if not found.is_current:
        session = replace(session, proved_at=NO_PROOF)
    new_token = None
    is_due = now - session.last_seen_at >= TOUCH_INTERVAL
    if is_due and (touched := note(app, partial(_touched, session, found.digest))):
        session, new_token = touched
    if actor is not None and is_elsewhere:
        _record_new_network(app, actor, session, account)
    return Principal(
        session,
        account,
        found.enrolment_id,
        found.notice,
        found.digest,
        found.must_decide,
        new_token,
    )


def _touched(session: Session, digest: str, u: Unit) -> tuple[Session, Secret | None]:
    """Store the time last seen. Returns the session, and a new token when one is due."""
    stored.touch(u.connection, session.id, u.now)
    new_token = rotated(u, session, digest) if is_due_for_rotation(session, u.now) else None
    return replace(session, last_seen_at=u.now), new_token


def _found(
    app: Watchword, connection: Connection, token: str, now: datetime
) -> StoredSession | None:
    """Return the session of a token. A token that was replaced at a future time, by a clock that
    has been set back since, has no grace.
    """
    return stored.find(
        connection,
        token_macs.candidates(app.keyring, Token.SESSION, token),
        tokens.owner_of(token),
        replaced_after=now - ROTATION_GRACE,
        replaced_before=now + ROTATION_GRACE,
    )


def _is_elsewhere(connection: Connection, actor: Actor, session: Session) -> bool:
    """Return whether no use of the session from the actor's network is recorded. The log is read
    only in another network than the one that the session was opened from.
    """
    here = network_of(actor.address)
    if actor.is_shared or here == network_of(session.address):
        return False
    recorded = audit_history.addresses_since(
        connection,
        session.administrator_id,
        [AuditEvent.SESSION_NEW_NETWORK],
        session.created_at,
        session_ref=session.ref,
    )
    return here not in {network_of(address) for address in recorded}


def _record_new_network(
    app: Watchword, actor: Actor, session: Session, account: Administrator
) -> None:
    """Record the first use of the session from a network. The session goes on: telephones and
    portable computers change networks.
    """
    known = replace(actor, id=account.id, name=account.username, session_ref=session.ref)
    event = AuditEvent.SESSION_NEW_NETWORK

    def record(u: Unit) -> None:
        # Without the session's lock, parallel requests would each record it.
        is_held = stored.hold(u.connection, session.id)
        if is_held and _is_elsewhere(u.connection, actor, session):
            u.actor = known
            u.record(event, account, opened_from=session.address)

    note(app, record)


def rotated(u: Unit, session: Session, digest: str) -> Secret | None:
    """Replace the session's token. Returns None when another request has replaced it."""
    token = tokens.owned_token(session.administrator_id)
    new = token_macs.stored(u.app.keyring, Token.SESSION, token.reveal())
    is_done = stored.rotate(u.connection, session.id, old=digest, new=new, now=u.now)
    return token if is_done else None


def start(
    u: Unit,
    account: Administrator,
    factors: frozenset[Factor],
    old_token: str | None,
    *,
    open_sessions: int = MOST_SESSIONS,
) -> Secret:
    """Open a session after a complete login, and end the browser's older one (ASVS 7.2.4).

    `open_sessions` is the number of the account's sessions, where the caller has read it under
    the account's lock.
    """
    old = old_token and _found(u.app, u.connection, old_token, u.now)
    if old:
        stored.delete(u.connection, old.session.id)
    token = tokens.owned_token(account.id)
    digest = token_macs.stored(u.app.keyring, Token.SESSION, token.reveal())
    words = " ".join(f.value for f in Factor if f in factors)
    new = NewSession(
        token_digest=digest,
        ref=digest.partition(":")[2][:REF_LENGTH],
        administrator_id=account.id,
        cred_ver=account.cred_ver,
        created_at=u.now,
        expires_at=u.now + u.app.limits.absolute,
        proved_at=u.now if u.app.limits.recent_proof else NO_PROOF,
        factors=words,
        address=u.actor.address,
        user_agent=u.actor.user_agent,
        must_decide=Factor.RECOVERY_CODE in factors,
    )
    stored.put(u.connection, new)
    is_full = open_sessions >= MOST_SESSIONS
    if is_full and (ended := stored.keep_newest(u.connection, account.id, MOST_SESSIONS)):
        u.record(AuditEvent.SESSION_LIMIT, account, ended=ended)
    u.record(AuditEvent.LOGIN, account, factors=words)
    return token


@contextmanager
def own_account(
    app: Watchword, actor: Actor, principal: Principal, *, needs_proof: bool = True
) -> Iterator[tuple[Unit, Administrator]]:
    """Open the unit of a sensitive change to the administrator's own account.

    Raises ProofNeeded without a recent re-authentication, and SessionEnded when the account was
    changed or the session was ended since the request was authenticated.
    """
    if needs_proof and not has_recent_proof(principal.session, app.limits, app.clock.now()):
        raise ProofNeeded
    with unit(app, actor) as u:
        account = administrators.get(u.connection, principal.account.id, for_change=True)
        session_ver = principal.session.cred_ver
        if account is None or account.is_disabled or account.cred_ver != session_ver:
            raise SessionEnded(cause="changed")
        demand_standing(u, principal)
        if needs_proof:
            spend_proof(u, principal)
        yield u, account


def spend_proof(u: Unit, principal: Principal) -> None:
    """Use up the re-authentication of this request, where each one serves one change. A rollback
    of the change restores it. Raises ProofNeeded when another change has used it since.
    """
    if u.app.limits.recent_proof:
        return
    if not stored.spend_proof(u.connection, principal.session.id, principal.session.proved_at):
        raise ProofNeeded


def demand_standing(u: Unit, principal: Principal) -> None:
    """Lock the session. Raises SessionEnded when it was ended since the request was authenticated:
    after the answer to "End", no request of the session may change anything.
    """
    if not stored.hold(u.connection, principal.session.id):
        raise SessionEnded


def standing(app: Watchword, actor: Actor, account: Administrator) -> list[Session]:
    """Return the account's valid sessions, the last used one first."""
    now = app.clock.now()
    with reading(app, actor, account) as connection:
        found = stored.of_account(connection, account.id)
    return [s for s in found if is_alive(s, account.cred_ver, app.limits, now)]


def keep_secret(app: Watchword, principal: Principal) -> None:
    """Keep the secret after a login by recovery code. Raises SessionEnded."""
    with bookkeeping(app) as u:
        demand_standing(u, principal)
        stored.end_decision(u.connection, principal.session.id)


def say(app: Watchword, principal: Principal, notice: str) -> None:
    """Store the name of a notice for the session's next page."""
    with bookkeeping(app) as u:
        stored.set_notice(u.connection, principal.session.id, notice)


def clear_notice(app: Watchword, principal: Principal) -> None:
    """Delete the notice that a page has shown."""
    note(app, lambda u: stored.set_notice(u.connection, principal.session.id, ""))


def logout(app: Watchword, actor: Actor, principal: Principal) -> None:
    """End the session. Raises SessionEnded when it has ended already."""
    with unit(app, actor) as u:
        demand_standing(u, principal)
        stored.delete(u.connection, principal.session.id)
        u.record(AuditEvent.LOGOUT, principal.account)
