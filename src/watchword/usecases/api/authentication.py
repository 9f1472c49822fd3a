"""Authentication of requests at the Management API.

                      MFA disabled    MFA pending or active
  regular password    accepted        refused
  API password        accepted        accepted

The regular password of an account with MFA is always refused, after the same work and with the
same answer as any other refusal. It is not counted, so that a script with an old password closes
no account.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from watchword.crypto.passwords import Hashing
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import Refused, hint, network_of
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.basic_auth import Candidate, Credentials
from watchword.domain.errors import LoginFailed
from watchword.domain.secret import Secret
from watchword.domain.sessions import TOUCH_INTERVAL
from watchword.domain.throttle import address_kinds
from watchword.storage import (
    administrators,
    api_callers,
    api_refusals,
    audit_history,
    credentials,
    epoch,
)
from watchword.storage.api_refusals import MOST_OF_A_CLIENT
from watchword.storage.credentials import StoredApiPassword
from watchword.storage.database import Connection
from watchword.usecases.api import api_password, regular_password
from watchword.usecases.audit import proxy_warnings, refused_logins
from watchword.usecases.context import Watchword
from watchword.usecases.throttling import reservations
from watchword.usecases.unit_of_work import Unit, note, unit

_RECORDED_USES = (AuditEvent.API_PASSWORD_FIRST_USE, AuditEvent.API_PASSWORD_NEW_NETWORK)


class Credential(StrEnum):
    """The kind of credential that authenticated a caller."""

    PASSWORD = "password"
    API_PASSWORD = "api_password"


class Caller(Struct, frozen=True):
    """An authenticated caller, as found at an epoch of the database. `good_until` is the expiry of
    the credential, or None.
    """

    account: Administrator
    credential: Credential
    epoch: int
    good_until: datetime | None = None
    mac: str | None = None
    """MAC of the API password."""

    def __repr__(self) -> str:
        return f"Caller({self.account.username}, {self.credential.value})"


def authenticate(app: Watchword, actor: Actor, given: Credentials) -> Hashing[Caller]:
    """Return the caller of the credentials. Raises LoginFailed, Throttled, LoginInProgress, Busy."""
    if given.is_api_password and given.ends_in_newline:
        raise _with_newline(app, actor, given.candidates[0])
    if given.is_api_password:
        return by_api_password(app, actor, given.candidates[0])
    with app.database.reading() as connection:
        found_at = epoch.get(connection)
    account = yield from regular_password.enter(app, actor, given)
    return Caller(account, Credential.PASSWORD, found_at)


def refreshed(app: Watchword, caller: Caller) -> Caller | None:
    """Return the caller as found now, or None when its credential is no longer accepted."""
    with app.database.reading() as connection:
        account, stored, found_at = api_callers.get(connection, caller.account.id)
    if account is None or not _is_accepted(app, caller, account, stored):
        return None
    return replace(caller, account=account, epoch=found_at)


def demand_valid(u: Unit, caller: Caller) -> Administrator:
    """Check the credential again in the transaction that acts. Locks the caller's account, so
    that a revocation either comes first or waits for this transaction. Returns the account.

    Raises LoginFailed.
    """
    id_ = caller.account.id
    account = administrators.get(u.connection, id_, for_change=True)
    # A statement of its own: one that waits for the lock would read the API password before it.
    stored = credentials.api_password(u.connection, id_)
    if account is None or not _is_accepted(u.app, caller, account, stored):
        raise LoginFailed
    return account


def _is_accepted(
    app: Watchword, caller: Caller, account: Administrator | None, stored: StoredApiPassword
) -> bool:
    if account is None or account.is_disabled:
        return False
    if caller.credential is Credential.PASSWORD:
        return account.cred_ver == caller.account.cred_ver and not account.mfa.is_enabled
    # Since the caller was authenticated, the API password may have been replaced and kept.
    present = stored.of_mac(caller.mac) if caller.mac is not None else None
    return present is not None and not api_password.is_expired(app, present)


def by_api_password(app: Watchword, actor: Actor, candidate: Candidate) -> Caller:
    """Look up an API password. A correct one needs no throttle, so that other clients cannot keep
    a script waiting. A wrong one counts towards the limit of its address.
    """
    now = app.clock.now()
    account, given, found_at = _looked_up(app, candidate)
    if account is None or account.is_disabled or given is None:
        raise _refusal(app, actor, account, candidate)
    if api_password.is_expired(app, given):
        raise _refusal(app, actor, account, candidate, "api-password-expired")
    if _is_worth_a_note(app, actor, given, now) and not _note_use(app, actor, account, given):
        raise _refusal(app, actor, account, candidate)
    good_until = api_password.expires_at(app, given)
    return Caller(account, Credential.API_PASSWORD, found_at, good_until, given.mac)


def recognised(app: Watchword, candidate: Candidate) -> Caller | None:
    """Return the caller of an API password without recording or counting anything, or None."""
    account, given, found_at = _looked_up(app, candidate)
    if (
        account is None
        or account.is_disabled
        or given is None
        or api_password.is_expired(app, given)
    ):
        return None
    end = api_password.expires_at(app, given)
    return Caller(account, Credential.API_PASSWORD, found_at, end, given.mac)


def username_of(app: Watchword, password: Secret) -> str:
    """Return the username of the account with this API password; "" for an unknown one."""
    with app.database.reading() as connection:
        found = api_callers.by_hint(connection, hint(password.reveal()))
    matches = (
        name for name, stored in found if api_password.matching(app.keyring, stored, password)
    )
    return next(matches, "")


def _looked_up(
    app: Watchword, candidate: Candidate
) -> tuple[Administrator | None, StoredApiPassword | None, int]:
    """Return the account, which of its API passwords was given (the current or the old one), and
    the epoch.

    The statement and the MACs are the same for an unknown name.
    """
    with app.database.reading() as connection:
        account, stored, found_at = api_callers.find(connection, candidate.username)
    return account, api_password.matching(app.keyring, stored, candidate.password), found_at


def _with_newline(app: Watchword, actor: Actor, candidate: Candidate) -> LoginFailed:
    """Refuse an API password followed by a line break, and count it for its owner if it is correct.
    A wrong one is not counted, like any malformed header.
    """
    account, right, _found_at = _looked_up(app, candidate)
    if account is not None and right is not None:
        id_ = account.id
        note(app, lambda u: api_refusals.note(u.connection, id_, Refused.NEWLINE, actor, u.now))
    return LoginFailed()


def _is_worth_a_note(
    app: Watchword, actor: Actor, stored: StoredApiPassword, now: datetime
) -> bool:
    """Return whether the last recorded use is a minute old, or this one is from a new network. The
    audit log is read only when the last recorded use came from another network.
    """
    if stored.last_used_at is None or now - stored.last_used_at >= TOUCH_INTERVAL:
        return True
    if _is_where_last_used(actor, stored):
        return False
    with app.database.reading() as connection:
        return _is_from_new_network(connection, actor, stored)


def _note_use(
    app: Watchword, actor: Actor, account: Administrator, stored: StoredApiPassword
) -> bool:
    """Record the use. Returns False when the password was revoked or replaced since it was looked
    up, and True also when the database cannot store the use now.
    """

    def noted(u: Unit) -> bool:
        # A parallel request may have recorded a use since: without its address, both would
        # record the same network as new. Or the API password was replaced and kept.
        now = stored
        place = (actor.address, actor.user_agent[:MOST_OF_A_CLIENT], u.now)
        while not credentials.note_api_password_use(u.connection, now, *place):
            row = credentials.api_password(u.connection, account.id, for_change=True)
            present = row.of_mac(str(stored.mac))
            if present is None:
                return False
            now = present
        event = _event_of_use(u.connection, actor, now)
        u.actor = actor.known_as(account)
        proxy_warnings.note(u, account)
        if event is not None:
            u.record(event, account, **({"password": "old"} if now.ends_at else {}))
        return True

    return note(app, noted) is not False


def _event_of_use(
    connection: Connection, actor: Actor, stored: StoredApiPassword
) -> AuditEvent | None:
    if stored.last_used_at is None:
        return AuditEvent.API_PASSWORD_FIRST_USE
    is_new = _is_from_new_network(connection, actor, stored)
    return AuditEvent.API_PASSWORD_NEW_NETWORK if is_new else None


def _is_from_new_network(connection: Connection, actor: Actor, stored: StoredApiPassword) -> bool:
    """Return whether no use of this API password from that network is recorded."""
    if stored.created_at is None or _is_where_last_used(actor, stored):
        return False
    known = audit_history.addresses_since(
        connection, stored.administrator_id, _RECORDED_USES, stored.created_at
    )
    return network_of(actor.address) not in {network_of(address) for address in known}


def _is_where_last_used(actor: Actor, stored: StoredApiPassword) -> bool:
    return network_of(actor.address) == network_of(stored.last_used_address)


def _refusal(
    app: Watchword,
    actor: Actor,
    account: Administrator | None,
    candidate: Candidate,
    reason: str = "api-password",
) -> LoginFailed:
    held = reservations.reserve(app, address_kinds(actor.address, is_shared=actor.is_shared))
    with unit(app, actor) as u:
        reservations.settle(u.connection, held, is_right=False)
        # The statements are the same for an unknown name, because ids start at 1.
        id_ = account.id if account else 0
        kind = api_password.kind_of_refusal(u, id_, candidate.password)
        if reason == "api-password-expired":
            kind = Refused.FORMER
        api_refusals.note(u.connection, id_, kind, actor, u.now)
        refused_logins.record(u, AuditEvent.API_AUTH_FAIL, account, reason=reason)
    return LoginFailed()
