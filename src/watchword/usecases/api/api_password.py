"""The API password: one per account, shown once, stored as a keyed MAC."""

from __future__ import annotations

from datetime import datetime

from watchword.crypto import tokens
from watchword.crypto.keyring import Keyring
from watchword.domain import api_password
from watchword.domain.accounts import Administrator
from watchword.domain.api_password import Due, Refused
from watchword.domain.audit import Actor, AuditEvent
from watchword.domain.errors import AlreadyGenerated, NothingToRevoke
from watchword.domain.secret import Secret
from watchword.storage import api_refusals, credentials
from watchword.storage.api_refusals import ApiRefusal
from watchword.storage.credentials import NewApiPassword, StoredApiPassword
from watchword.usecases.accounts import locked_by_name
from watchword.usecases.context import Watchword
from watchword.usecases.sessions.sessions import Principal, own_account
from watchword.usecases.unit_of_work import Unit, bookkeeping, reading, unit


def mac_parts(administrator_id: int, password: str) -> tuple[str, str, str]:
    """Return purpose and parts of an API password's MAC, which is bound to its account."""
    return "api-password", str(administrator_id), password


def is_right(keyring: Keyring, stored: StoredApiPassword, password: Secret) -> bool:
    """Return, in constant time, whether the password is the account's."""
    parts = mac_parts(stored.administrator_id, password.reveal())
    known = stored.mac or keyring.mac(*mac_parts(0, ""))
    return keyring.is_mac_of(known, *parts) and stored.mac is not None


def read(app: Watchword, actor: Actor, account: Administrator) -> StoredApiPassword:
    """Return the account's API password as it is stored."""
    with reading(app, actor) as connection:
        return credentials.api_password(connection, account.id)


def expires_at(app: Watchword, stored: StoredApiPassword) -> datetime | None:
    """Return the time of its expiry; None when there is none or none expires here."""
    return api_password.expires_at(stored.created_at, app.settings.api_password_max_days)


def due(app: Watchword, created_at: datetime | None, last_used_at: datetime | None) -> Due | None:
    """Return why an API password of that age needs attention, or None."""
    most = app.settings.api_password_max_days
    return api_password.due(created_at, last_used_at, most, app.clock.now())


def refusals(app: Watchword, actor: Actor, account: Administrator) -> list[ApiRefusal]:
    """Return the account's credentials that the API has refused, with address and count."""
    with reading(app, actor) as connection:
        return api_refusals.of_account(connection, account.id)


def dismiss_refusals(
    app: Watchword, principal: Principal, until: datetime, *, wrong_too: bool
) -> None:
    """Delete the counts of refusals whose last one is not later than a time."""
    sparing = None if wrong_too else Refused.WRONG
    with bookkeeping(app) as u:
        api_refusals.forget(u.connection, principal.account.id, until=until, sparing=sparing)


def kind_of_refusal(u: Unit, administrator_id: int, password: Secret) -> Refused:
    """Return whether a refused API password is a former one of the account or a wrong one."""
    macs = u.app.keyring.macs(*mac_parts(administrator_id, password.reveal()))
    is_former = credentials.is_former_api_password(u.connection, administrator_id, macs)
    return Refused.FORMER if is_former else Refused.WRONG


def generate(app: Watchword, actor: Actor, principal: Principal, *, seen: int) -> Secret:
    """Replace the API password. Raises AlreadyGenerated when the form, drawn with the generation
    `seen`, was used before; ProofNeeded; SessionEnded.
    """
    with own_account(app, actor, principal) as (u, account):
        return _generate(u, account, seen)


def revoke(app: Watchword, actor: Actor, principal: Principal) -> None:
    """Revoke the API password. Raises NothingToRevoke, ProofNeeded, SessionEnded."""
    with own_account(app, actor, principal) as (u, account):
        if not take_away(u, account):
            raise NothingToRevoke


def generate_by_operator(app: Watchword, actor: Actor, username: str) -> Secret:
    """Generate an API password for any account, from the host's command line."""
    with unit(app, actor) as u:
        return _generate(u, locked_by_name(u, username), None)


def _generate(u: Unit, account: Administrator, seen: int | None) -> Secret:
    password = tokens.new_api_password()
    new = NewApiPassword(
        mac=u.app.keyring.mac(*mac_parts(account.id, password.reveal())),
        hint=api_password.hint(password.reveal()),
        created_at=u.now,
        created_by=u.actor.name,
    )
    if not credentials.replace_api_password(u.connection, account.id, new, seen=seen):
        raise AlreadyGenerated
    u.record(AuditEvent.API_PASSWORD_GENERATED, account)
    return password


def take_away(u: Unit, account: Administrator) -> bool:
    """Revoke the account's API password in the caller's unit. Returns False without one."""
    if credentials.api_password(u.connection, account.id).mac is None:
        return False
    credentials.revoke_api_password(u.connection, account.id)
    u.record(AuditEvent.API_PASSWORD_REVOKED, account)
    return True
